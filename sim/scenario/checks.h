// SPDX-License-Identifier: MIT
// Contradictions: values that are each allowed and do not go together. Each is reported at the place of the value that
// was written last.
#pragma once

#include <string_view>
#include <vector>

#include "sim/scenario/problem.h"
#include "sim/scenario/settings.h"
#include "sim/scenario/spec.h"

namespace gpusim::scenario {

/// `spec` is built from `settings`; its clients are those of settings.clients(), in order. Values that could not be
/// read are not checked again.
void check_machine(const Settings& settings, const ScenarioSpec& spec, std::vector<Problem>& problems);
void check_clients(const Settings& settings, const ScenarioSpec& spec, std::vector<Problem>& problems);

}  // namespace gpusim::scenario
