// SPDX-License-Identifier: MIT
#include "traces/oracles/ring_overrun.h"

#include <algorithm>

#include "base/grown.h"

namespace gpusim::trace {

EventSet RingOverrun::kinds() const {
  return events({EventKind::ring_write, EventKind::job_end, EventKind::dma_fence_signaled});
}

void RingOverrun::on_event(const Event& event) {
  if (event.kind == EventKind::ring_write) return on_write(event);
  if (event.kind == EventKind::dma_fence_signaled && event.c == 0) return;
  free_entry(event.job);
}

void RingOverrun::on_write(const Event& event) {
  Entry& entry = entries_.find_or_insert(event.job);
  if (entry.index != kNotWritten) free_below(entry);
  entry = {event.a, event.queue};
  const std::uint64_t needed = event.a + 1 - std::min(event.a + 1, grown(free_, event.queue));
  if (needed <= event.c) return;
  fail(event, "entry " + std::to_string(event.a) + " of " + queue_text(event.queue) + ", written for " +
                  job_text(event.job) + ", overwrote entry " + std::to_string(event.a - event.c) +
                  ", whose job had not ended; the ring holds " + std::to_string(event.c));
}

void RingOverrun::free_entry(std::uint64_t job) {
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
