// SPDX-License-Identifier: MIT
// drm_syncobj with a timeline: points that stand for fences, each a later moment of one timeline (dma_fence_chain). A
// binary syncobj is the point 0.
#pragma once

#include <cstdint>
#include <vector>

#include "base/errno.h"
#include "scheduler/fence.h"

namespace gpusim::sched {

class Syncobj {
 public:
  /// drm_syncobj_add_point(): `point` is above all earlier ones (-EINVAL otherwise). Point 0: replaces the fence
  /// (drm_syncobj_replace_fence()).
  [[nodiscard]] Errno add_point(std::uint64_t point, const FenceRef& fence);

  /// drm_syncobj_find_fence(): what the first point at or above `point` stands for, point 0: the last one. A point is
  /// passed when its fence and those of all points before it have signalled (dma_fence_chain), so it is all of these.
  /// -EINVAL: no such point yet.
  [[nodiscard]] Errno collect(std::uint64_t point, std::vector<FenceRef>& out) const;

 private:
  struct Point {
    std::uint64_t value;
    FenceRef fence;
  };
  std::vector<Point> points_;  // ascending
};

}  // namespace gpusim::sched
