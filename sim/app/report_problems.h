// SPDX-License-Identifier: MIT
// How a command with unusable input ends.
#pragma once

#include <string>
#include <vector>

#include "sim/scenario/problem.h"

namespace gpusim::app {

/// Says what is wrong, each with the line it is in: of many the first 20. `sets` as on the command line. The exit code
/// for it.
int report_problems(const std::vector<scenario::Problem>& problems, const std::vector<std::string>& sets = {});

}  // namespace gpusim::app
