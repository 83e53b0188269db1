// SPDX-License-Identifier: MIT
// The wait for points of syncobjs, as drm_syncobj_array_wait_timeout() does it: one entry for each point, which is
// called when the point is submitted and when its fence signals; after each wake-up it looks at all of them again. The
// eventfds of DRM_IOCTL_SYNCOBJ_EVENTFD are called in the same places, so they differ in system calls only.
// Not modelled: an eventfd that outlives the poll.
#pragma once

#include <deque>

#include "host_driver/uapi.h"
#include "os/thread.h"
#include "scheduler/syncobj.h"

namespace gpusim::drv {

class PointWaiter {
 public:
  /// Lives as long as the wait. `syncobjs` gives the syncobj of each point.
  template <class Syncobjs>
  PointWaiter(os::Context& ctx, const PointWait& wait, Syncobjs syncobjs)
      : wait_{wait}, thread_{os::thread_of(ctx, "drm_syncobj_array_wait_timeout")} {
    for (const SyncPoint& point : wait.points) entries_.emplace_back(*this, point, syncobjs(point.syncobj));
  }
  PointWaiter(const PointWaiter&) = delete;
  PointWaiter& operator=(const PointWaiter&) = delete;

  /// Errors as Uapi::wait_points().
  [[nodiscard]] os::Task<Errno> wait(os::Context& ctx);

 private:
  class Entry final : private sched::FenceCallback, private sched::SyncobjWaiter {
   public:
    Entry(PointWaiter& owner, const SyncPoint& point, sched::Syncobj& syncobj)
        : owner_{owner}, point_{point}, syncobj_{syncobj} {}

    /// Is it what is waited for? Otherwise it calls when it may be.
    [[nodiscard]] bool look(os::Context& ctx);
    void stop(os::Context& ctx);
    [[nodiscard]] os::BlockedOn reason() const;

   private:
    sched::FenceRelay on_fence_signaled(os::Context& ctx, sched::Fence& fence) override;
    void on_fence_added(os::Context& ctx, sched::FenceRef fence) override;
    void bind(sched::FenceRef fence);

    PointWaiter& owner_;
    SyncPoint point_;
    sched::Syncobj& syncobj_;
    sched::FenceRef fence_;  // empty: the point is not submitted, or all up to it has signalled
    bool is_bound_ = false;  // to the fence that the syncobj had when there was one first
    bool is_done_ = false;
    bool is_waiting_ = false;  // for the point to be submitted
  };

  [[nodiscard]] bool is_over(os::Context& ctx);
  void wake(os::Context& ctx);

  const PointWait& wait_;
  os::Thread& thread_;
  std::deque<Entry> entries_;
  const Entry* open_ = nullptr;  // the first one that is not done
};

}  // namespace gpusim::drv
