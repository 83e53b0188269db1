// SPDX-License-Identifier: MIT
#include "sim/hw/transaction_checker.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include <fmt/core.h>

#include "base/invariant.h"

namespace gpusim::hw {

TransactionChecker::TransactionChecker(sc_core::sc_module_name name) : sc_core::sc_module{name} {
  from_initiator.register_b_transport(this, &TransactionChecker::b_transport);
  from_initiator.register_nb_transport_fw(this, &TransactionChecker::forward);
  from_initiator.register_get_direct_mem_ptr(this, &TransactionChecker::get_direct_mem_ptr);
  from_initiator.register_transport_dbg(this, &TransactionChecker::transport_dbg);
  to_target.register_nb_transport_bw(this, &TransactionChecker::backward);
  to_target.register_invalidate_direct_mem_ptr(this, &TransactionChecker::invalidate);
}

void TransactionChecker::require(bool holds, const char* rule) const {
  if (!holds) violate("tlm", fmt::format("{}: {}", name(), rule));
}

// --- the generic payload ---------------------------------------------------------------------------------------------

TransactionChecker::Fixed TransactionChecker::fixed_of(const tlm::tlm_generic_payload& transaction) {
  return {transaction.get_command(),         transaction.get_data_ptr(),           transaction.get_data_length(),
          transaction.get_byte_enable_ptr(), transaction.get_byte_enable_length(), transaction.get_streaming_width(),
          transaction.get_gp_option()};
}

void TransactionChecker::check_request(const tlm::tlm_generic_payload& transaction) const {
  const Fixed t = fixed_of(transaction);
  const bool is_command =
      t.command == tlm::TLM_READ_COMMAND || t.command == tlm::TLM_WRITE_COMMAND || t.command == tlm::TLM_IGNORE_COMMAND;
  require(is_command, "the command is none of the three");
  if (t.command != tlm::TLM_IGNORE_COMMAND) {
    require(t.data != nullptr, "there is no data pointer");
    require(t.length > 0, "the data length is 0");
  }
  require(t.enables == nullptr || t.enables_length > 0, "there are byte enables, and their length is 0");
  require(t.width > 0, "the streaming width is 0");
  require(transaction.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE,
          "a request comes with a response status other than incomplete");
  require(!transaction.is_dmi_allowed(), "a request comes with the hint of direct access set");
}

void TransactionChecker::check_fixed(const Fixed& fixed, const tlm::tlm_generic_payload& transaction) const {
  const Fixed now = fixed_of(transaction);
  require(now.command == fixed.command, "the command was changed on the way");
  require(now.data == fixed.data, "the data pointer was changed on the way");
  require(now.length == fixed.length, "the data length was changed on the way");
  require(now.enables == fixed.enables && now.enables_length == fixed.enables_length,
          "the byte enables were changed on the way");
  require(now.width == fixed.width, "the streaming width was changed on the way");
  require(now.option == fixed.option, "the option was changed on the way");
}

void TransactionChecker::check_response(const tlm::tlm_generic_payload& transaction) const {
  require(transaction.get_response_status() != tlm::TLM_INCOMPLETE_RESPONSE, "the response status is still incomplete");
}

// --- b_transport -----------------------------------------------------------------------------------------------------

void TransactionChecker::b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
  check_request(transaction);
  const Fixed fixed = fixed_of(transaction);
  const bool is_first = blocking_.emplace(&transaction, fixed).second && !under_way_.contains(&transaction);
  require(is_first, "a transaction is sent again before it is over");
  const std::vector<unsigned char> written =
      transaction.is_write() ? std::vector(fixed.data, fixed.data + fixed.length) : std::vector<unsigned char>{};
  const sc_core::sc_time end = sc_core::sc_time_stamp() + delay;
  try {
    to_target->b_transport(transaction, delay);
  } catch (...) {
    blocking_.erase(&transaction);
    throw;
  }
  blocking_.erase(&transaction);
  check_fixed(fixed, transaction);
  check_response(transaction);
  require(sc_core::sc_time_stamp() + delay >= end, "the target gives back a delay that ends before it began");
  require(written.empty() || std::equal(written.begin(), written.end(), fixed.data),
          "the target has changed the data of a write");
}

// --- the base protocol -----------------------------------------------------------------------------------------------

TransactionChecker::UnderWay& TransactionChecker::find(const tlm::tlm_generic_payload& transaction) {
  const auto found = under_way_.find(&transaction);
  require(found != under_way_.end(), "a phase comes for a transaction that has not begun, or is over");
  return found->second;
}

void TransactionChecker::forget(const tlm::tlm_generic_payload& transaction) {
  if (requesting_ == &transaction) requesting_ = nullptr;
  if (responding_ == &transaction) responding_ = nullptr;
  under_way_.erase(&transaction);
}

void TransactionChecker::check_time(UnderWay& under_way, const sc_core::sc_time& delay) const {
  const sc_core::sc_time when = sc_core::sc_time_stamp() + delay;
  require(when >= under_way.last, "a phase is earlier than the one before it");
  under_way.last = when;
}

void TransactionChecker::begin(tlm::tlm_generic_payload& transaction, const sc_core::sc_time& delay) {
  require(transaction.has_mm(), "a transaction without memory management is sent by nb_transport");
  require(transaction.get_ref_count() > 0, "a transaction is sent that nobody holds");
  check_request(transaction);
  require(!blocking_.contains(&transaction) && !under_way_.contains(&transaction),
          "a transaction is sent again before it is over");
  require(requesting_ == nullptr, "a request begins before the one ahead of it has ended");
  requesting_ = &transaction;
  under_way_[&transaction] = {fixed_of(transaction), Stage::requested, sc_core::sc_time_stamp() + delay};
}

