// SPDX-License-Identifier: MIT
// How much a comparison depends on parameters that are estimates: what part of the time rests on them, and what the
// verdict becomes at both ends of the range in which each is believed, and between them. Varied are durations that were
// charged and what a background load is made of, and the rate that turns counts of instructions into durations; how
// many CPUs there are, say, stays as it is.
#pragma once

#include <cstddef>
#include <vector>

#include "sim/experiment/plan.h"

namespace gpusim::experiment {

/// Fills in shares. `points` and `cells` by variant, of the scenario as it is.
void add_shares(Comparison& comparison, const Plan& plan, const std::vector<std::size_t>& points,
                const std::vector<Cell>& cells);

/// Runs all variants with each estimate at kVariationPoints points of its range, and with all of them.
void add_variations(Comparison& comparison, const Experiment& experiment, Plan& plan,
                    const std::vector<std::size_t>& points, const std::vector<Cell>& cells);

}  // namespace gpusim::experiment
