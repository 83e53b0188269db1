// SPDX-License-Identifier: MIT
#include "os/sync.h"

#include "os/delayed_work.h"
#include "os/dispatch_model.h"
#include "os/host.h"

namespace gpusim::os {

Task<> sleep_until(Context& ctx, SimTime when) {
  Thread& thread = thread_of(ctx, "sleep");
  co_await ctx.step();
  if (when <= ctx.now()) co_return;
  Host& host = ctx.host();
  host.timeline().schedule<&Thread::wake_by_timer>(when, host.dispatch().timer_phase(), host.component(), &thread);
  co_await thread.blocked({BlockedOn::Kind::time, "a timer", 0, 0});
}

Task<> sleep_in_user_mode(Context& ctx, SimTime when) {
  co_await ctx.step();
  co_await block_until(ctx, {BlockedOn::Kind::time, "a timer", 0, 0, true}, when);
}

Task<> block_until(Context& ctx, BlockedOn reason, std::optional<SimTime> deadline) {
  Thread& thread = thread_of(ctx, reason.what);
  if ((deadline && *deadline <= ctx.now()) || (reason.is_killable && thread.is_killed())) co_return;
  Host& host = ctx.host();
  Timeline::Handle timer;
  if (deadline) {
    timer = host.timeline().schedule<&Thread::wake_by_timer>(*deadline, host.dispatch().timer_phase(), host.component(),
                                                             &thread);
  }
  co_await thread.blocked(reason);
  if (deadline) host.timeline().cancel(timer);
}

SimTime timeout_end(const Context& ctx, Picoseconds timeout) {
  return timer_expiry(ctx.now(), timeout, ctx.host().spec().timer);
}

Task<> sleep_jiffies(Context& ctx, Picoseconds time) {
  co_await ctx.step();
  co_await sleep_until(ctx, timeout_end(ctx, time));
}

void WaitQueue::wake_all(Context& ctx) {
  for (std::size_t i = 0; i < sleepers_.size(); ++i) ctx.charge(ctx.host().spec().wake_up);
  wake_all_uncharged();
}

void WaitQueue::wake_all_uncharged() {
  for (Thread* thread : sleepers_) thread->wake();
  sleepers_.clear();
}

Timeline::Handle WaitQueue::arm_timer(Thread& thread, SimTime deadline) {
  Host& host = thread.host();
  return host.timeline().schedule<&Thread::wake_by_timer>(deadline, host.dispatch().timer_phase(), host.component(),
                                                          &thread);
}

void WaitQueue::end_timed_wait(Thread& thread, Timeline::Handle timer) {
  thread.host().timeline().cancel(timer);
  std::erase(sleepers_, &thread);  // still there if the timer woke it
}

bool Mutex::LockAwaiter::await_ready() {
  Thread& thread = thread_of(ctx_, "mutex_lock");
  ctx_.host().lockdep().acquire(ctx_.held_locks, mutex_.class_);
  ++ctx_.host().counters().mutex_locks;
  ctx_.charge(ctx_.host().spec().mutex_op);
  if (mutex_.owner_ != nullptr) return false;
  mutex_.owner_ = &thread;
  return true;
}

void Mutex::LockAwaiter::await_suspend(std::coroutine_handle<> caller) {
  Thread& thread = static_cast<Thread&>(ctx_);
  mutex_.waiters_.push_back(&thread);
  // What was charged on the way here is paid after the wake-up.
  thread.blocked({BlockedOn::Kind::lock, ctx_.host().lockdep().name(mutex_.class_).c_str(), 0, 0})
      .await_suspend(caller);
}

void Mutex::unlock(Context& ctx) {
  ctx.host().lockdep().release(ctx.held_locks, class_);
  ctx.charge(ctx.host().spec().mutex_op);
  if (waiters_.empty()) {
    owner_ = nullptr;
    return;
  }
  owner_ = waiters_.pop_front();
  ctx.charge(ctx.host().spec().wake_up);
  owner_->wake();
}

HeldMutexes::~HeldMutexes() noexcept(false) {
  if (first_ == nullptr || ctx_.is_cut_off()) return;
  first_->unlock(ctx_);
  for (Mutex* mutex : rest_) mutex->unlock(ctx_);
}

namespace {

std::uint64_t& counter(HostCounters& counters, SpinKind kind) {
  switch (kind) {
    case SpinKind::fence:
      return counters.fence_locks;
    case SpinKind::wait:
      return counters.wait_locks;
    case SpinKind::plain:
    case SpinKind::irq:
      break;
  }
  return counters.spin_locks;
}

}  // namespace

SpinSection::SpinSection(Context& ctx, LockClass lock, SpinKind kind)
    : ctx_{ctx}, class_{lock}, irqs_off_{kind != SpinKind::plain} {
  Host& host = ctx_.host();
  if (irqs_off_) ++ctx_.irqs_off_depth;
  host.lockdep().acquire(ctx_.held_locks, class_,
                         ctx_.kind() == ContextKind::hard_irq ? LockUsage::in_irq
                         : ctx_.irqs_off_depth != 0           ? LockUsage::irqs_off
                                                              : LockUsage::irqs_on);
  ++counter(host.counters(), kind);
  ctx_.charge(irqs_off_ ? host.spec().irq_spinlock_op : host.spec().spinlock_op);
  ++ctx_.spin_depth;
}

SpinSection::~SpinSection() {
  --ctx_.spin_depth;
  if (irqs_off_) --ctx_.irqs_off_depth;
  ctx_.host().lockdep().release(ctx_.held_locks, class_);
}

}  // namespace gpusim::os
