// SPDX-License-Identifier: MIT
// dma_resv: who has used a buffer, for implicit synchronisation. Fences are kept by usage; asking for one usage gives
// everything of it and of the stronger ones (enum dma_resv_usage: KERNEL, WRITE, READ, BOOKKEEP in that order). Its
// ww-mutex is its owner's. Reserving slots, which may fail, is not modelled.
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

/// What a user of the buffer waits for: dma_resv_usage_rw() for implicit synchronisation; a move (`kernel`) for
/// everybody; `bookkeep` for moves only.
[[nodiscard]] constexpr Usage awaited_usage(Usage use) {
  switch (use) {
    case Usage::kernel:
      return Usage::bookkeep;
    case Usage::write:
      return Usage::read;
    case Usage::read:
      return Usage::write;
    case Usage::bookkeep:
      break;
  }
  return Usage::kernel;
}

class Reservation {
 public:
  /// Appends the fences of `usage` and of all stronger ones.
  void collect(Usage usage, std::vector<FenceRef>& out) const;
  /// What an implicitly synchronised user has to wait for.
  void collect(bool for_write, std::vector<FenceRef>& out) const { collect(implicit_usage(for_write), out); }

  /// dma_resv_add_fence() (drivers/dma-buf/dma-resv.c, since 5.19): takes the place of the first fence that has
  /// signalled, or that is an earlier one of the same context and of the same or a weaker usage; else it is one more.
  /// A writer leaves the readers of other contexts where they are.
  void add(const FenceRef& fence, Usage usage);
  void add(const FenceRef& fence, bool write) { add(fence, write ? Usage::write : Usage::read); }

 private:
  struct Entry {
    FenceRef fence;
    Usage usage;
  };
  std::vector<Entry> entries_;
};

}  // namespace gpusim::sched
