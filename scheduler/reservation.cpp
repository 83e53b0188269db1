// SPDX-License-Identifier: MIT
#include "scheduler/reservation.h"

namespace gpusim::sched {

void Reservation::collect(bool for_write, std::vector<FenceRef>& out) const {
  if (writer_) out.push_back(writer_);
  if (for_write) out.insert(out.end(), readers_.begin(), readers_.end());
}

void Reservation::add(const FenceRef& fence, bool write) {
  if (write) {
    writer_ = fence;
    readers_.clear();
    return;
  }
  for (FenceRef& reader : readers_) {
    if (reader->context() != fence->context()) continue;
    reader = fence;
    return;
  }
  readers_.push_back(fence);
}

}  // namespace gpusim::sched
