// SPDX-License-Identifier: MIT
// The host's operating system in simulated time: CPUs, threads, interrupts, workers. One Host per machine.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/actor.h"
#include "base/choice.h"
#include "base/cost.h"
#include "base/prng.h"
#include "base/timeline.h"
#include "os/cpu.h"
#include "os/lockdep.h"
#include "os/spec.h"
#include "os/thread.h"
#include "traces/event/names.h"
#include "traces/event/recorder.h"

namespace gpusim::os {

class DispatchModel;
class IrqWork;
class PollCondition;
class Workers;

using IrqHandler = std::function<Task<>(Context&)>;

/// What host code did, counted where it happens. None of it is an event, so no fold can count it.
struct HostCounters {
  std::uint64_t steps = 0;            ///< Context::step() that had something to pay
  std::uint64_t spin_locks = 0;       ///< spinlock sections, those of the next two lines left out
  std::uint64_t fence_locks = 0;      ///< sections under a fence's lock
  std::uint64_t wait_locks = 0;       ///< sections under the lock of a wait queue or a completion
  std::uint64_t mutex_locks = 0;      ///< mutexes taken or waited for
  std::uint64_t wake_ups = 0;         ///< threads that a wake-up found asleep, background load included
  std::uint64_t passes = 0;           ///< of submit workers of submission components, and ticks of pipelines
  std::uint64_t idle_passes = 0;      ///< those of them that moved no job on
  std::uint64_t fence_callbacks = 0;  ///< callbacks of fences that were called

  void add_pass(bool has_moved) {
    ++passes;
    if (!has_moved) ++idle_passes;
  }
};

class Host {
 public:
  /// `seed`: of all that the host draws. `choices` and `actors`: of an exploration; they outlive the host.
  Host(Timeline& timeline, trace::Recorder& recorder, trace::Names& names, CostLedger& ledger, const HostSpec& spec,
       std::uint64_t seed, ChoiceSource* choices = nullptr, ActorBoard* actors = nullptr);
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  [[nodiscard]] Timeline& timeline() const { return timeline_; }
  [[nodiscard]] trace::Recorder& recorder() const { return recorder_; }
  [[nodiscard]] trace::Names& names() const { return names_; }
  [[nodiscard]] CostLedger& ledger() const { return ledger_; }
  [[nodiscard]] const HostSpec& spec() const { return spec_; }
  [[nodiscard]] std::uint64_t seed() const { return seed_; }
  /// nullptr in a normal run.
  [[nodiscard]] ChoiceSource* choices() const { return choices_; }
  [[nodiscard]] Lockdep& lockdep() { return lockdep_; }
  [[nodiscard]] HostCounters& counters() { return counters_; }
  [[nodiscard]] Workers& workers() { return *workers_; }
  [[nodiscard]] DispatchModel& dispatch() { return *dispatch_; }
  [[nodiscard]] Timeline::Component component() const { return component_; }
  [[nodiscard]] SimTime now() const { return timeline_.now(); }

  /// Makes a thread and wakes it: it begins after its wake latency. `name` should be unique; it is what traces show.
  Thread& spawn(std::string name, ContextKind kind, SchedClass sched_class, const Latency& wake_latency,
                Thread::Body body);

  /// The same, but the thread sleeps until it is woken.
  Thread& spawn_asleep(std::string name, ContextKind kind, SchedClass sched_class, const Latency& wake_latency,
                       Thread::Body body);

  /// A client's thread: class normal, woken at the start of the run.
  Thread& spawn_client(std::string name, Thread::Body body);

  /// Installs a handler for an MSI-X vector. The hard handler runs on CPU `cpu` modulo the number of CPUs. A message of
  /// a vector without one Violates "interrupt".
  void request_irq(std::uint32_t vector, std::string name, std::uint32_t cpu, IrqHandler handler);

  /// request_threaded_irq(): the hard handler only wakes a thread of class FIFO. `handler` runs in that thread, again
  /// and again until no interrupt has come in meanwhile.
  void request_threaded_irq(std::uint32_t vector, const std::string& name, std::uint32_t cpu, IrqHandler handler);

