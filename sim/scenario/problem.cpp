// SPDX-License-Identifier: MIT
#include "sim/scenario/problem.h"

#include <algorithm>
#include <tuple>

#include <fmt/core.h>

#include "base/printable.h"

namespace gpusim::scenario {

std::string in_one_line(std::string_view text) { return printable(text); }

std::string to_string(const Place& place) {
  if (place.is_default()) return "default";
  if (place.line == 0 || place.file.starts_with("--")) return place.file;
  return fmt::format("{}:{}", place.file, place.line);
}

std::string Problem::where() const {
  return place.line == 0 ? place.file : fmt::format("{}:{}:{}", place.file, place.line, place.column);
}

std::string Problem::text() const {
  return in_one_line(suggestion.empty() ? what : fmt::format("{}; did you mean '{}'?", what, suggestion));
}

std::string Problem::to_string() const { return fmt::format("{}: error: {}", where(), text()); }

void sort_by_place(std::vector<Problem>& problems) {
  std::sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.place.file, a.place.line, a.place.column, a.what) <
           std::tie(b.place.file, b.place.line, b.place.column, b.what);
  });
}

}  // namespace gpusim::scenario
