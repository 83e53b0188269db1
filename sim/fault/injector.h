// SPDX-License-Identifier: MIT
// Breaks things on request: hardware modules ask it whether this time something goes wrong. A fault is an event in the
// trace (fault_injected); what the rest of the machine makes of it is the model's business.
#pragma once

#include <cstdint>

#include "base/choice.h"
#include "sim/fault/explored.h"
#include "sim/fault/spec.h"
#include "traces/recorder.h"

namespace gpusim::fault {

class Injector {
 public:
  /// `choices`: of an exploration, which breaks what it may (explored.h) beside what the scenario asks for.
  Injector(trace::Recorder& recorder, const FaultSpec& spec, ChoiceSource* choices = nullptr)
      : recorder_{recorder}, spec_{spec}, choices_{choices} {}

  /// Asked for each completion interrupt.
  [[nodiscard]] bool loses_interrupt(std::uint32_t vector) {
    if (++interrupts_ != spec_.lost_interrupt && !chosen(Kind::lost_interrupt)) return false;
    note(Kind::lost_interrupt, 0, vector);
    return true;
  }
  /// Asked for each doorbell.
  [[nodiscard]] bool loses_doorbell(std::uint32_t queue) {
    if (++doorbells_ != spec_.lost_doorbell && !chosen(Kind::lost_doorbell)) return false;
    note(Kind::lost_doorbell, queue, queue);
    return true;
  }

 private:
  [[nodiscard]] bool chosen(Kind kind) {
    if (choices_ == nullptr) return false;
    const ExploredFault& fault = explored(kind);
    return fault.enabled && choices_->choose(ChoiceKind::fault, fault.place, 2) != 0;
  }
  void note(Kind kind, std::uint32_t queue, std::uint32_t unit) {
    recorder_.emit({.kind = trace::EventKind::fault_injected,
                    .queue = queue,
                    .unit = unit,
                    .a = static_cast<std::uint64_t>(kind)});
  }

  trace::Recorder& recorder_;
  FaultSpec spec_;
  ChoiceSource* choices_;
  std::uint64_t interrupts_ = 0;
  std::uint64_t doorbells_ = 0;
};

}  // namespace gpusim::fault
