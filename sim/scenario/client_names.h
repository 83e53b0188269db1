// SPDX-License-Identifier: MIT
// Clients as a scenario names them: all clones of a [[client]], or one of them.
#pragma once

#include <string>
#include <string_view>

#include "sim/scenario/spec.h"

namespace gpusim::scenario {

/// "app", or "app.1" of one with clones.
[[nodiscard]] bool has_client(const ScenarioSpec& spec, std::string_view name);

/// The [[client]] that may have been meant; empty if none is close.
[[nodiscard]] std::string closest_client(const ScenarioSpec& spec, std::string_view name);

}  // namespace gpusim::scenario