void TransactionChecker::end_response(const tlm::tlm_generic_payload& transaction, const sc_core::sc_time& delay) {
  UnderWay& under_way = find(transaction);
  require(under_way.stage == Stage::responded, "a response ends that has not begun");
  check_time(under_way, delay);
}

/// A phase from the target's side, wherever it says it.
void TransactionChecker::advance(UnderWay& under_way, const tlm::tlm_phase& phase,
                                 const tlm::tlm_generic_payload& transaction) {
  if (phase == tlm::END_REQ) {
    require(under_way.stage == Stage::requested, "a request ends twice");
    under_way.stage = Stage::request_ended;
    requesting_ = nullptr;
    return;
  }
  require(phase == tlm::BEGIN_RESP, "a target says a phase that is the initiator's");
  require(under_way.stage != Stage::responded, "a response begins twice");
  require(responding_ == nullptr, "a response begins before the one ahead of it has ended");
  check_response(transaction);
  // It ends the request, too, if that was not said.
  if (requesting_ == &transaction) requesting_ = nullptr;
  under_way.stage = Stage::responded;
  responding_ = &transaction;
}

/// What the target has answered to a phase of the initiator's.
void TransactionChecker::take_answer(tlm::tlm_generic_payload& transaction, tlm::tlm_sync_enum status,
                                     const tlm::tlm_phase& phase, const sc_core::sc_time& delay) {
  if (status == tlm::TLM_ACCEPTED) return;
  UnderWay& under_way = find(transaction);
  check_fixed(under_way.fixed, transaction);
  check_time(under_way, delay);
  if (status == tlm::TLM_UPDATED) return advance(under_way, phase, transaction);
  check_response(transaction);
  forget(transaction);
}

tlm::tlm_sync_enum TransactionChecker::forward(tlm::tlm_generic_payload& transaction, tlm::tlm_phase& phase,
                                               sc_core::sc_time& delay) {
  if (phase > tlm::END_RESP) return to_target->nb_transport_fw(transaction, phase, delay);  // of an extended protocol
  const bool is_begin = phase == tlm::BEGIN_REQ;
  require(is_begin || phase == tlm::END_RESP, "an initiator says a phase that is the target's");
  if (is_begin) {
    begin(transaction, delay);
  } else {
    end_response(transaction, delay);
  }
  // It may be over, and somebody else's, when the target returns; the next response may come before that.
  transaction.acquire();
  if (!is_begin) forget(transaction);
  const tlm::tlm_sync_enum status = to_target->nb_transport_fw(transaction, phase, delay);
  if (is_begin) take_answer(transaction, status, phase, delay);
  require(is_begin || status != tlm::TLM_UPDATED, "there is an answer to the end of a response");
  transaction.release();
  return status;
}

tlm::tlm_sync_enum TransactionChecker::backward(tlm::tlm_generic_payload& transaction, tlm::tlm_phase& phase,
                                                sc_core::sc_time& delay) {
  if (phase > tlm::END_RESP) return from_initiator->nb_transport_bw(transaction, phase, delay);
  UnderWay& under_way = find(transaction);
  require(transaction.get_ref_count() > 0, "an answer comes for a transaction that nobody holds");
  check_fixed(under_way.fixed, transaction);
  check_time(under_way, delay);
  const bool is_response = phase == tlm::BEGIN_RESP;
  advance(under_way, phase, transaction);
  transaction.acquire();
  const tlm::tlm_sync_enum status = from_initiator->nb_transport_bw(transaction, phase, delay);
  const bool is_over = status == tlm::TLM_COMPLETED || (status == tlm::TLM_UPDATED && phase == tlm::END_RESP);
  require(is_response || !is_over, "an initiator ends a transaction that has no response");
  require(status != tlm::TLM_UPDATED || phase == tlm::END_RESP, "an initiator answers by a phase that is not its turn");
  if (status == tlm::TLM_UPDATED) check_time(find(transaction), delay);
  if (is_over) forget(transaction);
  transaction.release();
  return status;
}

// --- direct and debug access -----------------------------------------------------------------------------------------

bool TransactionChecker::get_direct_mem_ptr(tlm::tlm_generic_payload& transaction, tlm::tlm_dmi& dmi) {
  const bool is_granted = to_target->get_direct_mem_ptr(transaction, dmi);
  require(dmi.get_start_address() <= dmi.get_end_address(), "a range of direct access ends before it starts");
  if (!is_granted) return false;
  require(dmi.get_dmi_ptr() != nullptr, "direct access is granted without a pointer");
  require(dmi.get_granted_access() != tlm::tlm_dmi::DMI_ACCESS_NONE, "direct access is granted for nothing");
  require(transaction.is_read() ? dmi.is_read_allowed() : dmi.is_write_allowed(),
          "direct access is granted for something else than asked");
  require(transaction.get_address() >= dmi.get_start_address() && transaction.get_address() <= dmi.get_end_address(),
          "direct access is granted for other addresses than asked");
  return true;
}

void TransactionChecker::invalidate(sc_dt::uint64 start, sc_dt::uint64 end) {
  require(start <= end, "a range of direct access that is taken back ends before it starts");
  from_initiator->invalidate_direct_mem_ptr(start, end);
}

unsigned TransactionChecker::transport_dbg(tlm::tlm_generic_payload& transaction) {
  const Fixed fixed = fixed_of(transaction);
  const unsigned count = to_target->transport_dbg(transaction);
  require(count <= fixed.length, "a debug access is said to have reached more than there is");
  check_fixed(fixed, transaction);
  return count;
}

}  // namespace gpusim::hw
