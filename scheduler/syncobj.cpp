// SPDX-License-Identifier: MIT
#include "scheduler/syncobj.h"

#include <algorithm>

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

Errno Syncobj::find_fence(std::uint64_t point, FenceRef& fence) const {
  const auto found = std::find_if(points_.begin(), points_.end(), [&](const Point& p) { return p.value >= point; });
  if (found == points_.end()) return Errno::noent;
  fence = found->fence;
  return Errno::ok;
}

}  // namespace gpusim::sched
