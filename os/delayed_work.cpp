// SPDX-License-Identifier: MIT
#include "os/delayed_work.h"

#include "os/dispatch_model.h"
#include "os/host.h"

namespace gpusim::os {

SimTime timer_expiry(SimTime now, Picoseconds delay, TimerGranularity granularity) {
  if (granularity == TimerGranularity::exact) return now + delay;
  const std::int64_t jiffy = kJiffy.count();
  const std::int64_t base = now.time_since_epoch().count() / jiffy;
  const std::int64_t ticks = (delay.count() + jiffy - 1) / jiffy;
  std::int64_t expires = base + ticks;
  if (granularity == TimerGranularity::wheel) {
    // Level n has 64 slots of 8^n jiffies; the slot after the one that the expiry falls into.
    constexpr int kLevels = 9;
    int level = 0;
    while (level + 1 < kLevels && ticks >= (std::int64_t{63} << (3 * level))) ++level;
    const std::int64_t slot = std::int64_t{1} << (3 * level);
    expires = (expires / slot + 1) * slot;
  }
  return SimTime{Picoseconds{expires * jiffy}};
}

DelayedWork::DelayedWork(Workqueue& workqueue, Work::Function function, void* self, WorkKind kind, std::uint32_t queue)
    : workqueue_{workqueue}, work_{function, self, kind, queue} {}

bool DelayedWork::is_armed() const { return workqueue_.host().timeline().is_pending(timer_); }

bool DelayedWork::take_off() {
  const bool armed = workqueue_.host().timeline().cancel(timer_);
  return workqueue_.cancel(work_) || armed;
}

bool DelayedWork::modify(Context& ctx, Picoseconds delay) {
  const bool was_pending = take_off();
  if (delay.count() == 0) {
    workqueue_.queue(ctx, work_);
    return was_pending;
  }
  Host& host = workqueue_.host();
  ctx.charge(host.spec().timer_op);
  expiry_ = timer_expiry(ctx.now(), delay, host.spec().timer);
  timer_ =
      host.timeline().schedule<&DelayedWork::on_expiry>(expiry_, host.dispatch().timer_phase(), host.component(), this);
  return was_pending;
}

bool DelayedWork::cancel(Context& ctx) {
  ctx.charge(workqueue_.host().spec().timer_op);
  return take_off();
}

Task<bool> DelayedWork::cancel_sync(Context& ctx) {
  ctx.check_may_sleep("cancel_delayed_work_sync");
  const bool was_pending = cancel(ctx);
  co_await workqueue_.flush(ctx, work_);
  co_return was_pending;
}

void DelayedWork::on_expiry() { workqueue_.queue_uncharged(work_); }

}  // namespace gpusim::os
