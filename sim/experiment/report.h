// SPDX-License-Identifier: MIT
// A comparison for readers: text for a terminal, Markdown for docs/results/, JSON for programs. The same figures in
// all of them, the same bytes for the same experiment.
#pragma once

#include <ostream>
#include <string>
#include <string_view>

#include "base/build_info.h"
#include "sim/experiment/comparison.h"
#include "traces/report/text_table.h"

namespace gpusim::experiment {

/// `command`: how to get this report again; shown in Markdown.
void write_report(std::ostream& out, const trace::PageForm& form, const Experiment& experiment,
                  const Comparison& comparison, const std::string& command);

/// What made the figures, behind the reports: the build with `command`, and a table of the variants with their
/// overrides and a hash of each one's traces in the first table (of one seed that of the run, as gpusim run prints it).
void write_origin(std::ostream& out, const trace::PageForm& form, const Experiment& experiment,
                  const Comparison& comparison, const std::string& command, const BuildInfo& build);

inline constexpr std::string_view kComparisonSchema = "gpusim-comparison/1";
/// How the unit of a metric's integers is called there.
[[nodiscard]] std::string_view unit_name(Unit unit);

/// kComparisonSchema: what made them, the figures of each run, and the intervals.
void write_json(std::ostream& out, const Experiment& experiment, const Comparison& comparison,
                const BuildInfo& build = {}, const std::string& command = {});

}  // namespace gpusim::experiment
