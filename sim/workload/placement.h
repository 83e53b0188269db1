// SPDX-License-Identifier: MIT
// Where jobs of a workload run, and for how long.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "firmware/abi/device.h"

namespace gpusim::workload {

/// On which engines a queue may run.
struct EngineChoice {
  abi::EngineClass engine_class = abi::EngineClass::render;
  std::int32_t instance = -1;  ///< -1: any instance of the class

  bool operator==(const EngineChoice&) const = default;
};

/// "vcs", "vcs1": as scenarios and programs name it.
[[nodiscard]] std::string to_text(const EngineChoice& engine);
[[nodiscard]] std::optional<EngineChoice> read_engine_choice(std::string_view text);

/// Time of work, drawn uniformly for each job; min == max: fixed.
struct Work {
  Picoseconds min{0};
  Picoseconds max{0};
  bool is_estimate = false;
};

}  // namespace gpusim::workload
