// SPDX-License-Identifier: MIT
// A schedulable context: a client's thread, a kworker or an interrupt thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/prng.h"
#include "os/context.h"
#include "os/latency.h"
#include "os/run_queue.h"
#include "os/spec.h"
#include "os/task.h"

namespace gpusim::os {

enum class ThreadState : std::uint8_t {
  created,
  waking,    ///< woken, its wake latency runs
  runnable,  ///< in the run queue
  running,   ///< on a CPU
  blocked,
  finished,
};

/// What a blocked thread waits for, for the stall report.
struct BlockedOn {
  enum class Kind : std::uint8_t { nothing, fence, syncobj, lock, time, work, ring_space, reply, other };
  Kind kind = Kind::nothing;
  const char* what = "";
  std::uint64_t a = 0;       ///< fence: context; syncobj: its number
  std::uint64_t b = 0;       ///< fence: seqno; syncobj: point
  bool is_killable = false;  ///< TASK_KILLABLE or TASK_INTERRUPTIBLE: Thread::kill() ends the sleep
};

class Thread final : public Context {
 public:
  using Body = std::function<Task<>(Context&)>;

  Thread(Host& host, ContextKind kind, std::uint32_t number, std::string name, SchedClass sched_class,
         Latency wake_latency, Body body);

  [[nodiscard]] std::uint32_t number() const { return number_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] SchedClass sched_class() const { return sched_class_; }
  [[nodiscard]] ThreadState state() const { return state_; }
  /// Of its nice value (run_queue.h), for a thread of class normal that has not run yet.
  void set_weight(std::uint32_t weight) { fair_.weight = weight; }
  [[nodiscard]] const BlockedOn& blocked_on() const { return blocked_on_; }

  /// Makes a blocked (or new) thread runnable after its wake latency. No effect on a thread that is not blocked.
  void wake();

  /// SIGKILL: wakes it from a killable sleep, now and later. What it does then is up to who sleeps there. No effect on
  /// other sleeps. Any context; never waits.
  void kill();
  /// fatal_signal_pending()
  [[nodiscard]] bool is_killed() const { return killed_; }

  /// The same without its latency, for a caller that has already waited that long. Called from a Timeline entry.
  void wake_now();

  /// The end of a timed sleep; whether with the latency says the host's dispatch model. Called from a Timeline entry.
  void wake_by_timer();

  /// Suspends the running thread; wake() ends it. The caller has paid its step, or pays after the wake-up.
  class BlockAwaiter {
   public:
    BlockAwaiter(Thread& thread, BlockedOn reason) : thread_{thread}, reason_{reason} {}
    [[nodiscard]] bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> caller) { thread_.block(caller, reason_); }
    void await_resume() const {}

   private:
    Thread& thread_;
    BlockedOn reason_;
  };
  [[nodiscard]] BlockAwaiter blocked(BlockedOn reason) { return BlockAwaiter{*this, reason}; }

 private:
  friend class Cpu;
  friend class Host;
  friend class RunQueue;

  [[nodiscard]] bool is_asleep() const { return state_ == ThreadState::blocked || state_ == ThreadState::created; }
  void block(std::coroutine_handle<> caller, BlockedOn reason);
  void become_runnable();

  std::uint32_t number_;
  std::string name_;
  SchedClass sched_class_;
  Latency wake_latency_;
  Prng wake_draws_;
  Body body_function_;
  Task<> body_;
  ThreadState state_ = ThreadState::created;
  BlockedOn blocked_on_;
  bool killed_ = false;
  Picoseconds remaining_{0};  // of the step that was cut off by a preemption
  FairShare fair_;
  Cpu* chosen_ = nullptr;       // while it wakes: where it is expected
  Thread* next_ = nullptr;      // in the run queue
  Thread* previous_ = nullptr;  // the same
};

/// The thread behind a context that may sleep. Violates "sleeping_in_atomic" for a hard IRQ.
[[nodiscard]] Thread& thread_of(Context& ctx, const char* what);

}  // namespace gpusim::os
