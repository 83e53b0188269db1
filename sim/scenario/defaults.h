// SPDX-License-Identifier: MIT
// The default machine for those who build scenarios in code.
#pragma once

#include "sim/scenario/spec.h"

namespace gpusim::scenario {

/// What a file that says nothing gives: a default-constructed spec in which each Cost knows its parameter.
[[nodiscard]] ScenarioSpec defaults();

}  // namespace gpusim::scenario
