// SPDX-License-Identifier: MIT
// run --gdb: the firmware under a debugger.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "sim/app/progress.h"
#include "sim/gdb/server.h"
#include "sim/scenario/problem.h"
#include "sim/scenario/spec.h"
#include "sim/system/simulation.h"

namespace gpusim::app {

/// Listens on the port; none without a port, or with a problem.
[[nodiscard]] std::unique_ptr<gdb::Server> listen_for_gdb(std::optional<std::uint16_t> port,
                                                          const scenario::ScenarioSpec& spec,
                                                          std::vector<scenario::Problem>& problems);

/// Says on stderr where GDB is waited for, and waits. Comes back when it lets the firmware go on. `progress` knows
/// whether the user has interrupted the program.
void wait_for_gdb(gdb::Server& server, system::Simulation& simulation, Progress& progress);

}  // namespace gpusim::app
