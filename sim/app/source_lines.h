// SPDX-License-Identifier: MIT
// The line that a problem is in, with a mark under the column.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/problem.h"

namespace gpusim::app {

/// What stands behind options that may be repeated, in order.
struct CommandLine {
  std::vector<std::string> sets;
  std::vector<std::string> variants{};
};

class SourceLines {
 public:
  explicit SourceLines(const CommandLine& given = {}) : given_{given} {}

  /// "    line\n    ^", of a long line a part; empty if the place has no column, or its text is not there. `column` of
  /// a Place counts code points.
  [[nodiscard]] std::string shown(const scenario::Place& place);

 private:
  [[nodiscard]] std::optional<std::string> line_of(const scenario::Place& place);

  CommandLine given_;
  std::map<std::string, std::vector<std::string>> files_;  // lines, by name
};

/// One line with a mark under a column, 1-based.
[[nodiscard]] std::string marked(std::string_view line, std::uint32_t column);

}  // namespace gpusim::app
