// SPDX-License-Identifier: MIT
#include "base/time.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "base/wide.h"

namespace gpusim {

std::string format_duration(Picoseconds d) {
  struct Unit {
    std::uint64_t last;  ///< what the third decimal is worth, in ps
    const char* name;
  };
  constexpr std::array<Unit, 4> kUnits{{{1, "ns"}, {1'000, "us"}, {1'000'000, "ms"}, {1'000'000'000, "s"}}};
  const std::int64_t count = d.count();
  const std::uint64_t magnitude = count < 0 ? 0 - static_cast<std::uint64_t>(count) : static_cast<std::uint64_t>(count);
  const char* sign = count < 0 ? "-" : "";
  if (magnitude < 1'000) return fmt::format("{}{} ps", sign, magnitude);
  const auto shown_in = [&](const Unit& unit) { return divide_rounded(magnitude, unit.last); };
  const auto* unit =
      std::find_if(kUnits.begin(), kUnits.end() - 1, [&](const Unit& one) { return shown_in(one) < 1'000'000; });
  return fmt::format("{}{} {}", sign, fixed_point(shown_in(*unit), 3), unit->name);
}

std::string format_seconds(SimTime t, int digits) {
  const auto count = static_cast<std::uint64_t>(to_ps(t));
  std::string result = fmt::format("{}.{:012}", count / 1'000'000'000'000, count % 1'000'000'000'000);
  result.resize(result.size() - 12 + static_cast<std::size_t>(digits));
  return result;
}

}  // namespace gpusim
