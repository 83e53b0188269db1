// SPDX-License-Identifier: MIT
// dma_resv: who has used a buffer, for implicit synchronisation. Fences are kept by usage; asking for one usage gives
// everything of it and of the stronger ones (enum dma_resv_usage: KERNEL, WRITE, READ, BOOKKEEP in that order). At most
// one fence per fence context and usage is kept, the later one (dma_resv_add_fence()). Its ww-mutex is its owner's.
#pragma once

#include <cstdint>
#include <vector>

#include "scheduler/fence.h"

namespace gpusim::sched {

enum class Usage : std::uint8_t {
  kernel,  ///< moves of the buffer itself: every user waits for them
  write,
  read,
  bookkeep,  ///< not part of implicit synchronisation
};

/// dma_resv_usage_rw(): what an implicitly synchronised user has to wait for.
[[nodiscard]] constexpr Usage implicit_usage(bool write) { return write ? Usage::read : Usage::write; }

class Reservation {
 public:
  /// Appends the fences of `usage` and of all stronger ones.
  void collect(Usage usage, std::vector<FenceRef>& out) const;
  /// What an implicitly synchronised user has to wait for.
  void collect(bool for_write, std::vector<FenceRef>& out) const { collect(implicit_usage(for_write), out); }

  /// Adds a user. An implicitly synchronised writer has waited for all earlier readers and writers, so it replaces them
  /// (`replaces`).
  void add(const FenceRef& fence, Usage usage, bool replaces = false);
  void add(const FenceRef& fence, bool write) { add(fence, write ? Usage::write : Usage::read, write); }

 private:
  struct Entry {
    FenceRef fence;
    Usage usage;
  };
  std::vector<Entry> entries_;
};

}  // namespace gpusim::sched
