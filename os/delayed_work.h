// SPDX-License-Identifier: MIT
// delayed_work: a work item that a timer queues. What a submission component's timeout detection is made of.
#pragma once

#include <cstdint>

#include "base/timeline.h"
#include "os/spec.h"
#include "os/workqueue.h"

namespace gpusim::os {

/// The moment at which a timer armed `now` with `delay` expires.
[[nodiscard]] SimTime timer_expiry(SimTime now, Picoseconds delay, TimerGranularity granularity);

/// Lives in the object it works for; not destroyed while armed or queued.
class DelayedWork {
 public:
  /// As Work. The timer's own interrupt costs no CPU time.
  DelayedWork(Workqueue& workqueue, Work::Function function, void* self, WorkKind kind, std::uint32_t queue);
  DelayedWork(const DelayedWork&) = delete;
  DelayedWork& operator=(const DelayedWork&) = delete;

  /// mod_delayed_work(): (re)arms the timer; takes an item that has expired but not begun off the workqueue again; a
  /// delay of zero queues at once. Any context. True if it was armed or queued before.
  bool modify(Context& ctx, Picoseconds delay);

  /// cancel_delayed_work(): any context. True if it was armed or queued.
  bool cancel(Context& ctx);

  /// cancel_delayed_work_sync(): and sleeps until the item does not run. Context: may sleep, not the item's own.
  [[nodiscard]] Task<bool> cancel_sync(Context& ctx);

  [[nodiscard]] bool is_armed() const;
  [[nodiscard]] bool is_pending() const { return is_armed() || work_.is_queued(); }
  /// When the timer expires; pre: is_armed().
  [[nodiscard]] SimTime expiry() const { return expiry_; }

 private:
  void on_expiry();
  bool take_off();

  Workqueue& workqueue_;
  Work work_;
  Timeline::Handle timer_;
  SimTime expiry_{};
};

}  // namespace gpusim::os
