// SPDX-License-Identifier: MIT
// The run-list as it stands at a moment, for reports: who waits for which engine, in which order, and who is to leave.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/time.h"

namespace gpusim::hw {

struct FirmwareView {
  struct Waiter {
    QueueId queue;
    std::uint32_t level = 0;  ///< 0 highest
  };
  /// An engine whose queue is told to leave it.
  struct Preemption {
    std::uint32_t engine = 0;
    QueueId queue;
    std::optional<SimTime> due;  ///< when the preempt timeout is over; none: there is no such timeout
  };
  std::vector<Preemption> preemptions;
  std::vector<Waiter> runnable;  ///< with a slot, by level, within a level in the order of their turns
  std::vector<Waiter> slotless;  ///< waiting for a slot, in the same order
};

}  // namespace gpusim::hw
