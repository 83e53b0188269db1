// SPDX-License-Identifier: MIT
#include "traces/report/durations.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "base/time.h"

namespace gpusim::trace {
namespace {

struct DurationUnit {
  Wide ps;
  const char* name;
};
constexpr std::array<DurationUnit, 5> kDurationUnits{
    {{1'000'000'000'000, "s"}, {1'000'000'000, "ms"}, {1'000'000, "us"}, {1'000, "ns"}, {1, "ps"}}};

/// Three decimals, fewer if the last of them are not known.
[[nodiscard]] std::string in_unit(Wide picoseconds, Wide off, const DurationUnit& unit) {
  Wide step = 1;  // the last digit is worth no more than the width of what is not known
  while (off > 0 && step * 10 <= 2 * off) step *= 10;
  unsigned digits = 0;
  for (Wide digit = unit.ps; digits < 3 && digit >= 10 && digit / 10 >= step; digit /= 10) ++digits;
  Wide last = unit.ps;
  for (unsigned i = 0; i < digits; ++i) last /= 10;
  return fmt::format("{} {}", fixed_point(divide_rounded(picoseconds, last), digits), unit.name);
}

[[nodiscard]] const DurationUnit& unit_of_size(Wide picoseconds) {
  const auto* const found = std::find_if(kDurationUnits.begin(), kDurationUnits.end(),
                                         [&](const DurationUnit& unit) { return picoseconds >= unit.ps; });
  return found == kDurationUnits.end() ? kDurationUnits.back() : *found;
}

}  // namespace

std::string long_duration(Wide picoseconds) {
  constexpr Wide kSecond = 1'000'000'000'000;
  if (picoseconds > kSecond * 9'000'000) return decimal(divide_rounded(picoseconds, kSecond)) + " s";
  return format_duration(ps(static_cast<std::int64_t>(picoseconds)));
}

std::string known_duration(Wide picoseconds, Wide off) {
  if (off == 0) return long_duration(picoseconds);
  return picoseconds == 0 ? "0 ps" : in_unit(picoseconds, off, unit_of_size(picoseconds));
}

std::vector<std::string> DurationColumn::texts() const {
  Wide least = 0;
  Wide most = 0;
  for (const Cell& cell : cells_) {
    if (cell.picoseconds == 0) continue;
    least = least == 0 ? cell.picoseconds : std::min(least, cell.picoseconds);
    most = std::max(most, cell.picoseconds);
  }
  const DurationUnit* unit = &unit_of_size(most);
  while (unit->ps > 1 && least * 10 < unit->ps) ++unit;
  std::vector<std::string> texts;
  texts.reserve(cells_.size());
  for (const Cell& cell : cells_) {
    texts.push_back(!cell.is_some ? "-" : cell.picoseconds == 0 ? "0" : in_unit(cell.picoseconds, cell.off, *unit));
  }
  return texts;
}

}  // namespace gpusim::trace
