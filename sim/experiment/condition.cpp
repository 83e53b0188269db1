// SPDX-License-Identifier: MIT
#include "sim/experiment/condition.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "base/wide.h"

namespace gpusim::experiment {

namespace {

struct RelationWord {
  std::string_view text;
  Relation relation;
};
constexpr std::array<RelationWord, 5> kRelations{{{"<", Relation::less},
                                                  {"<=", Relation::at_most},
                                                  {"==", Relation::equal},
                                                  {">=", Relation::at_least},
                                                  {">", Relation::more}}};
constexpr std::string_view kBaseline = "baseline";

/// The share of a figure, which may be below zero, to the nearest integer.
[[nodiscard]] std::int64_t share_of(std::int64_t figure, std::int64_t millionths) {
  const auto size = static_cast<Wide>(figure < 0 ? -figure : figure);
  const Wide share = divide_rounded(size * static_cast<Wide>(millionths), 1'000'000);
  return static_cast<std::int64_t>(std::min(share, Wide{1} << 61));
}

/// With blanks around what needs none: ">0" and "<=baseline+5%" are "> 0" and "<= baseline + 5%".
[[nodiscard]] std::string spaced(std::string_view condition) {
  const auto is_relation = [](char c) { return c == '<' || c == '=' || c == '>'; };
  std::string text;
  for (std::size_t i = 0; i < condition.size(); ++i) {
    const char c = condition[i];
    text += c;
    const bool ends_relation = is_relation(c) && (i + 1 == condition.size() || !is_relation(condition[i + 1]));
    const bool is_sign = c == '+' || c == '-';
    if (is_sign) text.insert(text.size() - 1, 1, ' ');
    if (ends_relation || is_sign) text += ' ';
  }
  return text;
}

class ConditionReader {
 public:
  ConditionReader(Check& check, Unit unit) : check_{check}, unit_{unit}, words_{spaced(check.condition)} {}

  /// What is wrong; empty if nothing is.
  std::string read() {
    const bool is_read = words_.take("within") ? read_within_of_baseline() : read_relation();
    if (is_read && words_.at_end()) return {};
    if (!too_large_.empty()) return fmt::format("expect.{}: {} is too large", check_.metric, too_large_);
    return fmt::format(
        "expect.{}: '{}' is no condition: <, <=, ==, >= or > and {}; behind == also \"within 5%\"; of a "
        "stored baseline \"within 5% of baseline\" or \"<= baseline + 5%\"",
        check_.metric, check_.condition, how_written(unit_));
  }

 private:
  /// "within 5% of baseline", "within 3 us of baseline"
  bool read_within_of_baseline() {
    OfBaseline of;
    if (!read_distance(of) || !words_.take("of") || !words_.take(kBaseline)) return false;
    check_.relation = Relation::equal;
    check_.of_baseline = of;
    return true;
  }

  bool read_relation() {
    const std::string_view word = words_.take();
    const auto* const known =
        std::find_if(kRelations.begin(), kRelations.end(), [&](const RelationWord& one) { return one.text == word; });
    if (known == kRelations.end()) return false;
    check_.relation = known->relation;
    return words_.take(kBaseline) ? read_behind_baseline() : read_bound();
  }

  /// "<= baseline", "<= baseline + 5%", ">= baseline - 3 us"
  bool read_behind_baseline() {
    OfBaseline of;
    if (!words_.at_end()) {
      of.is_below = words_.take("-");
      if (!of.is_below && !words_.take("+")) return false;
      if (check_.relation == Relation::equal || !read_distance(of)) return false;
    }
    check_.of_baseline = of;
    return true;
  }

  /// "<= 50 us", "== 38.6 us within 5%"
  bool read_bound() {
    const std::optional<Written> written = take_written(words_);
    if (!written || unit_of(*written) != unit_) return false;
    const std::optional<std::int64_t> bound = value_of(*written);
    if (!bound) return too_large(*written);
    check_.bound = *bound;
    check_.tolerance = written->half_digit();
    if (!words_.take("within")) return true;
    const std::optional<Written> share = take_written(words_);
    if (check_.relation != Relation::equal || !share || unit_of(*share) != Unit::percent) return false;
    const std::optional<std::int64_t> millionths = millionths_of(*share);
    if (!millionths) return too_large(*share);
    check_.tolerance = share_of(check_.bound, *millionths);
    return true;
  }

  /// "5%" of the figure, or an amount in the metric's unit. Of a metric that is a share, % is of the figure, too.
  bool read_distance(OfBaseline& of) {
    const std::optional<Written> written = take_written(words_);
    if (!written) return false;
    const bool is_share = unit_of(*written) == Unit::percent;
    if (!is_share && unit_of(*written) != unit_) return false;
    const std::optional<std::int64_t> value = is_share ? millionths_of(*written) : value_of(*written);
    if (!value) return too_large(*written);
    (is_share ? of.millionths : of.amount) = *value;
    return true;
  }

  bool too_large(const Written& written) {
    too_large_ = written.number;
    return false;
  }

  Check& check_;
  Unit unit_;
  Words words_;
  std::string too_large_;
};

}  // namespace

std::string read_condition(Check& check, Unit unit) { return ConditionReader{check, unit}.read(); }

std::string read_hash_condition(Check& check) {
  Words words{spaced(check.condition)};
  if (words.take("==")) {
    const std::string text{words.take()};
    const std::optional<std::uint64_t> hash = read_hash(text);
    if (words.at_end() && text == kBaseline) {
      check.of_baseline = OfBaseline{};
      return {};
    }
    if (words.at_end() && hash) {
      check.hash = *hash;
      return {};
    }
  }
  return fmt::format("expect.{}: '{}' is no condition: == and 16 hexadecimal digits, or \"== baseline\"", kTraceHash,
                     check.condition);
}

void set_figure(Check& check, const Quantity& stored) {
  OfBaseline& of = *check.of_baseline;
  of.figure = stored.value;
  of.shown = format_value(stored.unit, stored.value);
  const std::int64_t distance = of.amount != 0 ? of.amount : share_of(stored.value, of.millionths);
  check.bound = stored.value;
  if (check.relation == Relation::equal) {
    check.tolerance = distance;
  } else {
    check.bound += of.is_below ? -distance : distance;
  }
}

std::optional<std::uint64_t> read_hash(std::string_view text) {
  constexpr std::size_t kDigits = 16;
  if (text.size() != kDigits) return std::nullopt;
  std::uint64_t hash = 0;
  for (const char c : text) {
    const bool is_digit = c >= '0' && c <= '9';
    if (!is_digit && (c < 'a' || c > 'f')) return std::nullopt;
    hash = hash << 4 | static_cast<std::uint64_t>(is_digit ? c - '0' : c - 'a' + 10);
  }
  return hash;
}

}  // namespace gpusim::experiment
