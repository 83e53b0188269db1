// SPDX-License-Identifier: MIT
// The end of a run in two forms: a page for a person, and JSON for programs. All simulated values are integers or
// decimals made from integers, the same bits everywhere; only the speed of the simulator itself, kept apart under
// "host", differs from run to run.
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "traces/event/cause.h"
#include "traces/event/names.h"
#include "traces/folds/statistics.h"
#include "traces/report/outcome.h"

namespace gpusim::trace {

/// What one parameter of the scenario was charged for over the run.
struct ParameterCharge {
  std::string name;            ///< "host.cpu.context_switch"
  char tag = 'U';              ///< S D M W C E as in the presets, U: the user's
  std::optional<Cause> cause;  ///< to which cause it contributes; none: to several or to no job
  Picoseconds total{0};
};

struct RunInfo {
  std::string scenario;
  std::uint64_t seed = 0;
  std::uint64_t trace_hash = 0;
  std::uint64_t events = 0;
  SimTime end{};
  Outcome outcome = Outcome::finished;
  std::uint64_t wall_ns = 0;
  std::vector<std::string> notices;      ///< one line each, for the reader
  std::vector<ParameterCharge> charges;  ///< in the order of the scenario's parameter table
};

/// At most about 45 lines (notices apart): many clients or engines are cut short.
void write_summary_text(std::ostream& out, const RunInfo& run, const Statistics& statistics, const Names& names);

/// Everything, as "gpusim-summary/1".
void write_summary_json(std::ostream& out, const RunInfo& run, const Statistics& statistics, const Names& names);

/// What was charged to a cause, and how much of it by parameters that are estimates.
struct CauseCharge {
  Wide total = 0;
  Wide estimated = 0;
};
[[nodiscard]] std::array<CauseCharge, kCauseCount> charges_by_cause(const std::vector<ParameterCharge>& charges);

}  // namespace gpusim::trace
