// SPDX-License-Identifier: MIT
// The generic payload as the modules here make it and take it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

#include "sim/hw/systemc.h"

namespace gpusim::hw {

inline constexpr unsigned kMostBytes = 64;  ///< of a transaction

/// As a request has to come: no response yet, no hint of direct access.
inline void renew(tlm::tlm_generic_payload& transaction) {
  transaction.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  transaction.set_dmi_allowed(false);
}

/// A request for these bytes, which a read fills.
inline void prepare(tlm::tlm_generic_payload& transaction, tlm::tlm_command command, std::uint64_t address,
                    std::span<const std::byte> bytes) {
  transaction.set_command(command);
  transaction.set_address(address);
  // TLM knows no constant data; the target of a write only reads it.
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
  transaction.set_data_ptr(const_cast<unsigned char*>(reinterpret_cast<const unsigned char*>(bytes.data())));
  transaction.set_data_length(static_cast<unsigned>(bytes.size()));
  transaction.set_streaming_width(static_cast<unsigned>(bytes.size()));
  renew(transaction);
}

/// Violates "bus".
[[noreturn]] void refused(const tlm::tlm_generic_payload& transaction, std::string_view who);

/// Violates "bus" if it was refused; `who` has sent it.
inline void require_ok(const tlm::tlm_generic_payload& transaction, const char* who) {
  if (!transaction.is_response_ok()) refused(transaction, who);
}

/// Whether a target of ours does it: a read or a write in one piece, at most `most` bytes long. The response says why
/// not; TLM_OK_RESPONSE otherwise.
[[nodiscard]] inline bool is_plain(tlm::tlm_generic_payload& transaction, unsigned most = kMostBytes) {
  tlm::tlm_response_status status = tlm::TLM_OK_RESPONSE;
  const unsigned length = transaction.get_data_length();
  if (transaction.get_command() == tlm::TLM_IGNORE_COMMAND) {
    status = tlm::TLM_COMMAND_ERROR_RESPONSE;
  } else if (transaction.get_byte_enable_ptr() != nullptr) {
    status = tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
  } else if (length > most || transaction.get_streaming_width() < length) {
    status = tlm::TLM_BURST_ERROR_RESPONSE;
  }
  transaction.set_response_status(status);
  return status == tlm::TLM_OK_RESPONSE;
}

/// What a write of a register carries. False, and an error as response, for anything else.
template <class T>
[[nodiscard]] bool take(tlm::tlm_generic_payload& transaction, T& value) {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= kMostBytes);
  if (!is_plain(transaction)) return false;
  if (!transaction.is_write()) transaction.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
  if (transaction.get_data_length() != sizeof(T)) transaction.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
  if (!transaction.is_response_ok()) return false;
  std::memcpy(&value, transaction.get_data_ptr(), sizeof value);
  return true;
}

/// Answers a read of a register; an error as response for anything else.
template <class T>
void tell(tlm::tlm_generic_payload& transaction, const T& value) {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= kMostBytes);
  if (!is_plain(transaction)) return;
  if (!transaction.is_read()) transaction.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
  if (transaction.get_data_length() != sizeof(T)) transaction.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
  if (transaction.is_response_ok()) std::memcpy(transaction.get_data_ptr(), &value, sizeof value);
}

/// Has `order` called with what a write of a register carries, if it is one.
template <class T, class Order>
void obey(tlm::tlm_generic_payload& transaction, Order order) {
  T value{};
  if (take(transaction, value)) order(value);
}

}  // namespace gpusim::hw
