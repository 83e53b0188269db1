// SPDX-License-Identifier: MIT
// What a JobQueue is configured with. Its two shapes are two Rust sources, docs/reference/jobqueue.md.
#pragma once

#include <cstdint>
#include <string>

#include "base/ids.h"
#include "base/time.h"

namespace gpusim::sched::jq {

enum class Shape : std::uint8_t {
  counter,   ///< A: each dependency counts down, one kick at zero (S14)
  pipeline,  ///< B: stages, moved on by ticks (S15)
};

/// What becomes of the tick that hardware fences ask for while the driver signals several of them.
enum class Coalescing : std::uint8_t {
  off,        ///< each asks for itself
  workqueue,  ///< one for all, queued when the driver is through
  in_thread,  ///< one for all, in the driver's interrupt thread; anywhere else as workqueue
};

struct Options {
  Shape shape = Shape::pipeline;
  Coalescing coalescing = Coalescing::workqueue;  ///< pipeline only, as all that follows
  /// From commit until the job is handed to the hardware; then it ends with -ETIME. 0: none
  Picoseconds pipeline_timeout{0};
  /// That jobs on the hardware have from a kill on, before the driver is asked to take them off. 0: at once
  Picoseconds cancel_timeout{ms(5000)};
};

struct QueueSpec {
  QueueId id;
  std::string name;            ///< for messages
  std::uint32_t capacity = 1;  ///< counter: credits, >= 1. pipeline: entries of the driver's ring, for the trace
  Picoseconds timeout{0};      ///< pipeline: of the head of what is on the hardware; 0: none. counter: not read
  Options options;
  std::uint32_t priority = 0;  ///< for the host's choice of workers only
};

}  // namespace gpusim::sched::jq
