// SPDX-License-Identifier: MIT
// The context in which host code runs: a client's syscall, a worker, a threaded or a hard interrupt. Every function of
// the modelled kernel takes its Context. Costs are charged, then paid:
//   ctx.charge(cost);        adds up
//   co_await ctx.step();     spends the sum on the context's CPU; here, and only here, another context can get in
// Between steps code is atomic. A step with nothing to pay does not suspend. In an exploration steps may take longer,
// and other contexts may run at race points: docs/exploration.md.
#pragma once

#include <algorithm>
#include <array>
#include <coroutine>
#include <cstdint>
#include <string>

#include "base/choice.h"
#include "base/cost.h"
#include "base/invariant.h"
#include "os/lockdep.h"
#include "traces/event/recorder.h"

namespace gpusim::os {

class Cpu;
class Host;
class Thread;

enum class ContextKind : std::uint8_t { task, worker, irq_thread, hard_irq };

class Context {
 public:
  Context(Host& host, ContextKind kind);
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  [[nodiscard]] Host& host() const { return host_; }
  [[nodiscard]] ContextKind kind() const { return kind_; }
  [[nodiscard]] std::uint16_t cpu_number() const;
  [[nodiscard]] std::uint32_t thread_number() const;
  [[nodiscard]] SimTime now() const;
  /// "kworker/u:1 on cpu 2".
  [[nodiscard]] std::string describe() const;

  void charge(const Cost& cost) {
    unpaid_ = std::min(unpaid_ + cost.value, kLongestSum);
    ledger_.charge(cost);
  }

  class StepAwaiter {
   public:
    explicit StepAwaiter(Context& context) : context_{context} {}
    [[nodiscard]] bool await_ready() const { return context_.unpaid_.count() == 0 && context_.choices_ == nullptr; }
    /// False: the time has already passed, because nothing else was due until then.
    bool await_suspend(std::coroutine_handle<> caller) { return context_.pay(caller); }
    void await_resume() const {}

   private:
    Context& context_;
  };
  [[nodiscard]] StepAwaiter step() { return StepAwaiter{*this}; }

  /// How many steps with this cost alone could be taken in a row without anything else in the machine in between. None
  /// if something is unpaid, or in an exploration, where each step is a choice.
  [[nodiscard]] std::uint64_t undisturbed_steps(const Cost& cost) const;
  /// The same as `charge(cost); co_await step();` so often, in no time for the simulator.
  /// Pre: count <= undisturbed_steps(cost).
  void take_steps(const Cost& cost, std::uint64_t count);

  class RaceAwaiter {
   public:
    RaceAwaiter(Context& context, const ChoicePlace& place, bool atomic)
        : context_{context}, place_{place}, atomic_{atomic} {}
    [[nodiscard]] bool await_ready() const { return context_.choices_ == nullptr; }
    bool await_suspend(std::coroutine_handle<> caller) { return context_.race(caller, place_, atomic_); }
    void await_resume() const {}

   private:
    Context& context_;
    ChoicePlace place_;
    bool atomic_;
  };
  /// For places where the modelled code reads, without a lock, what others may change: `co_await
  /// ctx.race_point("what");`. Does nothing in a normal run. In an exploration other contexts may run here: it takes
  /// time, or the thread is preempted. Any context, but no spinlock section (violates "sleeping_in_atomic"); a hard
  /// interrupt only spends time.
  [[nodiscard]] RaceAwaiter race_point(const ChoicePlace& place) { return RaceAwaiter{*this, place, false}; }
  /// The same inside a spinlock section, for what other CPUs may read without the lock meanwhile: takes time, without
  /// preemption. Pre: whoever takes that lock waits until the section has ended.
  [[nodiscard]] RaceAwaiter atomic_race_point(const ChoicePlace& place) { return RaceAwaiter{*this, place, true}; }
  [[nodiscard]] bool is_explored() const { return choices_ != nullptr; }

  /// Records the event with this context's CPU and thread.
  void emit(trace::Event event) const;

  /// Violates "sleeping_in_atomic" if this context may not sleep now: hard IRQ, or a spinlock held.
  void check_may_sleep(const char* what) const;

  /// Before an allocation that may wait for memory to be reclaimed, as GFP_KERNEL does: reclaim can wait for fences
  /// (mmu notifiers, shrinkers), so it may not happen in atomic context, nor where a fence's signal depends on it.
  /// Violates "reclaim_in_signalling". Documentation/driver-api/dma-buf.rst, cross-driver contract.
  void check_may_reclaim(const char* what) const;

  /// Whether this allocation of memory fails; only ever in an exploration.
  [[nodiscard]] bool allocation_fails(const ChoicePlace& place) {
    return choices_ != nullptr && choices_->choose(ChoiceKind::fault, place, 2) != 0;
  }

  // Between arm and push, and in everything that leads to a fence's signal, a context may not wait for a fence.
  void begin_signalling() { ++signalling_depth_; }
  void end_signalling() { --signalling_depth_; }
  [[nodiscard]] bool is_signalling() const { return signalling_depth_ > 0; }

  /// The run has ended under it: a violation unwinds its frames, or the host goes. What destructors in its frames would
  /// give back, they keep then: it would be one more event, or one more choice, of a run that is over.
  [[nodiscard]] bool is_cut_off() const;

  HeldLocks held_locks;
  std::uint32_t spin_depth = 0;
  std::uint32_t irqs_off_depth = 0;  ///< sections with interrupts switched off

 protected:
  ~Context() = default;
  friend class Cpu;
  friend class Thread;

  bool pay(std::coroutine_handle<> caller);
  bool race(std::coroutine_handle<> caller, const ChoicePlace& place, bool atomic);
  bool spend(std::coroutine_handle<> caller, Picoseconds extra, bool atomic = false);

  Host& host_;
  CostLedger& ledger_;
  ChoiceSource* choices_;  // nullptr: a normal run
  ContextKind kind_;
  Cpu* cpu_ = nullptr;  // the CPU it runs on, or ran on last
  std::uint32_t signalling_depth_ = 0;
  Picoseconds unpaid_{0};
  std::coroutine_handle<> resume_point_;
};

/// A CPU's interrupt context. Handlers do not nest.
class IrqContext final : public Context {
 public:
  explicit IrqContext(Host& host) : Context{host, ContextKind::hard_irq} {}
};

}  // namespace gpusim::os
