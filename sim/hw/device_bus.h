// SPDX-License-Identifier: MIT
// What the device's modules say to each other: each is a target with registers at the addresses below, written in one
// transaction each, and takes effect at once. (A device's own wires; the host's registers are in firmware/abi/device.h,
// the firmware's in firmware/abi/firmware_registers.h.)
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "firmware/main/main.h"
#include "sim/hw/systemc.h"

namespace gpusim::hw {

inline constexpr unsigned kMostBytes = 64;  ///< of a transaction

namespace bus {

// The firmware's processor.
inline constexpr std::uint64_t kDoorbell = 0x00;  // std::uint32_t: queue id
inline constexpr std::uint64_t kNotify = 0x08;    // std::uint32_t: anything
inline constexpr std::uint64_t kChannel = 0x10;   // std::uint64_t: where the host has put the channel
inline constexpr std::uint64_t kReport = 0x40;    // Report

/// What an engine says of itself.
struct Report {
  fw::Step event;
  fw::EngineReport report;
};

// An engine.
inline constexpr std::uint64_t kRun = 0x00;       // fw::RunRequest
inline constexpr std::uint64_t kExtend = 0x40;    // std::uint32_t: write index
inline constexpr std::uint64_t kPreempt = 0x48;   // std::uint32_t: anything
inline constexpr std::uint64_t kReset = 0x50;     // std::uint32_t: the QueueId that the firmware takes it to have
inline constexpr std::uint64_t kKillWork = 0x58;  // std::uint32_t: abi::kill_work()
inline constexpr std::uint64_t kStopWord = 0x60;  // std::uint64_t: address of a watched word that may have changed

// The interrupt unit.
inline constexpr std::uint64_t kRaise = 0x00;  // std::uint32_t: vector

// The host's end of the link, beside memory: words that an engine wants to be told of.
inline constexpr std::uint64_t kWatch = 0x00;    // std::uint64_t: address
inline constexpr std::uint64_t kUnwatch = 0x08;  // std::uint64_t: address

}  // namespace bus

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

}  // namespace gpusim::hw
