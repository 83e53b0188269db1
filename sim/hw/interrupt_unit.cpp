// SPDX-License-Identifier: MIT
#include "sim/hw/interrupt_unit.h"

namespace gpusim::hw {

using trace::EventKind;

InterruptUnit::InterruptUnit(sc_core::sc_module_name name, Timeline& timeline, trace::Recorder& recorder,
                             CostLedger& ledger, const InterruptSpec& spec, fault::Injector& faults)
    : sc_core::sc_module{name},
      timeline_{timeline},
      recorder_{recorder},
      ledger_{ledger},
      spec_{spec},
      faults_{faults},
      component_{timeline.add_component(this->name())} {}

void InterruptUnit::raise(std::uint32_t vector) {
  if (spec_.coalesce_window.is_zero()) return send(vector);
  if (window_open_[vector]) return;
  window_open_[vector] = true;
  ledger_.charge(spec_.coalesce_window);
  timeline_.schedule<&InterruptUnit::send>(timeline_.now() + spec_.coalesce_window.value, Phase::engine, component_,
                                           this, vector);
}

void InterruptUnit::send(std::uint64_t vector) {
  const auto number = static_cast<std::uint32_t>(vector);
  window_open_[number] = false;
  if (number != abi::kVectorReply && faults_.loses_interrupt(number)) return;
  recorder_.emit({.kind = EventKind::interrupt_raise, .unit = number});
  const trace::Event arrival{.kind = EventKind::interrupt_arrive, .unit = number};
  port_.write(abi::kMsiAddress, std::as_bytes(std::span{&number, 1}), &arrival);
}

}  // namespace gpusim::hw
