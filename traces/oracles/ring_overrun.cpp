// SPDX-License-Identifier: MIT
#include "traces/oracles/ring_overrun.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/grown.h"
#include "traces/event/handlers.h"

namespace gpusim::trace {

void RingOverrun::attach_to(Recorder& recorder) { attach_handlers(*this, recorder); }

void RingOverrun::on(const ring_write& event) {
  Entry& entry = entries_.find_or_insert(event.job);
  if (entry.index != kNotWritten) free_below(entry);
  entry = {event.index, event.queue};
  const std::uint64_t needed = event.index + 1 - std::min(event.index + 1, grown(free_, event.queue));
  if (needed <= event.capacity) return;
  fail(event.time,
       fmt::format("entry {} of {}, written for {}, overwrote entry {}, whose job had not ended; the ring holds {}",
                   event.index, queue_text(event.queue), job_text(event.job), event.index - event.capacity,
                   event.capacity));
}

void RingOverrun::on(const job_end& event) { free_entry(event.job); }

void RingOverrun::on(const dma_fence_signaled& event) {
  if (event.error != Errno::ok) free_entry(event.job);
}

void RingOverrun::free_entry(JobId job) {
  const Entry* entry = entries_.find(job);
  if (entry == nullptr) return;
  free_below(*entry);
  entries_.erase(job);
}

void RingOverrun::free_below(const Entry& entry) {
  std::uint64_t& free = grown(free_, entry.queue);
  free = std::max(free, entry.index + 1);
}

}  // namespace gpusim::trace
