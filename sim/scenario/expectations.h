// SPDX-License-Identifier: MIT
// [expect]: what a run must show, as the user wrote it. `gpusim check` knows what the metrics are and judges
// (sim/experiment/gate.h); here they are names and texts.
#pragma once

#include <string>
#include <vector>

#include "sim/scenario/document.h"
#include "sim/scenario/problem.h"

namespace gpusim::scenario {

/// `client.web.latency_p99 = "<= 50 us"`
struct Expectation {
  std::string metric;
  std::string condition;
  Place place;           ///< of the condition
  Place metric_place{};  ///< where the metric's name begins
};

/// Adds the table's expectations. One metric may have a list of conditions: all hold.
void read_expectations(const Entry& section, std::vector<Expectation>& expectations, std::vector<Problem>& problems);

/// The same from --set: its conditions stand for all that the scenario has for that metric.
void override_expectations(const Entry& section, std::vector<Expectation>& expectations,
                           std::vector<Problem>& problems);

}  // namespace gpusim::scenario
