// SPDX-License-Identifier: MIT
// A whole number that a user has given, or what is wrong with it.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/scenario/problem.h"

namespace gpusim::app {

/// None, with a problem at `what` (an option), if the text is no number in decimal digits of 64 bits.
[[nodiscard]] inline std::optional<std::uint64_t> whole_number(const std::string& text, const std::string& what,
                                                               std::vector<scenario::Problem>& problems) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, code] = std::from_chars(text.data(), end, value);
  if (code == std::errc{} && rest == end) return value;
  problems.push_back({{what}, "'" + scenario::in_one_line(text) + "' is no whole number", {}});
  return std::nullopt;
}

}  // namespace gpusim::app
