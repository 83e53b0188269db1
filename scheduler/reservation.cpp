// SPDX-License-Identifier: MIT
#include "scheduler/reservation.h"

namespace gpusim::sched {

void Reservation::collect(Usage usage, std::vector<FenceRef>& out) const {
  for (const Entry& entry : entries_) {
    if (entry.usage <= usage) out.push_back(entry.fence);
  }
}

void Reservation::add(const FenceRef& fence, Usage usage) {
  for (Entry& entry : entries_) {
    const bool is_earlier =
        entry.fence->context() == fence->context() && entry.usage >= usage && entry.fence->seqno() <= fence->seqno();
    if (!is_earlier && !entry.fence->is_signaled()) continue;
    entry = {fence, usage};
    return;
  }
  entries_.push_back({fence, usage});
}

}  // namespace gpusim::sched
