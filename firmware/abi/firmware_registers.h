// SPDX-License-Identifier: MIT
// The registers that the firmware's processor sees: how it learns what has happened, reaches host memory and commands
// the engines. Words of 32 bits at multiples of 4, from kFirmwareRegisters on; docs/firmware.md has them as a table.
// Values are ours, as those of the host's side (device.h). Freestanding.
//
// Reads show what is there now. What is written takes effect in the order of the writes: when the turn that does it is
// over or, live, at once; pending bits are cleared at once.
#pragma once

#include <cstdint>

#include "firmware/abi/device.h"
#include "firmware/abi/messages.h"

namespace gpusim::abi {

inline constexpr std::uint32_t kFirmwareRegisters = 0x4000'0000;

// What the device is. Read only.
inline constexpr std::uint32_t kFwEngineCount = 0x000;
inline constexpr std::uint32_t kFwMaxQueues = 0x004;
inline constexpr std::uint32_t kFwSlots = 0x008;       // DeviceDescriptor::slots
inline constexpr std::uint32_t kFwPreemption = 0x00c;  // 0: no preempt timeout; else 1 + PreemptMiss
inline constexpr std::uint32_t kFwChannelLow = 0x010;  // where the host has put the channel; 0: nowhere yet
inline constexpr std::uint32_t kFwChannelHigh = 0x014;

// The event FIFO. Reading kFwEvent takes its first entry out, and the others show what belongs to it. The external
// interrupt line is up as long as there is one.
inline constexpr std::uint32_t kFwEvent = 0x020;           // 0: it is empty; else event_word()
inline constexpr std::uint32_t kFwEventQueue = 0x024;      // of a doorbell, a watch or a report
inline constexpr std::uint32_t kFwEventRun = 0x028;        // of a report
inline constexpr std::uint32_t kFwEventReadIndex = 0x02c;  // of a report

/// `step` is a fw::Step; `engine` and `begun` are of a report.
[[nodiscard]] constexpr std::uint32_t event_word(std::uint32_t step, std::uint32_t engine, bool begun) {
  return (step + 1) | engine << 8 | std::uint32_t{begun} << 16;
}
[[nodiscard]] constexpr std::uint32_t event_step(std::uint32_t word) { return (word & 0xff) - 1; }
[[nodiscard]] constexpr std::uint32_t event_engine(std::uint32_t word) { return word >> 8 & 0xff; }
[[nodiscard]] constexpr bool event_begun(std::uint32_t word) { return (word >> 16 & 1) != 0; }

// The notification of the host's messages.
inline constexpr std::uint32_t kFwNotification = 0x030;  // read: 1 if it is pending; write 1: clear it
inline constexpr std::uint32_t kFwNotifyAgain = 0x034;   // write: set it, as the host does

// Host memory, a word at a time, and interrupts.
inline constexpr std::uint32_t kFwHostLow = 0x040;    // address
inline constexpr std::uint32_t kFwHostHigh = 0x044;   //
inline constexpr std::uint32_t kFwHostData = 0x048;   // read or write the word there
inline constexpr std::uint32_t kFwInterrupt = 0x04c;  // write: raise this vector

// A watch for each queue: the word at kFwHostLow and kFwHostHigh has come to the value (abi::is_reached()).
inline constexpr std::uint32_t kFwWatchValue = 0x050;  //
inline constexpr std::uint32_t kFwWatch = 0x054;       // write: watch for this queue: an event, once, when it has
inline constexpr std::uint32_t kFwUnwatch = 0x058;     // write: no more for this queue

inline constexpr std::uint32_t kFwTick = 0x05c;           // write 1: an event each period from now on; 0: no more
inline constexpr std::uint32_t kFwOuterQuantum = 0x060;   // read: DeviceDescriptor::outer_quantum
inline constexpr std::uint32_t kFwDoorbellRoute = 0x064;  // read: DoorbellRoute

// A timer for each queue, of DeviceDescriptor::idle_hysteresis_ps.
inline constexpr std::uint32_t kFwIdleTimer = 0x068;      // read: 1 if there are any; write: this queue's starts anew
inline constexpr std::uint32_t kFwStopIdleTimer = 0x06c;  // write: this queue's stops

inline constexpr std::uint32_t kFwNewLimits = 0x070;  // write: this queue has other ContextLimits

// Engines, a block for each.
inline constexpr std::uint32_t kFwEngineBase = 0x400;
inline constexpr std::uint32_t kFwEngineStride = 0x040;
inline constexpr std::uint32_t kFwEngineClass = 0x00;  // read: EngineClass
inline constexpr std::uint32_t kFwEngineQueue = 0x04;  // of what it is to run: fw::RunRequest
inline constexpr std::uint32_t kFwEngineTag = 0x08;
inline constexpr std::uint32_t kFwEngineRun = 0x0c;
inline constexpr std::uint32_t kFwEngineReadIndex = 0x10;
inline constexpr std::uint32_t kFwEngineWriteIndex = 0x14;  // also of EngineCommand::extend
inline constexpr std::uint32_t kFwEngineRingEntries = 0x18;
inline constexpr std::uint32_t kFwEngineRingLow = 0x1c;
inline constexpr std::uint32_t kFwEngineRingHigh = 0x20;
inline constexpr std::uint32_t kFwEngineContextLow = 0x24;
inline constexpr std::uint32_t kFwEngineContextHigh = 0x28;
inline constexpr std::uint32_t kFwEngineCommand = 0x2c;     // write: EngineCommand
inline constexpr std::uint32_t kFwEngineTimerQueue = 0x30;  // what the report of its timer says
inline constexpr std::uint32_t kFwEngineTimerRun = 0x34;
inline constexpr std::uint32_t kFwEngineTimer = 0x38;  // write 1: start the preempt timeout; 0: stop it

enum class EngineCommand : std::uint32_t {
  run = 1,  ///< the queue of the registers above
  extend,   ///< its queue has entries up to the write index
  preempt,
  reset,
  renew,  ///< its queue has a new quantum
};

[[nodiscard]] constexpr std::uint32_t engine_register(std::uint32_t engine, std::uint32_t offset) {
  return kFwEngineBase + engine * kFwEngineStride + offset;
}

// For the model alone: a device has no such registers. They take no time.
inline constexpr std::uint32_t kFwModelBase = 0x800;
inline constexpr std::uint32_t kFwModelBytes = 0x800;
inline constexpr std::uint32_t kFwTurn = 0x800;       // write: a turn of the main loop is over: turn_word()
inline constexpr std::uint32_t kFwStepQueue = 0x804;  // of the step that is begun
inline constexpr std::uint32_t kFwStep = 0x808;       // write: step_word()
inline constexpr std::uint32_t kFwNoteQueue = 0x80c;  // of a note
inline constexpr std::uint32_t kFwNoteWord = 0x810;
inline constexpr std::uint32_t kFwNote = 0x814;      // write: FirmwareNote
inline constexpr std::uint32_t kFwAskQueue = 0x818;  // faults: whose message or reply
inline constexpr std::uint32_t kFwAskLow = 0x81c;    // where the message stands
inline constexpr std::uint32_t kFwAskHigh = 0x820;
inline constexpr std::uint32_t kFwTakesMessage = 0x824;  // read: 0 if it gets lost
inline constexpr std::uint32_t kFwSendsReply = 0x828;    // read: 0 if it gets lost

enum class FirmwareNote : std::uint32_t {
  registered = 1,
  deregistered,
  ready,     ///< word: write index
  resident,  ///< the same, of one that holds a slot
  granted,   ///< word: slot
  evicted,   ///< word: slot
  reset_notify,
  refused,  ///< word: Refusal
  waits,    ///< nothing of it can be executed until its watch has ended
  goes_on,  ///< it does not wait any more
};

[[nodiscard]] constexpr std::uint32_t step_word(std::uint32_t step, std::uint32_t engine) { return step | engine << 8; }
[[nodiscard]] constexpr std::uint32_t turn_word(std::uint32_t step, Action action) {
  return step | static_cast<std::uint32_t>(action) << 8;
}
/// Of both.
[[nodiscard]] constexpr std::uint32_t word_step(std::uint32_t word) { return word & 0xff; }
[[nodiscard]] constexpr std::uint32_t step_engine(std::uint32_t word) { return word >> 8; }
[[nodiscard]] constexpr Action turn_action(std::uint32_t word) { return static_cast<Action>(word >> 8); }
[[nodiscard]] constexpr bool is_models(std::uint32_t offset) {
  return offset >= kFwModelBase && offset < kFwModelBase + kFwModelBytes;
}

// Doorbells that are pending, a bit for each queue. Writing a bit clears it.
inline constexpr std::uint32_t kFwDoorbells = 0x1000;
[[nodiscard]] constexpr std::uint32_t doorbell_word(std::uint32_t queue) { return kFwDoorbells + queue / 32 * 4; }
[[nodiscard]] constexpr std::uint32_t doorbell_bit(std::uint32_t queue) { return std::uint32_t{1} << queue % 32; }

inline constexpr std::uint32_t kFirmwareRegisterBytes = 0x4000;  // up to 65,535 queues

static_assert(kFwEngineBase + kMaxEngines * kFwEngineStride <= kFwModelBase);
static_assert(kFwModelBase + kFwModelBytes <= kFwDoorbells);
static_assert(doorbell_word(0xffff) < kFirmwareRegisterBytes);

}  // namespace gpusim::abi
