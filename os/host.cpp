// SPDX-License-Identifier: MIT
#include "os/host.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>

#include "os/dispatch_model.h"
#include "os/irq_work.h"
#include "os/poll.h"
#include "os/sync.h"
#include "os/workqueue.h"

namespace gpusim::os {

struct Host::IrqThread {
  IrqHandler handler;
  Thread* thread = nullptr;
  bool pending = false;
};

namespace {

// How much later than irq_delivery an exploration may deliver: other interrupts, masked sections, a virtual machine's
// exit. A longer delay counts as a fault.
constexpr std::array kInterruptDelays{ps(0), ns(100), us(1), us(5), us(20), us(100), us(500)};
constexpr std::array kLateDelays{ps(0), ms(2), ms(20)};
constexpr std::array kDuplicateDelays{ps(0), ns(500), us(5), us(50)};

// IRQ_WORK_VECTOR of x86
constexpr std::uint32_t kIrqWorkVector = 0xf6;

constexpr ChoicePlace kPlacement{"placement"};
constexpr ChoicePlace kInterrupt{"interrupt"};
constexpr ChoicePlace kLateInterrupt{"late_interrupt"};
constexpr ChoicePlace kDuplicateInterrupt{"duplicate_interrupt"};

}  // namespace

Host::Host(Timeline& timeline, trace::Recorder& recorder, trace::Names& names, CostLedger& ledger, const HostSpec& spec,
           std::uint64_t seed, ChoiceSource* choices, ActorBoard* actors)
    : timeline_{timeline},
      recorder_{recorder},
      names_{names},
      ledger_{ledger},
      spec_{spec},
      seed_{seed},
      choices_{choices},
      actors_{actors},
      component_{timeline.add_component("host")},
      dispatch_{make_dispatch_model(*this)} {
  names_.threads.assign(1, "<idle>");
  names_.cpus = spec.cpus;
  for (std::uint32_t i = 0; i < spec.cpus; ++i) {
    cpus_.push_back(std::make_unique<Cpu>(*this, static_cast<std::uint16_t>(i),
                                          timeline.add_component(fmt::format("host.cpu{}", i))));
  }
  workers_ = std::make_unique<Workers>(*this);
  start_background_load();
}

Host::~Host() {
  // Coroutines of threads may refer to workers, locks and each other's frames: end them while those still live.
  ending_ = true;
  for (auto& thread : threads_) thread->body_ = {};
  for (auto& cpu : cpus_) cpu->irq_task_ = {};
}

Thread& Host::spawn(std::string name, ContextKind kind, SchedClass sched_class, const Latency& wake_latency,
                    Thread::Body body) {
  Thread& thread = spawn_asleep(std::move(name), kind, sched_class, wake_latency, std::move(body));
  thread.wake();
  return thread;
}

Thread& Host::spawn_asleep(std::string name, ContextKind kind, SchedClass sched_class, const Latency& wake_latency,
                           Thread::Body body) {
  const auto number = static_cast<std::uint32_t>(names_.threads.size());
  names_.threads.push_back(name);
  threads_.push_back(
      std::make_unique<Thread>(*this, kind, number, std::move(name), sched_class, wake_latency, std::move(body)));
  return *threads_.back();
}

Thread& Host::spawn_client(std::string name, Thread::Body body) {
  return spawn(std::move(name), ContextKind::task, SchedClass::normal, spec_.task_wake, std::move(body));
}

void Host::show(const Context& context) {
  const bool irq = context.kind() == ContextKind::hard_irq;
  actors_->now = {irq ? "hard irq" : static_cast<const Thread&>(context).name().c_str(), context.cpu_number(),
                  SimTime{}};
}

// select_idle_sibling() in kernel/sched/fair.c, in our order; nullptr if none is idle.
Cpu* Host::idle_cpu(const Thread& thread) {
  Cpu* first = thread.cpu_ != nullptr && thread.cpu_->is_idle() ? thread.cpu_ : nullptr;
  if (choices_ == nullptr && first != nullptr) return first;
  std::uint32_t idle = 0;
  for (const auto& cpu : cpus_) {
    if (!cpu->is_idle()) continue;
    ++idle;
    if (first == nullptr) first = cpu.get();
    if (choices_ == nullptr) return first;
  }
  if (idle < 2) return first;
  std::uint32_t other = choices_->choose(ChoiceKind::placement, kPlacement.of(thread.number()), idle);
  if (other == 0) return first;
  for (const auto& cpu : cpus_) {
    if (cpu->is_idle() && cpu.get() != first && --other == 0) return cpu.get();
  }
  return first;
}

Cpu* Host::vacant_cpu(const Thread& thread) {
  if (Cpu* cpu = idle_cpu(thread)) return cpu;
  if (thread.cpu_ != nullptr && thread.cpu_->is_vacant()) return thread.cpu_;
  const auto vacant = std::find_if(cpus_.begin(), cpus_.end(), [](const auto& cpu) { return cpu->is_vacant(); });
  return vacant == cpus_.end() ? nullptr : vacant->get();
}

// At the begin of a wake-up.
void Host::choose_cpu(Thread& thread) {
  thread.chosen_ = idle_cpu(thread);
  if (thread.chosen_ != nullptr) thread.chosen_->expected_ = &thread;
}

// At the end of a wake-up.
void Host::place(Thread& thread) {
  thread.state_ = ThreadState::runnable;
  recorder_.emit(trace::sched_wakeup{.woken = thread.number()});
  Cpu* cpu = std::exchange(thread.chosen_, nullptr);
  if (cpu != nullptr) cpu->expected_ = nullptr;
  if (cpu == nullptr || !cpu->is_vacant()) cpu = vacant_cpu(thread);
  if (cpu != nullptr && cpu->in_irq_) {
    cpu->arrived_ = &thread;
    return;
  }
  if (cpu != nullptr) return start_on(*cpu, thread);
  if (thread.sched_class() == SchedClass::fifo) {
    run_queue_.push(thread);
    const auto normal = std::find_if(cpus_.begin(), cpus_.end(), [](const auto& each) { return each->runs_normal(); });
    if (normal != cpus_.end()) (*normal)->request_reschedule();
    return;
  }
  enqueue(thread);
  preempt_for(thread);
  arm_time_slices();
}

void Host::start_on(Cpu& cpu, Thread& thread) {
  if (thread.sched_class() == SchedClass::normal && run_queue_.has_normal()) join_contention(thread);
  cpu.put_on(thread);
  dispatch_->on_placed(cpu);
}

void Host::enqueue(Thread& thread) {
  begin_contention();
  join_contention(thread);
  run_queue_.push(thread);
}

void Host::arm_time_slices() {
  if (!run_queue_.has_normal()) return;
  for (const auto& cpu : cpus_) cpu->arm_time_slice();
}

FairAverage Host::fair_average() {
  FairAverage average = run_queue_.average();
  for (const auto& cpu : cpus_) {
    if (!cpu->runs_normal()) continue;
    cpu->account();
    average.add(cpu->current_->fair_);
  }
  return average;
}

Thread* Host::next_thread() {
  if (run_queue_.empty()) return nullptr;
  // Who waits alone, or before the fair class, needs no comparison.
  const bool compares = !run_queue_.has_fifo() && run_queue_.has_several_normal();
  return run_queue_.pop(compares ? fair_average() : FairAverage{}, choices_);
}

void Host::begin_contention() {
  if (run_queue_.has_normal()) return;
  ++contention_;
  for (const auto& cpu : cpus_) cpu->begin_contention();
}

// As place_entity(), kernel/sched/fair.c: the thread's lag is the same once it counts in the average.
void Host::join_contention(Thread& thread) {
  FairShare& share = thread.fair_;
  const FairAverage average = fair_average();
  const std::int64_t zero = average.value();
  if (share.lag >= 0) {
    const SignedWide all = average.weight + share.weight;
    share.vruntime = zero - (average.weight == 0 ? 0 : static_cast<std::int64_t>(share.lag * all / average.weight));
  } else {
    // What it had too much is worked off while others run.
    share.vruntime = share.contention == contention_ ? std::max(share.vruntime, zero) : zero;
  }
  share.deadline = share.vruntime + share.virtual_time(spec_.timeslice.value);
}

// As update_entity_lag(), kernel/sched/fair.c.
void Host::note_lag(Thread& thread) {
  FairShare& share = thread.fair_;
  if (!run_queue_.has_normal()) {
    share.lag = 0;
    return;
  }
  const std::int64_t limit = share.virtual_time(2 * spec_.timeslice.value);
  share.lag = std::clamp(fair_average().value() - share.vruntime, -limit, limit);
  share.contention = contention_;
}

// As wakeup_preempt_fair(), kernel/sched/fair.c: only if the woken thread would be picked, and whoever runs has had
// more than its share.
void Host::preempt_for(const Thread& thread) {
  const FairAverage average = fair_average();
  if (run_queue_.first_normal(average) != &thread || !average.makes_eligible(thread.fair_)) return;
  Cpu* richest = nullptr;
  for (const auto& cpu : cpus_) {
    if (!cpu->runs_normal() || average.makes_eligible(cpu->current_->fair_)) continue;
    if (richest == nullptr || cpu->current_->fair_.vruntime > richest->current_->fair_.vruntime) richest = cpu.get();
  }
  if (richest != nullptr) richest->request_reschedule();
}

void Host::on_thread_finished(Thread& thread) { thread.blocked_on_ = {}; }

void Host::request_irq(std::uint32_t vector, std::string name, std::uint32_t cpu, IrqHandler handler) {
  if (vector >= irqs_.size()) irqs_.resize(vector + 1);
  if (vector >= names_.vectors.size()) names_.vectors.resize(vector + 1);
  irqs_[vector] = Irq{cpu % spec_.cpus, std::move(handler), Prng{seed_, "host.irq." + name}};
  names_.vectors[vector] = std::move(name);
}

void Host::request_threaded_irq(std::uint32_t vector, const std::string& name, std::uint32_t cpu, IrqHandler handler) {
  irq_threads_.push_back(std::make_unique<IrqThread>());
  IrqThread* irq_thread = irq_threads_.back().get();
  irq_thread->handler = std::move(handler);
  irq_thread->thread =
      &spawn("irq/" + name, ContextKind::irq_thread, SchedClass::fifo, spec_.irq_thread_wake,
             [irq_thread](Context& ctx) -> Task<> {
               for (;;) {
                 while (irq_thread->pending) {
                   irq_thread->pending = false;
                   co_await irq_thread->handler(ctx);
                   co_await ctx.step();
                 }
                 co_await irq_thread->thread->blocked({BlockedOn::Kind::nothing, "an interrupt", 0, 0});
               }
             });
  request_irq(vector, name, cpu, [irq_thread](Context& ctx) -> Task<> {
    ctx.charge(ctx.host().spec().wake_up);
    irq_thread->pending = true;
    irq_thread->thread->wake();
    co_await ctx.step();
  });
}

void Host::queue_irq_work(Context& ctx, IrqWork& work) {
  if (work.pending_) return;
  work.pending_ = true;
  ++irq_works_left_;
  if (irq_works_.empty()) {
    irq_works_.resize(spec_.cpus);
    request_irq(kIrqWorkVector, "irq_work", 0, [this](Context& irq) { return run_irq_works(irq); });
  }
  const std::uint64_t cpu = ctx.cpu_number();
  irq_works_[cpu].push_back(&work);
  timeline_.schedule<&Host::on_irq_work>(now(), Phase::interrupt, component_, this, cpu);
}

void Host::on_irq_work(std::uint64_t cpu) {
  if (!irq_works_[cpu].empty()) cpus_[cpu]->take_irq(kIrqWorkVector);
}

Task<> Host::run_irq_works(Context& ctx) {
  std::vector<IrqWork*> works = std::exchange(irq_works_[ctx.cpu_number()], {});
  for (IrqWork* work : works) {
    work->pending_ = false;
    co_await work->function_(work->self_, ctx);
    --irq_works_left_;
    co_await ctx.step();
  }
}

void Host::deliver_interrupt(std::uint32_t vector) {
  if (vector >= irqs_.size() || !irqs_[vector].handler) {
    violate("interrupt", fmt::format("vector {} arrived and nobody requested it", vector));
  }
  const Picoseconds delivery = spec_.irq_delivery.draw(*irqs_[vector].delivery_draws);
  ledger_.charge(spec_.irq_delivery.parameter, delivery);
  SimTime when = now() + delivery;
  if (choices_ != nullptr) {
    const auto choose = [&](ChoiceKind kind, const ChoicePlace& place, const auto& delays) {
      return delays[choices_->choose(kind, place.of(vector + 1), static_cast<std::uint32_t>(delays.size()))];
    };
    when += choose(ChoiceKind::interrupt, kInterrupt, kInterruptDelays);
    when += choose(ChoiceKind::fault, kLateInterrupt, kLateDelays);
    const Picoseconds again = choose(ChoiceKind::fault, kDuplicateInterrupt, kDuplicateDelays);
    if (again.count() != 0) {
      timeline_.schedule<&Host::on_interrupt>(when + again, Phase::interrupt, component_, this, vector);
    }
  }
  timeline_.schedule<&Host::on_interrupt>(when, Phase::interrupt, component_, this, vector);
}

void Host::on_interrupt(std::uint64_t vector) {
  cpus_[irqs_[vector].cpu]->take_irq(static_cast<std::uint32_t>(vector));
}

bool Host::is_left_to_background() const {
  if (background_ == 0 || timeline_.pending() != idle_entries()) return false;
  // A thread in the run queue has no entry, and gets its turn when a slice ends.
  return std::none_of(threads_.begin() + background_, threads_.end(), [](const std::unique_ptr<Thread>& thread) {
    return thread->state() == ThreadState::runnable || thread->state() == ThreadState::running;
  });
}

std::size_t Host::idle_entries() const {
  std::size_t count = 0;
  for (std::uint32_t i = 0; i < background_; ++i) {
    count += has_entry(*threads_[i]) ? 1 : 0;
  }
  for (const auto& cpu : cpus_) count += timeline_.is_pending(cpu->slice_) ? 1 : 0;
  return count;
}

// A sleeping one has its timer, a waking one its wake-up, a running one its step (unless an interrupt holds it up).
bool Host::has_entry(const Thread& thread) {
  const ThreadState state = thread.state();
  return state == ThreadState::blocked || state == ThreadState::waking ||
         (state == ThreadState::running && thread.cpu_->piece_runs_);
}

Host::Poller::Poller(Host& host, Thread& thread, const PollCondition& condition)
    : host_{host}, thread_{thread}, condition_{condition} {
  host.pollers_.push_back(this);
}

Host::Poller::~Poller() { std::erase(host_.pollers_, this); }

bool Host::is_left_to_pollers() const {
  if (timeline_.pending() > pollers_.size() + background_ + cpus_.size()) return false;  // mostly
  std::size_t entries = idle_entries();
  for (const Poller* poller : pollers_) {
    if (poller->condition_.holds() || poller->thread_.is_killed()) return false;
    // One that has given up sleeps without a timer.
    const bool has_given_up =
        poller->thread_.state() == ThreadState::blocked && poller->thread_.blocked_on().kind != BlockedOn::Kind::time;
    entries += !has_given_up && has_entry(poller->thread_) ? 1 : 0;
  }
  if (timeline_.pending() != entries) return false;
  const auto polls = [&](const Thread* thread) {
    return std::any_of(pollers_.begin(), pollers_.end(), [&](const Poller* p) { return &p->thread_ == thread; });
  };
  return std::none_of(threads_.begin() + background_, threads_.end(), [&](const std::unique_ptr<Thread>& thread) {
    const ThreadState state = thread->state();
    return (state == ThreadState::runnable || state == ThreadState::running) && !polls(thread.get());
  });
}

namespace {

Task<> burn(Context& ctx, Cost time) {
  ctx.charge(time);
  co_await ctx.step();
}

Task<> drawn_load(Context& ctx, BackgroundLoad load, Prng draws) {
  const auto phase = static_cast<std::int64_t>(draws.uniform(0, static_cast<std::uint64_t>(load.period.count())));
  co_await sleep_until(ctx, ctx.now() + ps(phase));
  for (;;) {
    co_await burn(ctx, Cost{draws.exponential(load.busy.value), load.busy.parameter});
    co_await sleep_until(ctx, ctx.now() + draws.exponential(load.period - load.busy.value));
  }
}

Task<> fixed_load(Context& ctx, BackgroundLoad load) {
  for (SimTime next = ctx.now();;) {
    co_await burn(ctx, load.busy);
    next = std::max(next + load.period, ctx.now());
    co_await sleep_until(ctx, next);
  }
}

}  // namespace

void Host::start_background_load() {
  const BackgroundLoad load = spec_.background;
  background_ = load.threads;
  for (std::uint32_t i = 0; i < load.threads; ++i) {
    const std::string name = fmt::format("background{}", i);
    spawn(name, ContextKind::task, SchedClass::normal, Cost{}, [this, load, name](Context& ctx) {
      return load.times == LoadTimes::drawn ? drawn_load(ctx, load, Prng{seed_, "host." + name})
                                            : fixed_load(ctx, load);
    });
  }
}

}  // namespace gpusim::os
