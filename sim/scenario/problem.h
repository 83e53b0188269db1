// SPDX-License-Identifier: MIT
// What is wrong with a scenario, and where. The loader collects problems; it never stops at the first and never prints.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gpusim::scenario {

/// A position in a text. `file` is a file's name as it was given, or "--set" (line: which one) or "--seed".
struct Place {
  std::string file;
  std::uint32_t line = 0;    ///< 1-based; 0: the file as a whole
  std::uint32_t column = 0;  ///< 1-based

  /// No position at all: a built-in default.
  [[nodiscard]] bool is_default() const { return file.empty(); }
  friend bool operator==(const Place&, const Place&) = default;
};

/// Line breaks, other control characters and what is no UTF-8 as escapes (base/printable.h): what a file says may be
/// shown in a message.
[[nodiscard]] std::string in_one_line(std::string_view text);

/// "default", "--set", "file:line" or "file".
[[nodiscard]] std::string to_string(const Place& place);

struct Problem {
  Place place;
  std::string what;
  std::string suggestion;  ///< what may have been meant; empty if nothing is close

  /// "file:line:column"
  [[nodiscard]] std::string where() const;
  /// "what; did you mean 'x'?"
  [[nodiscard]] std::string text() const;
  /// "file:line:column: error: what; did you mean 'x'?"
  [[nodiscard]] std::string to_string() const;
};

/// By file name, line and column; at one place by text.
void sort_by_place(std::vector<Problem>& problems);

}  // namespace gpusim::scenario
