// SPDX-License-Identifier: MIT
#include "sim/workload/wsim_fields.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace gpusim::workload {

namespace {

constexpr std::array<std::string_view, 8> names = {"DEFAULT", "RCS", "BCS", "VCS", "VCS1", "VCS2", "VECS", "CCS"};

[[nodiscard]] constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

[[nodiscard]] constexpr char upper(char c) noexcept {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

[[nodiscard]] std::string upper(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](char c) { return upper(c); });
  return result;
}

// Digits only, at least one, at most `limit`.
[[nodiscard]] std::optional<std::uint64_t> read_digits(std::string_view text, std::uint64_t limit) {
  if (text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (limit - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

}  // namespace

std::vector<Field> split(Field text, char separator) {
  std::vector<Field> pieces;
  for (;;) {
    const std::size_t at = text.text.find(separator);
    if (at == std::string_view::npos) {
      pieces.push_back(text);
      return pieces;
    }
    pieces.push_back(text.until(at));
    text = text.from(at + 1);
  }
}

Field trim(Field text) {
  constexpr std::string_view blanks = " \t\r";
  const std::size_t first = text.text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return text.until(0);
  const std::size_t last = text.text.find_last_not_of(blanks);
  return text.until(last + 1).from(first);
}

std::optional<std::int64_t> read_integer(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  const std::optional<std::uint64_t> digits = read_digits(text.substr(negative ? 1 : 0), int_max);
  if (!digits) return std::nullopt;
  const auto value = static_cast<std::int64_t>(*digits);
  return negative ? -value : value;
}

std::optional<std::uint64_t> read_size(std::string_view text) {
  if (text.empty()) return std::nullopt;
  unsigned shift = 0;
  switch (upper(text.back())) {
    case 'K':
      shift = 10;
      break;
    case 'M':
      shift = 20;
      break;
    case 'G':
      shift = 30;
      break;
    default:
      break;
  }
  if (shift != 0) text.remove_suffix(1);
  const std::uint64_t limit = ((std::uint64_t{1} << 63) - 1) >> shift;
  const std::optional<std::uint64_t> value = read_digits(text, limit);
  if (!value || *value == 0) return std::nullopt;
  return *value << shift;
}

std::optional<WsimEngine> read_engine(std::string_view text) {
  const std::string name = upper(text);
  for (std::size_t i = 0; i < names.size(); ++i)
    if (name == names[i]) return static_cast<WsimEngine>(i);
  if (name == "RCS1") return WsimEngine::rcs;
  if (name == "BCS1") return WsimEngine::bcs;
  if (name == "VECS1") return WsimEngine::vecs;
  if (name == "CCS1") return WsimEngine::ccs;
  return std::nullopt;
}

std::span<const std::string_view> engine_names() { return names; }

}  // namespace gpusim::workload
