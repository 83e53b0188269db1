// SPDX-License-Identifier: MIT
// Values that a scenario gives and that nothing in it reads: a key of the other submission component, or one that only
// matters beside another value. The table of parameters says what each is read for.
#pragma once

#include <string>
#include <vector>

#include "sim/scenario/settings.h"
#include "sim/scenario/spec.h"

namespace gpusim::scenario {

/// One line for each reason. A value that is the default is not reported: leaving it out would be the same.
[[nodiscard]] std::vector<std::string> unread_notices(const Settings& settings, const ScenarioSpec& spec);

}  // namespace gpusim::scenario
