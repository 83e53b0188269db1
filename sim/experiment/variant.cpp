// SPDX-License-Identifier: MIT
// Variants and factors as they stand on a command line, and what holds for variants wherever they come from.
#include <algorithm>
#include <optional>

#include <fmt/core.h>

#include "sim/experiment/experiment.h"

namespace gpusim::experiment {

using scenario::Place;
using scenario::Problem;

namespace {

[[nodiscard]] std::optional<std::int64_t> digits(std::string_view text) {
  if (text.empty() || text.size() > 9) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace

bool is_variant_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

Variant parse_variant(std::string_view text, std::uint32_t number, std::vector<Problem>& problems) {
  Variant variant;
  variant.place = {"--variant", number, 1};
  const std::size_t colon = text.find(':');
  variant.name = text.substr(0, colon);
  if (!is_variant_name(variant.name)) {
    problems.push_back(
        {variant.place, fmt::format("'{}' is not of the form NAME or NAME:KEY=VALUE,KEY=VALUE", text), {}});
    return variant;
  }
  if (colon == std::string_view::npos) return variant;
  int depth = 0;
  bool quoted = false;
  std::size_t begin = colon + 1;
  for (std::size_t i = begin; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ',';
    if (c == '"') quoted = !quoted;
    if (!quoted && (c == '[' || c == '{')) ++depth;
    if (!quoted && (c == ']' || c == '}')) --depth;
    if (i < text.size() && (c != ',' || depth != 0 || quoted)) continue;
    const auto column = static_cast<std::uint32_t>(begin + 1);
    if (i > begin) variant.sets.push_back({std::string{text.substr(begin, i - begin)}, {"--variant", number, column}});
    begin = i + 1;
  }
  return variant;
}

std::optional<Ratio> parse_ratio(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::optional<std::int64_t> part = digits(text.substr(0, slash));
  const std::optional<std::int64_t> whole =
      slash == std::string_view::npos ? std::optional<std::int64_t>{1} : digits(text.substr(slash + 1));
  if (!part || !whole || *part == 0 || *whole == 0) return std::nullopt;
  return Ratio{*part, *whole};
}

void check_variants(const std::vector<Variant>& variants, const Place& place, std::vector<Problem>& problems) {
  if (variants.empty()) problems.push_back({place, "there is no variant to run", {}});
  for (std::size_t i = 0; i < variants.size(); ++i) {
    const auto same = [&](const Variant& other) { return other.name == variants[i].name; };
    const auto end = variants.begin() + static_cast<std::ptrdiff_t>(i);
    if (variants[i].name.empty() || std::none_of(variants.begin(), end, same)) continue;
    problems.push_back({variants[i].place, fmt::format("there is a variant '{}' already", variants[i].name), {}});
  }
}

}  // namespace gpusim::experiment
