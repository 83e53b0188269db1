// SPDX-License-Identifier: MIT
#include "traces/inspect/words.h"

#include <algorithm>
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
