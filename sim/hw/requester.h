// SPDX-License-Identifier: MIT
// Both ends of TLM-2.0's base protocol. A Requester sends requests one after the other, as the standard asks of an
// initiator, and takes answers in whichever way they come; a Responder sends responses one after the other, as it asks
// of a target.
#pragma once

#include <cstddef>
#include <functional>

#include "base/fifo.h"
#include "base/timeline.h"
#include "sim/hw/systemc.h"

namespace gpusim::hw {

class Requester {
 public:
  using Answer = std::function<void(tlm::tlm_generic_payload& transaction, SimTime when)>;

  /// `on_answer`: of each transaction once; `when` is not before timeline.now(), and it may be called from send().
  Requester(Timeline& timeline, Answer on_answer) : timeline_{timeline}, on_answer_{std::move(on_answer)} {}

  /// The transaction has memory management and is held by somebody until it is answered.
  void send(tlm::tlm_fw_transport_if<>& target, tlm::tlm_generic_payload& transaction);
  /// What the target says, by its return path. Phases of extended protocols are passed over, as may be.
  [[nodiscard]] tlm::tlm_sync_enum hear(tlm::tlm_generic_payload& transaction, const tlm::tlm_phase& phase,
                                        const sc_core::sc_time& delay);
  /// Transactions that were sent and are not answered.
  [[nodiscard]] std::size_t unanswered() const { return unanswered_; }

 private:
  void begin(tlm::tlm_generic_payload& transaction);
  void answer(tlm::tlm_generic_payload& transaction, const sc_core::sc_time& delay);
  void end_request();

  Timeline& timeline_;
  Answer on_answer_;
  tlm::tlm_fw_transport_if<>* target_ = nullptr;
  tlm::tlm_generic_payload* requesting_ = nullptr;  ///< its request has begun and not ended
  Fifo<tlm::tlm_generic_payload*> waiting_;
  std::size_t unanswered_ = 0;
};

class Responder {
 public:
  /// Takes over a reference to the transaction, which may be gone when this returns.
  void respond(tlm::tlm_bw_transport_if<>& initiator, tlm::tlm_generic_payload& transaction,
               const sc_core::sc_time& delay);
  /// The initiator has said so, of the response under way.
  void end_response();

 private:
  void begin(tlm::tlm_generic_payload& transaction, const sc_core::sc_time& delay);

  tlm::tlm_bw_transport_if<>* initiator_ = nullptr;
  tlm::tlm_generic_payload* responding_ = nullptr;
  Fifo<tlm::tlm_generic_payload*> waiting_;
};

}  // namespace gpusim::hw
