// SPDX-License-Identifier: MIT
// A comparison for readers: text for a terminal, Markdown for docs/results/, JSON for programs. The same figures in
// all of them, the same bytes for the same experiment.
#pragma once

#include <ostream>
#include <string>

#include "base/build_info.h"
#include "sim/experiment/comparison.h"

namespace gpusim::experiment {

enum class Form : std::uint8_t { text, markdown };

/// `command`: how to get this report again; shown in Markdown.
void write_report(std::ostream& out, Form form, const Experiment& experiment, const Comparison& comparison,
                  const std::string& command);

/// "gpusim-comparison/1": the figures of each run, and the intervals.
void write_json(std::ostream& out, const Experiment& experiment, const Comparison& comparison,
                const BuildInfo& build = {});

}  // namespace gpusim::experiment
