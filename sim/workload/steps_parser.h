// SPDX-License-Identifier: MIT
// Reads a step program (docs/steps.md): one step a line, words with blanks between them, `#` to the end of the line is
// a comment. Reports every problem, with line and column.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "sim/workload/steps_program.h"
#include "sim/workload/wsim_parser.h"

namespace gpusim::workload {

struct StepsParseResult {
  std::optional<StepsProgram> program;  ///< present exactly when there are no problems
  std::vector<WsimProblem> problems;    ///< in order of line and column; the descriptors' form serves here, too

  [[nodiscard]] bool ok() const noexcept { return program.has_value(); }
};

/// `file` is only used in messages.
[[nodiscard]] StepsParseResult parse_steps(std::string_view text, const std::string& file, const ShareSpec& share);

}  // namespace gpusim::workload