  /// irq_work_queue(): `work` runs in a hard interrupt of this CPU, the next thing it takes. Nothing if it is pending.
  void queue_irq_work(Context& ctx, IrqWork& work);
  /// One is pending or at work.
  [[nodiscard]] bool has_irq_works() const { return irq_works_left_ != 0; }

  /// An MSI-X message has reached the host: the CPU takes it after irq_delivery.
  void deliver_interrupt(std::uint32_t vector);

  [[nodiscard]] const std::vector<std::unique_ptr<Thread>>& threads() const { return threads_; }
  [[nodiscard]] RunQueue& run_queue() { return run_queue_; }

  /// It goes, and the frames of its threads with it.
  [[nodiscard]] bool is_ending() const { return ending_; }

  /// Of the load, which is there before all others.
  [[nodiscard]] bool is_background(const Thread& thread) const { return thread.number() <= background_; }
  /// There is background load, and nothing else will ever happen on this Timeline.
  [[nodiscard]] bool is_left_to_background() const;
  /// The same with threads that poll, the running one among them, and none of which will find what it looks for.
  [[nodiscard]] bool is_left_to_pollers() const;

  /// A thread that polls, for as long as this lives.
  class Poller {
   public:
    Poller(Host& host, Thread& thread, const PollCondition& condition);
    ~Poller();
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;

   private:
    friend class Host;
    Host& host_;
    Thread& thread_;
    const PollCondition& condition_;
  };

 private:
  friend class Cpu;
  friend class Thread;

  struct Irq {
    std::uint32_t cpu = 0;
    IrqHandler handler;
    std::optional<Prng> delivery_draws;
  };
  struct IrqThread;

  // The sharing of CPUs by normal threads; run_queue.h.
  [[nodiscard]] FairAverage fair_average();
  [[nodiscard]] Thread* next_thread();
  void begin_contention();
  void join_contention(Thread& thread);
  void note_lag(Thread& thread);
  void preempt_for(const Thread& thread);
  void arm_time_slices();

  // Sets the context that runs on the board.
  void enter(const Context& context) {
    if (actors_ != nullptr) show(context);
  }
  void leave() {
    if (actors_ != nullptr) actors_->now = {};
  }
  void show(const Context& context);
  [[nodiscard]] Cpu* idle_cpu(const Thread& thread);
  [[nodiscard]] Cpu* vacant_cpu(const Thread& thread);
  void choose_cpu(Thread& thread);
  void place(Thread& thread);
  void start_on(Cpu& cpu, Thread& thread);
  void enqueue(Thread& thread);
  void on_thread_finished(Thread& thread);
  [[nodiscard]] const IrqHandler& irq_handler(std::uint32_t vector) const { return irqs_[vector].handler; }
  void on_interrupt(std::uint64_t vector);
  void on_irq_work(std::uint64_t cpu);
  [[nodiscard]] Task<> run_irq_works(Context& ctx);
  void start_background_load();
  /// Pending Timeline entries that belong to the background load or to time slices.
  [[nodiscard]] std::size_t idle_entries() const;
  /// Those of one thread that sleeps by a timer, or has the CPU.
  [[nodiscard]] static bool has_entry(const Thread& thread);

  Timeline& timeline_;
  trace::Recorder& recorder_;
  trace::Names& names_;
  CostLedger& ledger_;
  HostSpec spec_;
  std::uint64_t seed_;
  HostCounters counters_;
  ChoiceSource* choices_;
  ActorBoard* actors_;
  Timeline::Component component_;
  Lockdep lockdep_;
  std::unique_ptr<DispatchModel> dispatch_;
  RunQueue run_queue_;
  std::uint32_t contention_ = 0;                  // how often a normal thread had to wait when none did
  std::vector<std::vector<IrqWork*>> irq_works_;  // by CPU; empty as long as there was none
  std::uint32_t irq_works_left_ = 0;
  std::vector<std::unique_ptr<Cpu>> cpus_;
  std::vector<std::unique_ptr<Thread>> threads_;
  std::vector<Irq> irqs_;
  std::vector<std::unique_ptr<IrqThread>> irq_threads_;
  std::unique_ptr<Workers> workers_;
  std::uint32_t background_ = 0;  // threads_[0..background_)
  std::vector<const Poller*> pollers_;
  bool ending_ = false;
};

}  // namespace gpusim::os
