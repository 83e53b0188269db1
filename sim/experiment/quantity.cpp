// SPDX-License-Identifier: MIT
#include "sim/experiment/quantity.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

#include <fmt/core.h>

namespace gpusim::experiment {

namespace {

struct UnitWord {
  std::string_view text;
  Unit unit;
  std::int64_t scale;  ///< of MetricValue
};
constexpr std::array<UnitWord, 8> kUnits{{{"", Unit::count, 1'000},
                                          {"ps", Unit::time, 1},
                                          {"ns", Unit::time, 1'000},
                                          {"us", Unit::time, 1'000'000},
                                          {"ms", Unit::time, 1'000'000'000},
                                          {"s", Unit::time, 1'000'000'000'000},
                                          {"/s", Unit::rate, 1'000},
                                          {"%", Unit::percent, 1'000}}};

[[nodiscard]] const UnitWord* find_unit(std::string_view text) {
  const auto* const found =
      std::find_if(kUnits.begin(), kUnits.end(), [&](const UnitWord& word) { return word.text == text; });
  return found == kUnits.end() ? nullptr : found;
}

/// The unit in which exact figures are written: that of tables.
[[nodiscard]] const UnitWord& unit_of_tables(Unit unit) {
  constexpr std::string_view kTime = "us";
  return *std::find_if(kUnits.begin(), kUnits.end(), [&](const UnitWord& word) {
    return word.unit == unit && (unit != Unit::time || word.text == kTime);
  });
}

/// "12", "0.25". `rest`: what follows.
[[nodiscard]] std::optional<Written> read_number(std::string_view text, std::string_view& rest) {
  Written number;
  std::size_t i = 0;
  std::size_t digits = 0;
  bool is_behind_point = false;
  for (; i < text.size(); ++i) {
    if (text[i] == '.' && !is_behind_point && digits > 0) {
      is_behind_point = true;
    } else if (text[i] >= '0' && text[i] <= '9') {
      number.digits = number.digits * 10 + static_cast<unsigned>(text[i] - '0');
      number.decimals += is_behind_point ? 1 : 0;
      ++digits;
    } else {
      break;
    }
  }
  rest = text.substr(i);
  number.number = text.substr(0, i);
  constexpr std::size_t kMostDigits = 15;
  if (digits == 0 || digits > kMostDigits || (is_behind_point && number.decimals == 0)) return std::nullopt;
  return number;
}

[[nodiscard]] Wide power_of_ten(unsigned exponent) {
  Wide power = 1;
  for (unsigned i = 0; i < exponent; ++i) power *= 10;
  return power;
}

[[nodiscard]] std::optional<std::int64_t> scaled(const Written& written, std::int64_t scale) {
  const Wide value = divide_rounded(written.digits * static_cast<std::uint64_t>(scale), power_of_ten(written.decimals));
  constexpr std::int64_t kMost = std::int64_t{1} << 61;
  return value > static_cast<Wide>(kMost) ? std::nullopt : std::optional{static_cast<std::int64_t>(value)};
}

}  // namespace

Words::Words(std::string_view text) {
  std::istringstream in{std::string{text}};
  for (std::string word; in >> word;) words_.push_back(std::move(word));
}

std::string_view Words::take() {
  const std::string_view word = peek();
  if (!at_end()) ++at_;
  return word;
}

bool Words::take(std::string_view word) {
  if (at_end() || words_[at_] != word) return false;
  ++at_;
  return true;
}

std::int64_t Written::half_digit() const {
  const auto scale = static_cast<Wide>(find_unit(unit)->scale);
  return static_cast<std::int64_t>(scale / power_of_ten(decimals) / 2);
}

std::optional<Written> take_written(Words& words) {
  std::string_view suffix;
  std::optional<Written> written = read_number(words.take(), suffix);
  if (!written) return std::nullopt;
  const UnitWord* unit = find_unit(suffix);
  if (suffix.empty() && !words.at_end() && find_unit(words.peek()) != nullptr) unit = find_unit(words.take());
  if (unit == nullptr) return std::nullopt;
  written->unit = unit->text;
  return written;
}

Unit unit_of(const Written& written) { return find_unit(written.unit)->unit; }

std::optional<std::int64_t> value_of(const Written& written) { return scaled(written, find_unit(written.unit)->scale); }

std::optional<std::int64_t> millionths_of(const Written& written) { return scaled(written, 10'000); }

std::string_view how_written(Unit unit) {
  switch (unit) {
    case Unit::time:
      return "a time, in ps, ns, us, ms or s";
    case Unit::rate:
      return "a rate, in /s";
    case Unit::percent:
      return "a share, in %";
    case Unit::count:
      break;
  }
  return "a plain number";
}

std::string exact_text(const Quantity& quantity) {
  const UnitWord& unit = unit_of_tables(quantity.unit);
  const auto scale = static_cast<std::uint64_t>(unit.scale);
  const std::uint64_t size = quantity.value < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(quantity.value)
                                                : static_cast<std::uint64_t>(quantity.value);
  std::string text = (quantity.value < 0 ? "-" : "") + std::to_string(size / scale);
  if (size % scale != 0) {
    text += '.' + std::to_string(scale + size % scale).substr(1);
    text.erase(text.find_last_not_of('0') + 1);
  }
  return unit.text.empty() ? text : text + ' ' + std::string{unit.text};
}

std::optional<Quantity> read_exact(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  Words words{is_negative ? text.substr(1) : text};
  const std::optional<Written> written = take_written(words);
  if (!written || !words.at_end()) return std::nullopt;
  const std::optional<std::int64_t> value = value_of(*written);
  if (!value) return std::nullopt;
  return Quantity{unit_of(*written), is_negative ? -*value : *value};
}

int shown_digits(Unit unit, std::int64_t off) {
  if (unit == Unit::rate || unit == Unit::percent) return 1;
  int digits = 3;
  if (unit != Unit::time) return digits;
  // The last digit is worth no less than the width of what is not known.
  for (Wide step = 10'000; step <= 2 * static_cast<Wide>(off); step *= 10) --digits;
  return digits;
}

int most_digits(Unit unit) { return unit == Unit::time ? 9 : 6; }

Wide rounded_to(Unit unit, Wide thousandths, int digits) {
  const Wide step = power_of_ten(static_cast<unsigned>(most_digits(unit) - digits));
  return divide_rounded(thousandths, step) * step;
}

std::string format_fine(Unit unit, Wide thousandths, int digits) {
  const int behind_point = std::max(digits, 0);
  const Wide step = power_of_ten(static_cast<unsigned>(most_digits(unit) - behind_point));
  std::string text = fixed_point(rounded_to(unit, thousandths, digits) / step, static_cast<unsigned>(behind_point));
  switch (unit) {
    case Unit::time:
      return text + " us";
    case Unit::rate:
      return text + " /s";
    case Unit::percent:
      return text + '%';
    case Unit::count:
      break;
  }
  if (behind_point > 0) text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string format_value(Unit unit, std::int64_t value, std::int64_t off) {
  const Wide size = static_cast<Wide>(value < 0 ? -value : value) * 1'000;
  const int digits = shown_digits(unit, off);
  const std::string text = format_fine(unit, size, digits);
  return value < 0 && rounded_to(unit, size, digits) != 0 ? "-" + text : text;
}

std::string distance_text(Unit unit, std::int64_t to, std::int64_t from, std::int64_t off) {
  const std::int64_t by = to - from;
  if (by == 0) return format_value(unit, 0, off);
  const char* const sign = by > 0 ? "+" : "-";
  const Wide size = static_cast<Wide>(by < 0 ? -by : by);
  std::string text = sign + format_value(unit, static_cast<std::int64_t>(size), off);
  if (from == 0) return text;
  const Wide permille = divide_rounded(size * 1'000, static_cast<Wide>(from < 0 ? -from : from));
  return text + fmt::format(" ({}{}%)", sign, fixed_point(permille, 1));
}

}  // namespace gpusim::experiment
