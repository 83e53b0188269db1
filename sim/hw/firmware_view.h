// SPDX-License-Identifier: MIT
// The run-list as it stands at a moment, for reports: who waits for which engine, in which order.
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"

namespace gpusim::hw {

struct FirmwareView {
  struct Waiter {
    QueueId queue;
    std::uint32_t level = 0;  ///< 0 highest
  };
  std::vector<Waiter> runnable;  ///< with a slot, by level, within a level in the order of their turns
  std::vector<Waiter> slotless;  ///< waiting for a slot, in the same order
};

}  // namespace gpusim::hw
