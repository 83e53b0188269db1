// SPDX-License-Identifier: MIT
// gpusim explain --firmware-times: the service times of device.firmware.timing = "table", computed from what the core
// takes for the firmware's turns.
#pragma once

#include "sim/app/page_options.h"
#include "sim/scenario/loader.h"

namespace gpusim::app {

/// Runs the scenario, and the exercise on its device, by cycles on the core. `loaded` is ok(). An InvariantViolation of
/// these runs is passed on. The exit code.
[[nodiscard]] int firmware_times_command(const scenario::LoadResult& loaded, const PageOptions& page);

}  // namespace gpusim::app
