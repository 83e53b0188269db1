// SPDX-License-Identifier: MIT
// Figures as people write them: "38.6 us", "12000 /s", "99.5%", "400".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/wide.h"
#include "sim/experiment/metrics.h"

namespace gpusim::experiment {

/// What stands between blanks, from left to right.
class Words {
 public:
  explicit Words(std::string_view text);

  [[nodiscard]] bool at_end() const { return at_ == words_.size(); }
  /// The next word; empty at the end.
  [[nodiscard]] std::string_view peek() const { return at_end() ? std::string_view{} : words_[at_]; }
  [[nodiscard]] std::string_view take();
  /// Takes the next word if it is this one.
  bool take(std::string_view word);

 private:
  std::vector<std::string> words_;
  std::size_t at_ = 0;
};

/// A number of at most 15 digits with its unit, exactly as written; "5 us" and "5us" are the same.
struct Written {
  Wide digits = 0;
  unsigned decimals = 0;  ///< how many of the digits stand behind the point
  std::string_view unit;  ///< one that exists, "" is that of a count
  std::string number;     ///< for messages

  /// Of equality: half of what the last digit is worth, in the metric's unit.
  [[nodiscard]] std::int64_t half_digit() const;
};

/// None if the next words are no figure.
[[nodiscard]] std::optional<Written> take_written(Words& words);

[[nodiscard]] Unit unit_of(const Written& written);
/// In units of MetricValue, halves up; none if it is too large.
[[nodiscard]] std::optional<std::int64_t> value_of(const Written& written);
/// "5%" as 50,000; none if it is too large. Pre: its unit is %.
[[nodiscard]] std::optional<std::int64_t> millionths_of(const Written& written);

/// "a time, in ps, ns, us, ms or s": how a figure of this unit is written.
[[nodiscard]] std::string_view how_written(Unit unit);

/// A value of a metric with its unit.
struct Quantity {
  Unit unit = Unit::count;
  std::int64_t value = 0;  ///< as MetricValue has it

  friend bool operator==(const Quantity&, const Quantity&) = default;
};

/// "38.612345 us": all digits, as against format_value().
[[nodiscard]] std::string exact_text(const Quantity& quantity);
/// What exact_text() wrote; none if it is something else. A figure below zero has a minus.
[[nodiscard]] std::optional<Quantity> read_exact(std::string_view text);

/// "12.346 us", "1.25", "1234.5 /s", "12.3%"; with its sign if that is below zero. Of a time only the digits that are
/// known, if the true one may be `off` away.
[[nodiscard]] std::string format_value(Unit unit, std::int64_t value, std::int64_t off = 0);

/// How many digits behind the point a figure is shown with: of a time those that are known, below 0 if the last is one
/// of tens or hundreds of us.
[[nodiscard]] int shown_digits(Unit unit, std::int64_t off = 0);
/// The most that a figure in thousandths of what MetricValue counts in has.
[[nodiscard]] int most_digits(Unit unit);
/// Such a figure as it is shown with these digits, still in thousandths.
[[nodiscard]] Wide rounded_to(Unit unit, Wide thousandths, int digits);
[[nodiscard]] std::string format_fine(Unit unit, Wide thousandths, int digits);

/// "+11.200 us (+22.4%)": from `from` to `to`, which may be `off` away from the true value.
[[nodiscard]] std::string distance_text(Unit unit, std::int64_t to, std::int64_t from, std::int64_t off);

}  // namespace gpusim::experiment
