// SPDX-License-Identifier: MIT
// Levels of clients that rings which clients share do not tell apart: drm_sched has three for clients, and as many run
// queues as its driver asked for.
#pragma once

#include <string>
#include <vector>

#include "sim/scenario/spec.h"

namespace gpusim::scenario {

/// One line for each level that is served as another one.
[[nodiscard]] std::vector<std::string> level_notices(const ScenarioSpec& spec);

}  // namespace gpusim::scenario
