// SPDX-License-Identifier: MIT
// drm_syncobj: a fence that can be replaced (binary), or a timeline of points, each a node of a dma_fence_chain
// (drivers/gpu/drm/drm_syncobj.c).
#pragma once

#include <cstdint>

#include "base/result.h"
#include "scheduler/fence.h"

namespace gpusim::sched {

class Syncobj {
 public:
  explicit Syncobj(FenceArena& fences) : fences_{fences} {}

  /// drm_syncobj_replace_fence(): the syncobj is binary from here on.
  void replace_fence(FenceRef fence) { head_ = std::move(fence); }
  /// drm_syncobj_add_point(). A point that is not above all earlier ones begins another fence context, and the kernel
  /// only prints a debug message ("You are adding an unorder point to timeline"): here it is counted.
  void add_point(os::Context& ctx, std::uint64_t point, FenceRef fence);
  [[nodiscard]] std::uint32_t unordered_points() const { return unordered_points_; }

  /// drm_syncobj_find_fence(): the node of the first point at or above `point`, which stands for all points up to
  /// there; point 0: the last one, or the binary fence. Empty: everything up to there has signalled. -EINVAL: no such
  /// point yet.
  [[nodiscard]] Result<FenceRef> find_fence(std::uint64_t point);

 private:
  FenceArena& fences_;
  FenceRef head_;
  std::uint32_t unordered_points_ = 0;
};

}  // namespace gpusim::sched
