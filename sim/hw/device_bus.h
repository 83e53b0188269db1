// SPDX-License-Identifier: MIT
// What the device's modules say to each other: each is a target with registers at the addresses below, written in one
// transaction each, and takes effect at once. (A device's own wires; the host's registers are in firmware/abi/device.h,
// the firmware's in firmware/abi/firmware_registers.h.)
#pragma once

#include <cstdint>

#include "firmware/main/main.h"

namespace gpusim::hw::bus {

// The firmware's processor.
inline constexpr std::uint64_t kDoorbell = 0x00;  // std::uint32_t: queue id
inline constexpr std::uint64_t kNotify = 0x08;    // std::uint32_t: anything
inline constexpr std::uint64_t kChannel = 0x10;   // std::uint64_t: where the host has put the channel
inline constexpr std::uint64_t kReport = 0x40;    // Report
// and kWatchedWord

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
inline constexpr std::uint64_t kRenew = 0x60;     // std::uint32_t: anything
inline constexpr std::uint64_t kKillWork = 0x58;  // std::uint32_t: abi::kill_work()
inline constexpr std::uint64_t kRing = 0x68;  // std::uint32_t: what was written to the doorbell of the queue at kQueue
inline constexpr std::uint64_t kNewLimits = 0x78;  // std::uint32_t: id of a queue that has other abi::ContextLimits
inline constexpr std::uint64_t kQueue = 0x70;  // read: std::uint32_t, id of the queue whose doorbells it takes; 0: none

// Both.
inline constexpr std::uint64_t kWatchedWord = 0x80;  // std::uint64_t: address of one that may have changed

// The interrupt unit.
inline constexpr std::uint64_t kRaise = 0x00;  // std::uint32_t: vector

// The host's end of the link, beside memory: words that an engine or the firmware's processor wants to be told of.
inline constexpr std::uint64_t kWatch = 0x00;    // std::uint64_t: address
inline constexpr std::uint64_t kUnwatch = 0x08;  // std::uint64_t: address

}  // namespace gpusim::hw::bus
