// SPDX-License-Identifier: MIT
// Stands before a target of somebody else whose b_transport waits, as TLM-2.0 allows: a thread of its own calls it, one
// transaction after the other, so that those who ask need not wait themselves. A write is posted: it is accepted at
// once. A read is answered when the target has, behind the writes before it. Reads by nb_transport alone can come from
// who may not wait, such as the link's of host memory; one by b_transport waits, in its caller's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "sim/hw/requester.h"
#include "sim/hw/systemc.h"

namespace gpusim::hw {

class PatientTarget : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<PatientTarget> from_initiator{"from_initiator"};
  tlm_utils::simple_initiator_socket<PatientTarget> to_target{"to_target"};

  explicit PatientTarget(sc_core::sc_module_name name);

 private:
  struct Asked {
    sc_core::sc_time when;
    tlm::tlm_generic_payload* read;  ///< its initiator's; nullptr: a write that was posted, of what follows
    std::uint64_t address;
    std::vector<std::byte> data;
  };

  void b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& transaction, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& transaction) { return to_target->transport_dbg(transaction); }
  void post(const tlm::tlm_generic_payload& write, const sc_core::sc_time& delay);
  void serve();
  void call(tlm::tlm_generic_payload& transaction);

  std::deque<Asked> asked_;
  sc_core::sc_event more_;
  sc_core::sc_event idle_;
  bool is_busy_ = false;
  tlm::tlm_generic_payload write_;  // under way
  Responder responder_;
};

}  // namespace gpusim::hw
