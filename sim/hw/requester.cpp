// SPDX-License-Identifier: MIT
#include "sim/hw/requester.h"

#include <utility>

#include "sim/hw/kernel_time.h"
#include "sim/hw/transactions.h"

namespace gpusim::hw {

// --- Requester -------------------------------------------------------------------------------------------------------

void Requester::send(tlm::tlm_fw_transport_if<>& target, tlm::tlm_generic_payload& transaction) {
  target_ = &target;
  ++unanswered_;
  if (requesting_ != nullptr || !waiting_.empty()) {
    waiting_.push_back(&transaction);
  } else {
    begin(transaction);
  }
}

void Requester::begin(tlm::tlm_generic_payload& transaction) {
  requesting_ = &transaction;
  renew(transaction);
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time delay = offset_of(timeline_);
  const tlm::tlm_sync_enum status = target_->nb_transport_fw(transaction, phase, delay);
  if (status == tlm::TLM_COMPLETED) {
    answer(transaction, delay);
    end_request();
  } else if (status == tlm::TLM_UPDATED && phase == tlm::BEGIN_RESP) {
    transaction.acquire();
    answer(transaction, delay);
    phase = tlm::END_RESP;
    (void)target_->nb_transport_fw(transaction, phase, delay);
    transaction.release();
    end_request();
  } else if (status == tlm::TLM_UPDATED && phase == tlm::END_REQ) {
    end_request();
  }
}

tlm::tlm_sync_enum Requester::hear(tlm::tlm_generic_payload& transaction, const tlm::tlm_phase& phase,
                                   const sc_core::sc_time& delay) {
  if (phase != tlm::BEGIN_RESP && phase != tlm::END_REQ) return tlm::TLM_ACCEPTED;
  // A response ends the request, too, if that was not said.
  const bool is_requesting = requesting_ == &transaction;
  if (phase == tlm::BEGIN_RESP) answer(transaction, delay);
  if (is_requesting) end_request();
  return phase == tlm::BEGIN_RESP ? tlm::TLM_COMPLETED : tlm::TLM_ACCEPTED;
}

void Requester::answer(tlm::tlm_generic_payload& transaction, const sc_core::sc_time& delay) {
  --unanswered_;
  on_answer_(transaction, effect_of(timeline_, delay));
}

void Requester::end_request() {
  requesting_ = nullptr;
  if (!waiting_.empty()) begin(*waiting_.pop_front());
}

// --- Responder -------------------------------------------------------------------------------------------------------

void Responder::respond(tlm::tlm_bw_transport_if<>& initiator, tlm::tlm_generic_payload& transaction,
                        const sc_core::sc_time& delay) {
  initiator_ = &initiator;
  if (responding_ != nullptr) {
    waiting_.push_back(&transaction);
  } else {
    begin(transaction, delay);
  }
}

void Responder::begin(tlm::tlm_generic_payload& transaction, const sc_core::sc_time& delay) {
  responding_ = &transaction;
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time annotated = delay;
  const tlm::tlm_sync_enum status = initiator_->nb_transport_bw(transaction, phase, annotated);
  const bool is_over = status == tlm::TLM_COMPLETED || (status == tlm::TLM_UPDATED && phase == tlm::END_RESP);
  if (is_over) end_response();
}

void Responder::end_response() {
  if (responding_ == nullptr) return;
  std::exchange(responding_, nullptr)->release();
  if (!waiting_.empty()) begin(*waiting_.pop_front(), sc_core::SC_ZERO_TIME);
}

}  // namespace gpusim::hw
