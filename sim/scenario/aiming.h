// SPDX-License-Identifier: MIT
// The aims of [[faults]]: whether there is such a client, queue and engine, and whether the kind can be aimed so.
#pragma once

#include <vector>

#include "sim/scenario/problem.h"
#include "sim/scenario/settings.h"
#include "sim/scenario/spec.h"

namespace gpusim::scenario {

/// `spec` is built from `settings`, with its clients; its aimed faults are those of settings.faults(), in order. Sets
/// AimedFault::units. Values that could not be read are not checked again.
void aim_faults(const Settings& settings, ScenarioSpec& spec, std::vector<Problem>& problems);

}  // namespace gpusim::scenario
