// SPDX-License-Identifier: MIT
// What a scenario expects of its runs, read and judged: [expect], and what every scenario expects that does not say
// otherwise.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/experiment/condition.h"
#include "sim/experiment/measurement.h"
#include "sim/scenario/problem.h"
#include "sim/scenario/spec.h"

namespace gpusim::experiment {

/// The checks of a scenario: those that it states, in its order, then those of kAlways of whose metric it says nothing.
/// Problems: a metric that no run of the scenario has, a condition that is none, or has another unit.
[[nodiscard]] std::vector<Check> checks_of(const scenario::ScenarioSpec& spec,
                                           std::vector<scenario::Problem>& problems);

struct Always {
  std::string_view metric;
  std::string_view condition;
};
/// What every scenario expects: no job fails or is left unfinished, no client gives up or is cut off, and something is
/// done.
inline constexpr std::array<Always, 5> kAlways{{{"jobs_failed", "== 0"},
                                                {"jobs_unfinished", "== 0"},
                                                {"clients_gave_up", "== 0"},
                                                {"clients_unfinished", "== 0"},
                                                {"jobs", "> 0"}}};

struct Shortfall {
  Check check;
  std::string seen;  ///< "61.2 us", or "-": the metric did not occur
  /// "+11.2 us (+22.4%)": how far it is from the bound, which of equality is the value or the stored figure itself;
  /// empty if there is no distance
  std::string by;
};

/// "61.2 us": what the run has of the metric of the check; "-" if it did not occur.
[[nodiscard]] std::string seen_of(const Check& check, const Measurement& run);

/// What a good run does not meet. Pre: checks of a baseline have their figures. A metric that did not occur in the run
/// meets nothing.
[[nodiscard]] std::vector<Shortfall> shortfalls(const std::vector<Check>& checks, const Measurement& run);

}  // namespace gpusim::experiment
