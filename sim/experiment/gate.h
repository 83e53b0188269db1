// SPDX-License-Identifier: MIT
// What a scenario expects of its runs, read and judged: [expect], and what every scenario expects that does not say
// otherwise.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/experiment/measurement.h"
#include "sim/experiment/metrics.h"
#include "sim/scenario/problem.h"
#include "sim/scenario/spec.h"

namespace gpusim::experiment {

enum class Relation : std::uint8_t { less, at_most, equal, at_least, more };

/// "<= 50 us", "== 400", "== 38.6 us within 5%".
struct Check {
  std::string metric;
  std::string condition;  ///< as the user wrote it
  scenario::Place place;  ///< none: nobody wrote it, every scenario expects it
  Relation relation = Relation::equal;
  std::int64_t bound = 0;      ///< in the metric's unit, as MetricValue has it
  std::int64_t tolerance = 0;  ///< of equal: how far away is still equal
  std::uint64_t hash = 0;      ///< of trace_hash, the one metric that is no number
};

/// The metric of a run's trace hash, as in the summary.
inline constexpr std::string_view kTraceHash = "trace_hash";

/// The checks of a scenario: those that it states, in its order, then those of kAlways of whose metric it says nothing.
/// Problems: a metric that no run of the scenario has, a condition that is none, or has another unit.
[[nodiscard]] std::vector<Check> checks_of(const scenario::ScenarioSpec& spec,
                                           std::vector<scenario::Problem>& problems);

struct Always {
  std::string_view metric;
  std::string_view condition;
};
/// What every scenario expects: no job fails or is left unfinished, no client gives up, and something is done.
inline constexpr std::array<Always, 4> kAlways{
    {{"jobs_failed", "== 0"}, {"jobs_unfinished", "== 0"}, {"clients_gave_up", "== 0"}, {"jobs", "> 0"}}};

struct Shortfall {
  Check check;
  std::string seen;  ///< "61.2 us", or "-": the metric did not occur
  std::string by;    ///< "+11.2 us (+22.4%)": how far it is from what would have done; empty where there is no distance
};

/// What a good run does not meet. A metric that did not occur in the run meets nothing.
[[nodiscard]] std::vector<Shortfall> shortfalls(const std::vector<Check>& checks, const Measurement& run);

}  // namespace gpusim::experiment
