// SPDX-License-Identifier: MIT
#include "sim/scenario/problem.h"

#include <algorithm>
#include <tuple>

namespace gpusim::scenario {

std::string to_string(const Place& place) {
  if (place.is_default()) return "default";
  if (place.line == 0 || place.file.starts_with("--")) return place.file;
  return place.file + ":" + std::to_string(place.line);
}

std::string Problem::to_string() const {
  std::string text = place.file;
  if (place.line != 0) text += ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
  text += ": error: " + what;
  if (!suggestion.empty()) text += "; did you mean '" + suggestion + "'?";
  return text;
}

void sort_by_place(std::vector<Problem>& problems) {
  std::sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.place.file, a.place.line, a.place.column, a.what) <
           std::tie(b.place.file, b.place.line, b.place.column, b.what);
  });
}

}  // namespace gpusim::scenario
