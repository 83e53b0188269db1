// SPDX-License-Identifier: MIT
// A schedule as a file: one choice a line, comments behind #.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "base/choice.h"
#include "sim/scenario/problem.h"
#include "sim/system/explorer.h"

namespace gpusim::app {

/// Comments give `scenario` and the outcome of the run.
void write_schedule(std::ostream& out, const std::string& scenario, const system::ExploredRun& run);

/// None if the file was read.
[[nodiscard]] std::vector<scenario::Problem> read_schedule(const std::string& path, Schedule& schedule);

}  // namespace gpusim::app
