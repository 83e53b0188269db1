// SPDX-License-Identifier: MIT
// A schedule as a file: one choice a line, comments behind #.
#pragma once

#include <iosfwd>
#include <string>

#include "base/choice.h"
#include "sim/system/explorer.h"

namespace gpusim::app {

/// `scenario` and what the run came to stand in comments.
void write_schedule(std::ostream& out, const std::string& scenario, const system::ExploredRun& run);

/// Empty if the file was read, else "FILE:LINE: error: ...".
[[nodiscard]] std::string read_schedule(const std::string& path, Schedule& schedule);

}  // namespace gpusim::app
