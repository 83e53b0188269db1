// SPDX-License-Identifier: MIT
// How a command with unusable input ends.
#pragma once

#include <vector>

#include "sim/app/source_lines.h"
#include "sim/scenario/problem.h"

namespace gpusim::app {

/// Says what is wrong, each with the line it is in, of a file or of what is `given`: of many the first 20. The exit
/// code for it.
int report_problems(const std::vector<scenario::Problem>& problems, const CommandLine& given = {});

}  // namespace gpusim::app
