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
  bool may_change = false;         ///< at run time, also if both are the device's at first

  /// Its context has words for them.
  [[nodiscard]] bool need_words() const { return may_change || quantum.count() != 0 || preempt_timeout.count() != 0; }
};

}  // namespace gpusim::drv
