// SPDX-License-Identifier: MIT
#include "sim/hw/interrupt_unit.h"

#include "sim/hw/kernel_time.h"

namespace gpusim::hw {

InterruptUnit::InterruptUnit(sc_core::sc_module_name name, Timeline& timeline, trace::Recorder& recorder,
                             CostLedger& ledger, const InterruptSpec& spec, fault::Injector& faults)
    : sc_core::sc_module{name},
      timeline_{timeline},
      recorder_{recorder},
      ledger_{ledger},
      spec_{spec},
      faults_{faults},
      component_{timeline.add_component(this->name())},
      port_{"to_link", timeline} {
  from_device.register_b_transport(this, &InterruptUnit::b_transport);
}

void InterruptUnit::b_transport(int, tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
  wait_until_effect(timeline_, delay);
  std::uint32_t vector = abi::kVectors;
  const bool is_raise = transaction.get_address() == bus::kRaise && take(transaction, vector);
  if (!is_raise || vector >= abi::kVectors) return transaction.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  raise(vector);
}

void InterruptUnit::raise(std::uint32_t vector) {
  if (spec_.coalesce_window.is_zero()) return send(vector);
  if (window_open_[vector]) return;
  window_open_[vector] = true;
  window_end_[vector] = timeline_.schedule<&InterruptUnit::send>(timeline_.now() + spec_.coalesce_window.value,
                                                                 Phase::engine, component_, this, vector);
}

void InterruptUnit::reset() {
  for (std::size_t vector = 0; vector < window_end_.size(); ++vector) {
    timeline_.cancel(window_end_[vector]);
    window_open_[vector] = false;
  }
}

void InterruptUnit::send(std::uint64_t vector) {
  const auto number = static_cast<std::uint32_t>(vector);
  if (window_open_[number]) ledger_.charge(spec_.coalesce_window);
  window_open_[number] = false;
  const fault::Delivery delivery =
      number == abi::kVectorReply ? faults_.reply_interrupt(number) : faults_.interrupt(number);
  if (delivery.lost) return;
  if (delivery.twice) post(vector);
  if (delivery.delay.count() == 0) return post(vector);
  timeline_.schedule<&InterruptUnit::post>(timeline_.now() + delivery.delay, Phase::engine, component_, this, vector);
}

void InterruptUnit::post(std::uint64_t vector) {
  const auto number = static_cast<std::uint32_t>(vector);
  recorder_.emit(trace::interrupt_raise{.vector = number});
  const trace::Event arrival = trace::interrupt_arrive{.vector = number};
  port_.write(abi::kMsiAddress, std::as_bytes(std::span{&number, 1}), &arrival);
}

}  // namespace gpusim::hw
