// SPDX-License-Identifier: MIT
#include "scheduler/reservation.h"

namespace gpusim::sched {

void Reservation::collect(Usage usage, std::vector<FenceRef>& out) const {
  for (const Entry& entry : entries_) {
    if (entry.usage <= usage) out.push_back(entry.fence);
  }
}

void Reservation::add(const FenceRef& fence, Usage usage, bool replaces) {
  if (replaces) {
    std::erase_if(entries_, [](const Entry& e) { return e.usage == Usage::read || e.usage == Usage::write; });
  }
  for (Entry& entry : entries_) {
    if (entry.usage != usage || entry.fence->context() != fence->context()) continue;
    if (entry.fence->seqno() < fence->seqno()) entry.fence = fence;
    return;
  }
  entries_.push_back({fence, usage});
}

}  // namespace gpusim::sched
