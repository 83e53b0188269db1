// SPDX-License-Identifier: MIT
// What clients of a scenario have in common: the names of [share], compositors and their renderers, working sets of
// several clients, and the client that is killed.
#pragma once

#include <string>
#include <vector>

#include "sim/scenario/problem.h"
#include "sim/scenario/settings.h"
#include "sim/scenario/spec.h"

namespace gpusim::scenario {

void check_sharing(const Settings& settings, const ScenarioSpec& spec, std::vector<Problem>& problems);

/// What is named and not used, and what is waited for and signalled by no client: a line each.
[[nodiscard]] std::vector<std::string> sharing_notices(const ScenarioSpec& spec);

}  // namespace gpusim::scenario
