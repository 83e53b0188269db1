// SPDX-License-Identifier: MIT
// How the queues and engines of a scenario will be called, before it runs: for those who name one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/spec.h"

namespace gpusim::scenario {

/// "rcs0", "ccs1": as in traces and summaries.
[[nodiscard]] std::vector<std::string> engine_names(const ScenarioSpec& spec);

/// Whether a run may create a queue of this name, if it goes on for long enough: "<client>.<role>" or, where clients
/// share rings, "<engine>.ring".
[[nodiscard]] bool may_have_queue(const ScenarioSpec& spec, std::string_view name);

/// Such names, for "did you mean": of clones and of queues that are numbered the first.
[[nodiscard]] std::vector<std::string> queue_names(const ScenarioSpec& spec);

}  // namespace gpusim::scenario
