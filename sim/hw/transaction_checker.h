// SPDX-License-Identifier: MIT
// Stands between an initiator and a target, and holds both to TLM-2.0 (IEEE 1666-2011, 10 to 16): the rules of the
// generic payload, of b_transport, of the base protocol's phases, of direct and of debug access. It passes everything
// on and changes nothing, so a trace is the same with it.
#pragma once

#include <map>
#include <string>

#include "sim/hw/systemc.h"

namespace gpusim::hw {

/// Violates "tlm" with the rule that was broken.
class TransactionChecker : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<TransactionChecker> from_initiator{"from_initiator"};
  tlm_utils::simple_initiator_socket<TransactionChecker> to_target{"to_target"};

  explicit TransactionChecker(sc_core::sc_module_name name);

 private:
  /// What nobody may change while a transaction lives; the address is an interconnect's to change.
  struct Fixed {
    tlm::tlm_command command;
    unsigned char* data;
    unsigned length;
    unsigned char* enables;
    unsigned enables_length;
    unsigned width;
    tlm::tlm_gp_option option;
    bool operator==(const Fixed&) const = default;
  };
  enum class Stage { requested, request_ended, responded };
  struct UnderWay {
    Fixed fixed;
    Stage stage;
    sc_core::sc_time last;  ///< when its latest phase was, or will be
  };

  void b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
  tlm::tlm_sync_enum forward(tlm::tlm_generic_payload& transaction, tlm::tlm_phase& phase, sc_core::sc_time& delay);
  tlm::tlm_sync_enum backward(tlm::tlm_generic_payload& transaction, tlm::tlm_phase& phase, sc_core::sc_time& delay);
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& transaction, tlm::tlm_dmi& dmi);
  unsigned transport_dbg(tlm::tlm_generic_payload& transaction);
  void invalidate(sc_dt::uint64 start, sc_dt::uint64 end);

  void require(bool holds, const char* rule) const;
  void check_request(const tlm::tlm_generic_payload& transaction) const;
  void check_fixed(const Fixed& fixed, const tlm::tlm_generic_payload& transaction) const;
  void check_response(const tlm::tlm_generic_payload& transaction) const;
  void begin(tlm::tlm_generic_payload& transaction, const sc_core::sc_time& delay);
  void end_response(const tlm::tlm_generic_payload& transaction, const sc_core::sc_time& delay);
  void take_answer(tlm::tlm_generic_payload& transaction, tlm::tlm_sync_enum status, const tlm::tlm_phase& phase,
                   const sc_core::sc_time& delay);
  void advance(UnderWay& under_way, const tlm::tlm_phase& phase, const tlm::tlm_generic_payload& transaction);
  void check_time(UnderWay& under_way, const sc_core::sc_time& delay) const;
  [[nodiscard]] UnderWay& find(const tlm::tlm_generic_payload& transaction);
  void forget(const tlm::tlm_generic_payload& transaction);
  [[nodiscard]] static Fixed fixed_of(const tlm::tlm_generic_payload& transaction);

  std::map<const tlm::tlm_generic_payload*, Fixed> blocking_;
  std::map<const tlm::tlm_generic_payload*, UnderWay> under_way_;
  const tlm::tlm_generic_payload* requesting_ = nullptr;  ///< its request has begun and not ended
  const tlm::tlm_generic_payload* responding_ = nullptr;
};

}  // namespace gpusim::hw
