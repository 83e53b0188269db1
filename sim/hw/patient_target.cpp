// SPDX-License-Identifier: MIT
#include "sim/hw/patient_target.h"

#include <utility>

#include "sim/hw/transactions.h"

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
  renew(transaction);
  transaction.acquire();
  asked_.push_back({sc_core::sc_time_stamp() + delay, &transaction, 0, {}});
  more_.notify(sc_core::SC_ZERO_TIME);
  phase = tlm::END_REQ;
  return tlm::TLM_UPDATED;
}

void PatientTarget::post(const tlm::tlm_generic_payload& write, const sc_core::sc_time& delay) {
  const auto* data = reinterpret_cast<const std::byte*>(write.get_data_ptr());
  asked_.push_back(
      {sc_core::sc_time_stamp() + delay, nullptr, write.get_address(), {data, data + write.get_data_length()}});
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
    const Asked next = std::move(asked_.front());
    asked_.pop_front();
    if (next.when > sc_core::sc_time_stamp()) sc_core::wait(next.when - sc_core::sc_time_stamp());
    if (next.read != nullptr) {
      call(*next.read);
      responder_.respond(*from_initiator.operator->(), *next.read, sc_core::SC_ZERO_TIME);
      continue;
    }
    prepare(write_, tlm::TLM_WRITE_COMMAND, next.address, next.data);
    call(write_);
    require_ok(write_, name());
  }
}

}  // namespace gpusim::hw
