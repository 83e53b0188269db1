// SPDX-License-Identifier: MIT
// Sleeping and locking of the modelled kernel: wait queues, completions, mutexes, spinlock sections, timed sleep.
#pragma once

#include <coroutine>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/fifo.h"
#include "base/timeline.h"
#include "os/context.h"
#include "os/lockdep.h"
#include "os/task.h"
#include "os/thread.h"

namespace gpusim::os {

/// Sleeps until `when` (hrtimer; the timer interrupt itself costs nothing). Returns at once if it has passed.
/// Context: may sleep. Unpaid costs are paid first.
[[nodiscard]] Task<> sleep_until(Context& ctx, SimTime when);
/// The same of a thread in user mode (clock_nanosleep()): a kill ends it.
[[nodiscard]] Task<> sleep_in_user_mode(Context& ctx, SimTime when);
/// One sleep, which wake() ends, or `deadline`; if `reason` is killable, a kill, too. Returns at once if the deadline
/// has passed or the kill has come. Context: may sleep, with nothing unpaid.
[[nodiscard]] Task<> block_until(Context& ctx, BlockedOn reason, std::optional<SimTime> deadline);
/// msleep(): a timer of the wheel, so it sleeps longer (HostSpec::timer). Context: may sleep. Unpaid costs are paid
/// first.
[[nodiscard]] Task<> sleep_jiffies(Context& ctx, Picoseconds time);
/// When schedule_timeout() returns that begins now.
[[nodiscard]] SimTime timeout_end(const Context& ctx, Picoseconds timeout);

/// Threads that sleep until they are woken because a condition may have changed.
class WaitQueue {
 public:
  /// Sleeps until `condition()` holds; it is tested first after unpaid costs are paid, then after each wake-up,
  /// atomically with going to sleep. Context: may sleep.
  template <class Condition>
  [[nodiscard]] Task<> wait(Context& ctx, BlockedOn reason, Condition condition) {
    Thread& thread = thread_of(ctx, reason.what);
    for (;;) {
      co_await ctx.step();
      if (condition()) break;
      sleepers_.push_back(&thread);
      co_await thread.blocked(reason);
    }
    if (thread.is_killed()) std::erase(sleepers_, &thread);  // the kill woke it
  }

  /// The same, but at `deadline` it gives up. False if the condition did not hold then. wait_event_timeout() is that
  /// with timeout_end().
  template <class Condition>
  [[nodiscard]] Task<bool> wait_until(Context& ctx, BlockedOn reason, SimTime deadline, Condition condition) {
    Thread& thread = thread_of(ctx, reason.what);
    for (;;) {
      co_await ctx.step();
      if (condition()) co_return true;
      if (ctx.now() >= deadline) co_return false;
      sleepers_.push_back(&thread);
      const Timeline::Handle timer = arm_timer(thread, deadline);
      co_await thread.blocked(reason);
      end_timed_wait(thread, timer);
    }
  }

  /// Any context. Charges wake_up for each thread woken; never waits.
  void wake_all(Context& ctx);
  /// The same from outside any context (the end of a modelled timer); costs no CPU time.
  void wake_all_uncharged();
  [[nodiscard]] bool has_sleepers() const { return !sleepers_.empty(); }

 private:
  static Timeline::Handle arm_timer(Thread& thread, SimTime deadline);
  void end_timed_wait(Thread& thread, Timeline::Handle timer);

  std::vector<Thread*> sleepers_;
};

/// A sleeping lock, handed over in order of arrival. The uncontended path costs one mutex_op each way and no
/// suspension.
class Mutex {
 public:
  explicit Mutex(LockClass lock_class) : class_{lock_class} {}

  class LockAwaiter {
   public:
    LockAwaiter(Mutex& mutex, Context& ctx) : mutex_{mutex}, ctx_{ctx} {}
    [[nodiscard]] bool await_ready();
    void await_suspend(std::coroutine_handle<> caller);
    void await_resume() const {}

   private:
    Mutex& mutex_;
    Context& ctx_;
  };

  /// Context: may sleep. `co_await mutex.lock(ctx)`.
  [[nodiscard]] LockAwaiter lock(Context& ctx) { return LockAwaiter{*this, ctx}; }
  void unlock(Context& ctx);
  [[nodiscard]] bool is_locked() const { return owner_ != nullptr; }

 private:
  LockClass class_;
  Thread* owner_ = nullptr;
  Fifo<Thread*> waiters_;
};

/// Mutexes that a context holds up to the end of a scope; given back in the order in which they came. A context that is
/// cut off gives none back.
class HeldMutexes {
 public:
  explicit HeldMutexes(Context& ctx) : ctx_{ctx} {}
  ~HeldMutexes() noexcept(false);  // a wake-up may be a choice, and that may end the run
  HeldMutexes(const HeldMutexes&) = delete;
  HeldMutexes& operator=(const HeldMutexes&) = delete;

  /// Pre: the context has just taken it.
  void adopt(Mutex& mutex) {
    if (first_ == nullptr) {
      first_ = &mutex;
    } else {
      rest_.push_back(&mutex);
    }
  }

 private:
  Context& ctx_;
  Mutex* first_ = nullptr;  // apart, so that holding a single one allocates nothing
  std::vector<Mutex*> rest_;
};

/// Which lock a section is under: what it costs and where it is counted.
enum class SpinKind : std::uint8_t {
  plain,  ///< spin_lock()
  irq,    ///< spin_lock_irqsave(): of a lock that hard interrupts take, too
  fence,  ///< spin_lock_irqsave() of a dma_fence's lock
  wait,   ///< the same of a wait queue's or a completion's
};

/// A spinlock's critical section. Code between steps is atomic, so no context ever spins: the section charges the
/// lock's cost, checks the lock order and interrupts, and forbids sleeping and steps inside.
class SpinSection {
 public:
  SpinSection(Context& ctx, LockClass lock, SpinKind kind = SpinKind::plain);
  ~SpinSection();
  SpinSection(const SpinSection&) = delete;
  SpinSection& operator=(const SpinSection&) = delete;

 private:
  Context& ctx_;
  LockClass class_;
  bool irqs_off_;
};

}  // namespace gpusim::os
