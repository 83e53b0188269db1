// SPDX-License-Identifier: MIT
// What a run of a scenario shows of a planted bug.
#pragma once

#include <string>

#include "sim/scenario/spec.h"
#include "sim/system/simulation.h"

namespace gpusim::test {

struct Finding {
  std::string oracle;  ///< empty: none spoke
  std::string text;    ///< what it said, or the report of a stall
  system::Outcome outcome = system::Outcome::finished;
};

[[nodiscard]] Finding find_in(const scenario::ScenarioSpec& spec);

}  // namespace gpusim::test
