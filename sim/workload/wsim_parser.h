// SPDX-License-Identifier: MIT
// Reads a .wsim workload descriptor into a WsimProgram.
//
// Does: splits the text into steps (one a line, or separated by commas; `#` to the end of the line is a comment; CRLF
// is tolerated), reads every row of the grammar and checks all that gem_wsim checks at parse, at preparation and, as
// far as it needs no machine, by assertion at run time. It reports every problem, not only the first.
// Does not: open files, draw random numbers, know what engines the simulated device has.
// Stricter than gem_wsim: trailing or missing fields and trailing characters are errors (docs/wsim.md lists all).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/workload/wsim_program.h"

namespace gpusim::workload {

struct WsimProblem {
  std::string file;
  std::uint32_t line = 1;           // 1-based
  std::uint32_t column = 1;         // 1-based, in bytes
  std::optional<std::size_t> step;  // 0-based; none when the text holds no step at all
  std::string message;
  std::string suggestion;  // what may have been meant; empty when nothing comes near

  // "file:line:column: step N: message; did you mean 'X'?"
  [[nodiscard]] std::string to_string() const;
};

struct WsimParseResult {
  std::optional<WsimProgram> program;  // present exactly when there are no problems
  std::vector<WsimProblem> problems;   // in order of line and column

  [[nodiscard]] bool ok() const noexcept { return program.has_value(); }
};

// `file` is only used in messages. Never throws but for lack of memory.
[[nodiscard]] WsimParseResult parse_wsim(std::string_view text, std::string file);

}  // namespace gpusim::workload
