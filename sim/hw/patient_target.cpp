// SPDX-License-Identifier: MIT
#include "sim/hw/patient_target.h"

#include <string>
#include <utility>

#include <fmt/core.h>

#include "base/invariant.h"
#include "sim/hw/device_bus.h"

namespace gpusim::hw {

PatientTarget::PatientTarget(sc_core::sc_module_name name) : sc_core::sc_module{name} {
  from_initiator.register_b_transport(this, &PatientTarget::b_transport);
  from_initiator.register_nb_transport_fw(this, &PatientTarget::nb_transport_fw);
  from_initiator.register_transport_dbg(this, &PatientTarget::transport_dbg);
  SC_HAS_PROCESS(PatientTarget);
  SC_THREAD(serve);
}

void PatientTarget::b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
  if (transaction.is_read()) {
    while (is_busy_ || !asked_.empty()) sc_core::wait(idle_);
    return to_target->b_transport(transaction, delay);
  }
  if (is_plain(transaction)) post(transaction, delay);
}

tlm::tlm_sync_enum PatientTarget::nb_transport_fw(tlm::tlm_generic_payload& transaction, tlm::tlm_phase& phase,
                                                  sc_core::sc_time& delay) {
  if (phase == tlm::END_RESP) responder_.end_response();
  if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;
  if (!is_plain(transaction)) return tlm::TLM_COMPLETED;
  if (transaction.is_write()) {
    post(transaction, delay);
    return tlm::TLM_COMPLETED;
  }
  transaction.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  transaction.acquire();
  ask({.write = {}, .data = {}, .read = &transaction, .when = sc_core::sc_time_stamp() + delay});
  phase = tlm::END_REQ;
  return tlm::TLM_UPDATED;
}

void PatientTarget::post(const tlm::tlm_generic_payload& write, const sc_core::sc_time& delay) {
  Asked asked{.write = std::make_unique<tlm::tlm_generic_payload>(),
              .data = {write.get_data_ptr(), write.get_data_ptr() + write.get_data_length()},
              .read = nullptr,
              .when = sc_core::sc_time_stamp() + delay};
  asked.write->set_command(tlm::TLM_WRITE_COMMAND);
  asked.write->set_address(write.get_address());
  asked.write->set_data_length(write.get_data_length());
  asked.write->set_streaming_width(write.get_data_length());
  ask(std::move(asked));
}

void PatientTarget::ask(Asked asked) {
  asked_.push_back(std::move(asked));
  more_.notify(sc_core::SC_ZERO_TIME);
}

void PatientTarget::call(tlm::tlm_generic_payload& transaction) {
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  to_target->b_transport(transaction, delay);
  if (delay != sc_core::SC_ZERO_TIME) sc_core::wait(delay);
}

void PatientTarget::serve() {
  for (;;) {
    is_busy_ = false;
    if (asked_.empty()) idle_.notify(sc_core::SC_ZERO_TIME);
    while (asked_.empty()) sc_core::wait(more_);
    is_busy_ = true;
    Asked next = std::move(asked_.front());
    asked_.pop_front();
    if (next.when > sc_core::sc_time_stamp()) sc_core::wait(next.when - sc_core::sc_time_stamp());
    if (next.read != nullptr) {
      call(*next.read);
      responder_.respond(*from_initiator.operator->(), *next.read, sc_core::SC_ZERO_TIME);
      continue;
    }
    next.write->set_data_ptr(next.data.data());
    call(*next.write);
    if (!next.write->is_response_ok()) {
      violate("bus", fmt::format("nothing takes a write to address {:#x} behind {}: {}", next.write->get_address(),
                                 name(), next.write->get_response_string()));
    }
  }
}

}  // namespace gpusim::hw
