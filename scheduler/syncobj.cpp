// SPDX-License-Identifier: MIT
#include "scheduler/syncobj.h"

namespace gpusim::sched {

Errno Syncobj::add_point(std::uint64_t point, const FenceRef& fence) {
  if (point == 0) {
    points_.clear();
  } else if (!points_.empty() && points_.back().value >= point) {
    return Errno::inval;
  }
  points_.push_back({point, fence});
  return Errno::ok;
}

Errno Syncobj::collect(std::uint64_t point, std::vector<FenceRef>& out) const {
  if (points_.empty() || points_.back().value < point) return Errno::inval;
  for (const Point& each : points_) {
    out.push_back(each.fence);
    if (point != 0 && each.value >= point) break;
  }
  return Errno::ok;
}

}  // namespace gpusim::sched
