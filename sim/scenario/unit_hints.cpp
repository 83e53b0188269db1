// SPDX-License-Identifier: MIT
#include "sim/scenario/unit_hints.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <string_view>

#include <fmt/core.h>

namespace gpusim::scenario {

namespace {

/// Its digits without the point, and how many stand behind that.
struct Decimal {
  std::int64_t digits = 0;
  std::size_t decimals = 0;
};

[[nodiscard]] std::optional<Decimal> read_decimal(std::string_view text) {
  constexpr std::size_t kMostDigits = 15;
  Decimal result;
  std::string digits{text.substr(0, text.find('.'))};
  if (const std::size_t point = text.find('.'); point != std::string_view::npos) {
    digits += text.substr(point + 1);
    result.decimals = text.size() - point - 1;
  }
  if (digits.empty() || digits.size() > kMostDigits) return std::nullopt;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), result.digits);
  if (error != std::errc{} || end != digits.data() + digits.size() || result.digits < 0) return std::nullopt;
  return result;
}

[[nodiscard]] std::string key_with(const Parameter& parameter, Unit unit) {
  const std::string_view path = parameter.path;
  return fmt::format("{}_{}", path.substr(path.rfind('.') + 1), kUnitNames[static_cast<std::size_t>(unit)]);
}

/// "quantum_us = 500": in the largest unit, not above `unit`, in which it is a whole number.
[[nodiscard]] std::string assignment(const Parameter& parameter, Unit unit, Decimal value) {
  for (std::size_t smaller = static_cast<std::size_t>(unit) + 1; smaller-- > 0;) {
    std::int64_t scale = kUnitPicoseconds[static_cast<std::size_t>(unit)] / kUnitPicoseconds[smaller];
    std::int64_t digits = value.digits;
    for (std::size_t i = 0; i < value.decimals; ++i) {
      if (scale % 10 == 0) {
        scale /= 10;
      } else if (digits % 10 == 0) {
        digits /= 10;
      } else {
        scale = 0;  // not whole
      }
    }
    if (scale == 0 || digits > INT64_MAX / scale) continue;
    return fmt::format("{} = {}", key_with(parameter, static_cast<Unit>(smaller)), digits * scale);
  }
  return {};
}

/// "1 ms", "1.5us"
[[nodiscard]] std::string from_text(const Parameter& parameter, std::string_view text) {
  for (std::size_t unit = 0; unit < kUnitNames.size(); ++unit) {
    if (!text.ends_with(kUnitNames[unit])) continue;
    std::string_view number = text.substr(0, text.size() - kUnitNames[unit].size());
    while (number.ends_with(' ')) number.remove_suffix(1);
    const std::optional<Decimal> value = read_decimal(number);
    return value ? assignment(parameter, static_cast<Unit>(unit), *value) : std::string{};
  }
  return {};
}

}  // namespace

std::string with_unit(const Parameter& parameter, const Node& value) {
  if (value.kind == Node::Kind::integer) return fmt::format("{} = {}", parameter.key(), value.integer);
  std::string meant = value.kind == Node::Kind::text ? from_text(parameter, value.text) : std::string{};
  return meant.empty() ? parameter.key() : meant;
}

std::string other_duration(const Parameter& parameter, Unit unit, const Node& value) {
  if (!parameter.has_unit()) return {};
  if (value.kind == Node::Kind::text) return from_text(parameter, value.text);
  constexpr std::string_view kFloat = "floating-point number ";
  if (value.kind == Node::Kind::other && value.text.starts_with(kFloat)) {
    const std::optional<Decimal> decimal = read_decimal(std::string_view{value.text}.substr(kFloat.size()));
    return decimal ? assignment(parameter, unit, *decimal) : std::string{};
  }
  const auto is_integer = [](const Node& node) { return node.kind == Node::Kind::integer; };
  const bool is_pair = value.kind == Node::Kind::list && value.list.size() == 2 &&
                       std::all_of(value.list.begin(), value.list.end(), is_integer);
  if (parameter.type != Type::duration_range || !is_pair || value.list[0].integer <= value.list[1].integer) return {};
  return fmt::format("[{}, {}]", value.list[1].integer, value.list[0].integer);
}

}  // namespace gpusim::scenario
