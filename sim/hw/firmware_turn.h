// SPDX-License-Identifier: MIT
// A turn of the firmware's loop by kind and by what it took, for profiles.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/time.h"
#include "firmware/main/main.h"
#include "sim/hw/spec.h"

namespace gpusim::hw {

/// What a turn was for: a step, of a message by its action.
enum class FirmwareHandler : std::uint8_t {
  first_turn,  ///< after a reset, with the start of the firmware in it, whatever else it was for
  doorbell,
  register_queue,
  schedule,
  set_priority,
  set_limits,
  disable_queue,
  enable_queue,
  terminate_queue,
  deregister_queue,
  bad_message,  ///< that made no sense
  empty_look,
  engine_empty,
  engine_saved,
  quantum,
  pick,
  preempt_timeout,
  reset_engine,  ///< a preempt timeout, or a page fault, at which the firmware resets the engine
  wait_over,
  tick,
  idle,
  no_event,  ///< a look that finds no event, before it sleeps; with the table it takes no time and is not counted
};
inline constexpr std::array kFirmwareHandlerNames{
    "first_turn",  "doorbell",        "register_queue", "schedule",        "set_priority",
    "set_limits",  "disable_queue",   "enable_queue",   "terminate_queue", "deregister_queue",
    "bad_message", "empty_look",      "engine_empty",   "engine_saved",    "quantum",
    "pick",        "preempt_timeout", "reset_engine",   "wait_over",       "tick",
    "idle",        "no_event"};
static_assert(static_cast<std::size_t>(FirmwareHandler::no_event) + 1 == kFirmwareHandlerNames.size());

/// `resets`: it has ordered the reset of an engine.
[[nodiscard]] FirmwareHandler handler_of(const fw::Turn& turn, bool resets);

/// What it takes with FirmwareTiming::table. Pre: neither first_turn nor no_event.
[[nodiscard]] const Cost& table_cost(const FirmwareSpec& spec, FirmwareHandler handler);

struct FirmwareTurn {
  FirmwareHandler handler{};
  std::uint64_t instructions = 0;  ///< 0 where nobody counts them, as cycles
  std::uint64_t cycles = 0;
  std::uint32_t registers = 0;   ///< accesses to them, reads of host memory not among them
  std::uint32_t host_reads = 0;  ///< words of host memory
  Picoseconds time{0};           ///< that the processor was busy with it; a wait for an engine's reset is none
  Picoseconds bus_wait{0};       ///< of that, registers and host memory; 0 with FirmwareTiming::table
};

class FirmwareTurnListener {
 public:
  virtual ~FirmwareTurnListener() = default;
  /// When it is over. A turn that a reset cuts short is never told.
  virtual void on_turn(const FirmwareTurn& turn) = 0;
};

}  // namespace gpusim::hw
