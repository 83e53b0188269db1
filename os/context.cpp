// SPDX-License-Identifier: MIT
#include "os/context.h"

#include <array>
#include <exception>
#include <string>

#include <fmt/core.h>

#include "os/cpu.h"
#include "os/host.h"
#include "os/thread.h"

namespace gpusim::os {

namespace {

// Bounds of what an exploration adds, such as a preemption, a cache miss, or a hypervisor that takes the CPU away for a
// moment.
constexpr std::array kStepDelays{ps(0), ns(1), ns(30), ns(300), us(1), us(3), us(10), us(30), us(100)};
constexpr std::array kRaceDelays{ps(0), ps(1), ns(100), us(1), us(5), us(20), us(80), us(20)};
constexpr std::uint32_t kPreempted = kRaceDelays.size() - 1;  // the last of them: another thread gets the CPU

constexpr ChoicePlace kStep{"step"};
constexpr ChoicePlace kIrqStep{"irq_step"};

}  // namespace

Context::Context(Host& host, ContextKind kind)
    : host_{host}, ledger_{host.ledger()}, choices_{host.choices()}, kind_{kind} {}

std::uint16_t Context::cpu_number() const { return cpu_ == nullptr ? trace::kNoCpu : cpu_->number(); }

std::uint32_t Context::thread_number() const {
  if (kind_ == ContextKind::hard_irq) return 0;
  return static_cast<const Thread*>(this)->number();
}

SimTime Context::now() const { return host_.now(); }

bool Context::pay(std::coroutine_handle<> caller) {
  if (choices_ == nullptr) return spend(caller, Picoseconds{0});
  const ChoicePlace place = kind_ == ContextKind::hard_irq ? kIrqStep.of(cpu_number() + 1U) : kStep.of(thread_number());
  return spend(caller, kStepDelays[choices_->choose(ChoiceKind::delay, place, kStepDelays.size())]);
}

bool Context::race(std::coroutine_handle<> caller, const ChoicePlace& place, bool atomic) {
  if (spin_depth != 0 && !atomic)
    violate("sleeping_in_atomic", fmt::format("race point '{}' in a spinlock section", place.name()));
  const std::uint32_t choice = choices_->choose(ChoiceKind::race, place, kRaceDelays.size());
  if (choice == 0 || !spend(caller, kRaceDelays[choice], atomic)) return false;
  if (choice == kPreempted && kind_ != ContextKind::hard_irq && !atomic) {
    host_.timeline().schedule<&Cpu::on_forced_preemption>(host_.now(), Phase::timer, cpu_->component(), cpu_);
  }
  return true;
}

bool Context::spend(std::coroutine_handle<> caller, Picoseconds extra, bool atomic) {
  const Picoseconds amount = unpaid_ + extra;
  if (amount.count() == 0) return false;
  if (spin_depth != 0 && !atomic)
    violate("sleeping_in_atomic", "a step inside a spinlock section: the section must be atomic");
  ++host_.counters().steps;
  resume_point_ = caller;
  unpaid_ = Picoseconds{0};
  if (host_.timeline().try_advance(host_.now() + amount)) return false;
  if (kind_ == ContextKind::hard_irq) {
    host_.timeline().schedule<&Cpu::on_irq_piece_end>(host_.now() + amount, Phase::cpu, cpu_->component(), cpu_);
  } else {
    cpu_->begin_piece(amount);
  }
  return true;
}

std::uint64_t Context::undisturbed_steps(const Cost& cost) const {
  if (unpaid_.count() != 0 || choices_ != nullptr) return 0;
  if (cost.is_zero()) return ~std::uint64_t{0};
  return host_.timeline().advances_within(cost.value);
}

void Context::take_steps(const Cost& cost, std::uint64_t count) {
  if (cost.is_zero() || count == 0) return;
  ledger_.charge(cost.parameter, cost.value * static_cast<std::int64_t>(count));
  host_.counters().steps += count;
  host_.timeline().advance(cost.value, count);
}

void Context::emit(trace::Event event) const {
  event.cpu = cpu_number();
  event.thread = thread_number();
  host_.recorder().emit_in_place(event);
}

void Context::check_may_sleep(const char* what) const {
  const char* where = kind_ == ContextKind::hard_irq ? "a hard interrupt handler"
                      : spin_depth != 0              ? "a spinlock section"
                                                     : nullptr;
  if (where == nullptr) return;
  violate("sleeping_in_atomic",
          fmt::format("BUG: sleeping function called from invalid context: {} in {} on cpu {} at {}", what, where,
                      cpu_number(), format_duration(host_.now().time_since_epoch())));
}

void Context::check_may_reclaim(const char* what) const {
  const char* where = kind_ == ContextKind::hard_irq ? "in a hard interrupt handler"
                      : spin_depth != 0              ? "in a spinlock section"
                      : is_signalling()              ? "in a fence signalling critical section"
                                                     : nullptr;
  if (where == nullptr) return;
  violate(
      "reclaim_in_signalling",
      fmt::format("WARNING: possible circular locking dependency: {} by {} at {} {}: reclaim may wait for a fence "
                  "(fs_reclaim --> mmu_notifier_invalidate_range_start --> dma_fence_wait), and no fence may depend "
                  "on it (dma_fence_map)",
                  what, describe(), format_duration(host_.now().time_since_epoch()), where));
}

bool Context::is_cut_off() const { return host_.is_ending() || std::uncaught_exceptions() > 0; }

std::string Context::describe() const {
  std::string text = kind_ == ContextKind::hard_irq ? "hard irq" : static_cast<const Thread*>(this)->name();
  if (cpu_ != nullptr) text += fmt::format(" on cpu {}", cpu_->number());
  return text;
}

}  // namespace gpusim::os
