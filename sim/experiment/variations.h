// SPDX-License-Identifier: MIT
// How much a comparison depends on parameters that are estimates: which of them were charged, and what the verdict
// becomes at either end of the range in which each is believed. Parameters that are not durations (how many CPUs) are
// never charged and stay as they are.
#pragma once

#include <cstddef>
#include <vector>

#include "sim/experiment/plan.h"

namespace gpusim::experiment {

/// Fills in shares, share_of_all. `points` and `cells` by variant, of the scenario as it is.
void add_shares(Comparison& comparison, const Plan& plan, const std::vector<std::size_t>& points,
                const std::vector<Cell>& cells);

/// Runs all variants with each estimate at either end of its range, and with all of them.
void add_variations(Comparison& comparison, const Experiment& experiment, Plan& plan,
                    const std::vector<std::size_t>& points, const std::vector<Cell>& cells);

}  // namespace gpusim::experiment
