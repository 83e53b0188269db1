// SPDX-License-Identifier: MIT
// What diff, job and why take for a run: a scenario (.toml, .wsim, or "-" for stdin), which is simulated again; a
// folder that `run --out` has written, up to where that run was interrupted, if it was; or a file of events
// (trace.events).
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "sim/app/page_options.h"
#include "sim/scenario/problem.h"
#include "sim/scenario/spec.h"
#include "traces/inspect/recording.h"
#include "traces/inspect/run_json.h"

namespace gpusim::app {

struct RunName {
  std::string path;
  std::vector<std::string> sets;      ///< "KEY=VALUE"; of a scenario or a folder
  std::optional<std::uint64_t> seed;  ///< of a scenario or a folder
};

struct RecordedRun {
  trace::Recording recording;
  std::optional<scenario::ScenarioSpec> spec;  ///< what was simulated; none: it comes from a file
  std::vector<std::string> notes;              ///< what the reader should know, a line each
};

/// None, and at least one problem, if it cannot be had. An InvariantViolation of the run is passed on.
[[nodiscard]] std::optional<RecordedRun> open_run(const RunName& name, std::vector<scenario::Problem>& problems);

/// In front of what is said of the run.
void write_notes(std::ostream& out, const RecordedRun& run, const trace::PageForm& form);
/// The same for JSON.
[[nodiscard]] trace::RunJsonHead json_head(const std::vector<std::string>& notes);

}  // namespace gpusim::app
