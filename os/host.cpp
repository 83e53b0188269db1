// SPDX-License-Identifier: MIT
#include "os/host.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>

#include "os/dispatch_model.h"
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
  workers_ = std::make_unique<WorkerPool>(*this);
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

// The CPU that a woken thread takes at once; nullptr if none is idle.
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

void Host::place(Thread& thread) {
  thread.state_ = ThreadState::runnable;
  recorder_.emit(trace::sched_wakeup{.woken = thread.number()});
  if (Cpu* cpu = idle_cpu(thread)) {
    cpu->put_on(thread);
    dispatch_->on_placed(*cpu);
    return;
  }
  run_queue_.push_back(thread);
  if (thread.sched_class() == SchedClass::fifo) {
    for (const auto& cpu : cpus_) {
      if (cpu->current_ == nullptr || cpu->current_->sched_class() != SchedClass::normal) continue;
      return cpu->request_reschedule();
    }
    return;
  }
  for (const auto& cpu : cpus_) cpu->arm_time_slice();
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
    const ThreadState state = threads_[i]->state();
    // A sleeping one has its timer, a waking one its wake-up, a running one its step (unless an interrupt holds it up).
    if (state == ThreadState::blocked || state == ThreadState::waking) ++count;
    if (state == ThreadState::running && threads_[i]->cpu_->piece_runs_) ++count;
  }
  for (const auto& cpu : cpus_) count += timeline_.is_pending(cpu->slice_) ? 1 : 0;
  return count;
}

void Host::start_background_load() {
  background_ = spec_.background.threads;
  for (std::uint32_t i = 0; i < spec_.background.threads; ++i) {
    spawn(fmt::format("background{}", i), ContextKind::task, SchedClass::normal, Cost{},
          [this](Context& ctx) -> Task<> {
            for (SimTime next = ctx.now();;) {
              ctx.charge(Cost{spec_.background.busy, 0});
              co_await ctx.step();
              next += spec_.background.period;
              if (next > ctx.now()) {
                co_await sleep_until(ctx, next);
              } else {
                next = ctx.now();
              }
            }
          });
  }
}

}  // namespace gpusim::os
