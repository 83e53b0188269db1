// SPDX-License-Identifier: MIT
#include "base/time.h"

#include <array>
#include <cstdio>

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
    std::array<char, 48> text{};
    const char* sign = count < 0 ? "-" : "";
    if (size == 1) {
      std::snprintf(text.data(), text.size(), "%s%llu ps", sign, static_cast<unsigned long long>(magnitude));
    } else {
      std::snprintf(text.data(), text.size(), "%s%llu.%03llu %s", sign,
                    static_cast<unsigned long long>(magnitude / size),
                    static_cast<unsigned long long>(magnitude % size / (size / 1'000)), unit.name);
    }
    return text.data();
  }
  return "0 ps";
}

std::string format_seconds(SimTime t, int digits) {
  const auto count = static_cast<std::uint64_t>(to_ps(t));
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%llu.%012llu", static_cast<unsigned long long>(count / 1'000'000'000'000),
                static_cast<unsigned long long>(count % 1'000'000'000'000));
  std::string result{text.data()};
  result.resize(result.size() - 12 + static_cast<std::size_t>(digits));
  return result;
}

}  // namespace gpusim
