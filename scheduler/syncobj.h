// SPDX-License-Identifier: MIT
// drm_syncobj: a fence that can be replaced (binary), or a timeline of points, each a node of a dma_fence_chain
// (drivers/gpu/drm/drm_syncobj.c). Who looks for a point that nobody has submitted yet can ask to be called when there
// is one (syncobj_wait_entry, syncobj_eventfd_entry): under the syncobj's lock, in the context that adds it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "os/lockdep.h"
#include "scheduler/fence.h"

namespace gpusim::sched {

/// Waits for a syncobj to have a fence for a point. Lives in the object that waits; registered at most once.
class SyncobjWaiter {
 public:
  /// There is one now, which find_fence() gives: it stays the one that is waited for, whatever the syncobj has later.
  /// No longer registered. Under the syncobj's lock; any context; never waits.
  virtual void on_fence_added(os::Context& ctx, FenceRef fence) = 0;

 protected:
  ~SyncobjWaiter() = default;
};

class Syncobj {
 public:
  /// `number`: for the trace only.
  explicit Syncobj(FenceArena& fences, std::uint32_t number = 0) : fences_{fences}, number_{number} {}

  /// drm_syncobj_replace_fence(): the syncobj is binary from here on. Empty: drm_syncobj_reset. Any context.
  void replace_fence(os::Context& ctx, FenceRef fence);
  /// drm_syncobj_add_point(). A point that is not above all earlier ones begins another fence context, and the kernel
  /// only prints a debug message ("You are adding an unorder point to timeline"): here it is counted. Any context.
  void add_point(os::Context& ctx, std::uint64_t point, FenceRef fence);
  [[nodiscard]] std::uint32_t unordered_points() const { return unordered_points_; }

  /// drm_syncobj_find_fence(): the node of the first point at or above `point`, which stands for all points up to
  /// there; point 0: the last one, or the binary fence. Empty: everything up to there has signalled. -EINVAL: no such
  /// point yet.
  [[nodiscard]] Result<FenceRef> find_fence(std::uint64_t point);

  /// For reports: what a node of its chain waits for; nullptr: it is not one of its nodes.
  [[nodiscard]] const Fence* find_blocker(std::uint64_t context, std::uint64_t seqno) const;

  /// Calls the waiter once find_fence(point) is no -EINVAL any more. Pre: it is now. Any context.
  void add_waiter(os::Context& ctx, SyncobjWaiter& waiter, std::uint64_t point);
  /// Nothing if it is not registered (any more). Any context.
  void remove_waiter(os::Context& ctx, const SyncobjWaiter& waiter);

 private:
  struct Waiting {
    SyncobjWaiter* waiter;
    std::uint64_t point;
  };
  [[nodiscard]] os::LockClass lock(os::Context& ctx);
  void call_waiters(os::Context& ctx);

  FenceArena& fences_;
  std::uint32_t number_;
  std::optional<os::LockClass> lock_;
  FenceRef head_;
  std::uint32_t unordered_points_ = 0;
  std::vector<Waiting> waiters_;
};

}  // namespace gpusim::sched
