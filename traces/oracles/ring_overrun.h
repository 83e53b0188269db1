// SPDX-License-Identifier: MIT
// The driver writes no ring entry over one that the device may still need: an entry is free again when the job that it
// belongs to has ended, was given up with an error, or was written anew after a reset.
#pragma once

#include <cstdint>
#include <vector>

#include "base/id_window.h"
#include "traces/oracles/oracle.h"

namespace gpusim::trace {

class RingOverrun final : public Oracle {
 public:
  explicit RingOverrun(const Names& names) : Oracle{"ring_overrun", names} {}
  void attach_to(Recorder& recorder) override;
  void on(const ring_write& event);
  void on(const job_end& event);
  void on(const dma_fence_signaled& event);

 private:
  static constexpr std::uint64_t kNotWritten = ~std::uint64_t{0};
  struct Entry {
    std::uint64_t index = kNotWritten;
    QueueId queue;
  };
  void free_entry(JobId job);
  void free_below(const Entry& entry);

  IdWindow<Entry> entries_;          ///< by job
  std::vector<std::uint64_t> free_;  ///< by queue: entries below this index are not needed any more
};

}  // namespace gpusim::trace
