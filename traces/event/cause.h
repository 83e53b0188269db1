// SPDX-License-Identifier: MIT
// The causes that a job's life is cut into, from ioctl entry to the return of its waiter. They tile it exactly.
// Where two apply at the same time, the order below decides (docs/architecture.md, "Causes").
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gpusim::trace {

enum class Cause : std::uint8_t {
  syscall,      ///< the exec, an ioctl or in user mode, runs (or is kept off its CPU) in the caller's context
  lock,         ///< the caller sleeps on the queue's lock
  dependency,   ///< the queue's head, or a client in user mode, waits for a fence
  credit,       ///< the queue's head waits for credits
  gang,         ///< the queue's head is of a gang, and another one is still on its way to the rings
  token,        ///< the queue's head waits for its turn at the hardware, which the orchestrator gives
  host_worker,  ///< runnable, until the submit worker has rung the doorbell: wake-up, dispatch, the worker's own time
  ring_space,   ///< run_job waits for room in the ring
  doorbell,     ///< the doorbell or message is in flight
  firmware,     ///< the firmware has not finished the event, or has not picked although an engine is free
  ring_wait,    ///< the queue waits in its ring for another one's fence value
  run_list,     ///< the queue holds no slot
  engine_busy,  ///< every engine it may use works for another job
  context_switch,  ///< an engine restores its context, or all that it may use are switching
  work,            ///< its ring entry is fetched and executed
  preempted,       ///< started, and off the engine
  fence_write,     ///< the fence value is on its way to host memory
  interrupt,       ///< the fence value is visible, no handler has begun
  completion,      ///< a handler runs, the finished fence is not signalled yet
  wakeup,          ///< signalled, its waiter has not returned
  recovery,        ///< what would have moved it on is lost, or its queue is timed out, reset or banned
};

inline constexpr std::size_t kCauseCount = 21;

inline constexpr std::array<std::string_view, kCauseCount> kCauseNames{
    "syscall",    "lock",      "dependency",  "credit",    "gang",       "token",       "host_worker",
    "ring_space", "doorbell",  "firmware",    "ring_wait", "run_list",   "engine_busy", "context_switch",
    "work",       "preempted", "fence_write", "interrupt", "completion", "wakeup",      "recovery"};

[[nodiscard]] constexpr std::string_view to_string(Cause cause) { return kCauseNames[static_cast<std::size_t>(cause)]; }

}  // namespace gpusim::trace
