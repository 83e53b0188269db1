// SPDX-License-Identifier: MIT
// Which faults the machine of a scenario can have. What its component or driver lacks for good is an error with the
// reason; what only never came in a run (a doorbell to lose where the firmware is told by messages, say) is a note at
// its end, from the injector.
#pragma once

#include <string_view>
#include <vector>

#include "sim/fault/explored.h"
#include "sim/scenario/problem.h"
#include "sim/scenario/settings.h"
#include "sim/scenario/spec.h"

namespace gpusim::scenario {

/// Why it could not strike in any run of this machine; empty: it may.
[[nodiscard]] std::string_view why_impossible(fault::Kind kind, const ScenarioSpec& spec);

/// Those of [fault] and of [[faults]]. `spec` is built from `settings`. Each is reported at the place of what was
/// written last: the fault, or what makes it impossible.
void refuse_impossible_faults(const Settings& settings, const ScenarioSpec& spec, std::vector<Problem>& problems);

}  // namespace gpusim::scenario
