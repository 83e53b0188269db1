// SPDX-License-Identifier: MIT
#include "base/time.h"

#include <array>

#include <fmt/core.h>

namespace gpusim {

std::string format_duration(Picoseconds d) {
  struct Unit {
    std::int64_t ps;
    const char* name;
  };
  constexpr std::array<Unit, 5> kUnits{
      {{1'000'000'000'000, "s"}, {1'000'000'000, "ms"}, {1'000'000, "us"}, {1'000, "ns"}, {1, "ps"}}};
  const std::int64_t count = d.count();
  const std::uint64_t magnitude = count < 0 ? 0 - static_cast<std::uint64_t>(count) : static_cast<std::uint64_t>(count);
  for (const Unit& unit : kUnits) {
    const auto size = static_cast<std::uint64_t>(unit.ps);
    if (magnitude < size) continue;
    const char* sign = count < 0 ? "-" : "";
    if (size == 1) return fmt::format("{}{} ps", sign, magnitude);
    return fmt::format("{}{}.{:03} {}", sign, magnitude / size, magnitude % size / (size / 1'000), unit.name);
  }
  return "0 ps";
}

std::string format_seconds(SimTime t, int digits) {
  const auto count = static_cast<std::uint64_t>(to_ps(t));
  std::string result = fmt::format("{}.{:012}", count / 1'000'000'000'000, count % 1'000'000'000'000);
  result.resize(result.size() - 12 + static_cast<std::size_t>(digits));
  return result;
}

}  // namespace gpusim
