// SPDX-License-Identifier: MIT
#include "traces/inspect/words.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/core.h>

#include "traces/sinks/template.h"

namespace gpusim::trace {

std::string exact(Picoseconds duration) {
  const bool is_negative = duration.count() < 0;
  ByteBuffer buffer;
  append_duration(static_cast<std::uint64_t>(is_negative ? -duration.count() : duration.count()), buffer);
  std::string text{buffer.view()};
  const auto unit = std::find_if(text.begin(), text.end(), [](unsigned char c) { return std::isalpha(c) != 0; });
  text.insert(unit, ' ');
  return (is_negative ? "-" : "") + text;
}

std::string difference(Picoseconds duration) {
  if (duration.count() == 0) return "0";
  return (duration.count() > 0 ? "+" : "") + exact(duration);
}

namespace {

[[nodiscard]] SignedWide size_of(SignedWide value) { return value < 0 ? -value : value; }

/// Of a fraction with `digits` decimals: those that are needed.
[[nodiscard]] int needed_decimals(SignedWide fraction, int digits) {
  if (fraction == 0) return 0;
  for (; fraction % 10 == 0; fraction /= 10) --digits;
  return digits;
}

}  // namespace

std::vector<std::string> exact_column(const std::vector<SignedWide>& picoseconds, bool is_signed) {
  static constexpr std::array kUnits{"ps", "ns", "us", "ms", "s"};
  SignedWide largest = 0;
  for (const SignedWide value : picoseconds) largest = std::max(largest, size_of(value));
  std::size_t unit = 0;
  SignedWide scale = 1;
  for (; unit + 1 < kUnits.size() && largest >= scale * 1'000; ++unit) scale *= 1'000;
  const int digits = static_cast<int>(unit) * 3;
  int decimals = 0;
  for (const SignedWide value : picoseconds) {
    decimals = std::max(decimals, needed_decimals(size_of(value) % scale, digits));
  }
  SignedWide dropped = 1;
  for (int i = decimals; i < digits; ++i) dropped *= 10;
  std::vector<std::string> texts;
  for (const SignedWide value : picoseconds) {
    if (is_signed && value == 0) {
      texts.emplace_back("0");
      continue;
    }
    const auto whole = static_cast<std::uint64_t>(size_of(value) / scale);
    const auto fraction = static_cast<std::uint64_t>(size_of(value) % scale / dropped);
    const char* sign = value < 0 ? "-" : is_signed ? "+" : "";
    texts.push_back(decimals == 0 ? fmt::format("{}{} {}", sign, whole, kUnits.at(unit))
                                  : fmt::format("{}{}.{:0{}} {}", sign, whole, fraction, decimals, kUnits.at(unit)));
  }
  return texts;
}

std::string counted(std::uint64_t count, const char* noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string ordinal(std::uint64_t number) {
  const std::uint64_t last = number % 10;
  const bool is_teen = number / 10 % 10 == 1;
  const char* ending = "th";
  if (!is_teen && last == 1) ending = "st";
  if (!is_teen && last == 2) ending = "nd";
  if (!is_teen && last == 3) ending = "rd";
  return std::to_string(number) + ending;
}

}  // namespace gpusim::trace
