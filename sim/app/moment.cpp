// SPDX-License-Identifier: MIT
#include "sim/app/moment.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/wide.h"

namespace gpusim::app {

namespace {

struct Unit {
  std::string_view name;
  int digits;  ///< behind the point, down to a picosecond
};
constexpr std::array<Unit, 5> kUnits{{{"ps", 0}, {"ns", 3}, {"us", 6}, {"ms", 9}, {"s", 12}}};

[[nodiscard]] bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::optional<SimTime> read_moment(std::string_view text) {
  const auto end_of_number = std::find_if(text.begin(), text.end(), [](char c) { return !is_digit(c) && c != '.'; });
  std::string_view number{text.begin(), end_of_number};
  std::string_view unit_name{end_of_number, text.end()};
  if (unit_name.starts_with(' ')) unit_name.remove_prefix(1);
  const auto* unit = std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& one) { return one.name == unit_name; });
  if (unit == kUnits.end() || number.empty() || !is_digit(number.front()) || !is_digit(number.back())) return {};
  const Wide most = static_cast<Wide>(to_ps(kEndOfTime));
  Wide picoseconds = 0;
  int missing = unit->digits;  // decimals
  bool is_behind_point = false;
  for (const char c : number) {
    if (c == '.') {
      if (is_behind_point) return {};
      is_behind_point = true;
      continue;
    }
    if (is_behind_point && missing-- == 0) return {};
    picoseconds = picoseconds * 10 + static_cast<unsigned>(c - '0');
    if (picoseconds > most) return {};
  }
  for (; missing > 0; --missing) picoseconds *= 10;
  if (picoseconds > most) return {};
  return SimTime{ps(static_cast<std::int64_t>(picoseconds))};
}

}  // namespace gpusim::app
