// SPDX-License-Identifier: MIT
// What a queue may have otherwise than the device says. In kind the properties of xe's exec queues, timeslice and
// preemption timeout (xe_exec_queue.c).
#pragma once

#include "base/time.h"

namespace gpusim::drv {

/// 0: the device's.
struct QueueLimits {
  Picoseconds quantum{0};          ///< time on an engine, while others wait for it
  Picoseconds preempt_timeout{0};  ///< in which it has to leave one

  [[nodiscard]] bool has_any() const { return quantum.count() != 0 || preempt_timeout.count() != 0; }
};

}  // namespace gpusim::drv
