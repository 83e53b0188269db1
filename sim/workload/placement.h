// SPDX-License-Identifier: MIT
// Where jobs of a workload run, and for how long.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "firmware/abi/device.h"

namespace gpusim::workload {

/// On which engines a queue may run.
struct EngineChoice {
  abi::EngineClass engine_class = abi::EngineClass::render;
  std::int32_t instance = -1;  ///< -1: any instance of the class

  bool operator==(const EngineChoice&) const = default;
};

/// Time of work, drawn uniformly for each job; min == max: fixed.
struct Work {
  Picoseconds min{0};
  Picoseconds max{0};
  bool is_estimate = false;
};

}  // namespace gpusim::workload
