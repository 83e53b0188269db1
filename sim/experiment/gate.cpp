// SPDX-License-Identifier: MIT
#include "sim/experiment/gate.h"

#include <algorithm>
#include <optional>
#include <sstream>
#include <utility>

#include <fmt/core.h>

#include "base/closest.h"
#include "base/hash.h"
#include "base/wide.h"

namespace gpusim::experiment {

namespace {

using scenario::Problem;

struct Word {
  std::string_view text;
  Relation relation;
};
constexpr std::array<Word, 5> kRelations{{{"<", Relation::less},
                                          {"<=", Relation::at_most},
                                          {"==", Relation::equal},
                                          {">=", Relation::at_least},
                                          {">", Relation::more}}};

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

[[nodiscard]] std::string_view units_of(Unit unit) {
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

struct Decimal {
  Wide digits = 0;
  unsigned decimals = 0;
};

/// "12", "0.25"; at most 15 digits. `rest`: what follows.
[[nodiscard]] std::optional<Decimal> read_decimal(std::string_view text, std::string_view& rest) {
  Decimal number;
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
  constexpr std::size_t kMostDigits = 15;
  if (digits == 0 || digits > kMostDigits || (is_behind_point && number.decimals == 0)) return std::nullopt;
  return number;
}

/// The number times `scale`, halves up; `half_digit`: half of what its last digit is worth.
[[nodiscard]] std::optional<std::int64_t> scaled(const Decimal& number, std::int64_t scale, std::int64_t& half_digit) {
  Wide power = 1;
  for (unsigned i = 0; i < number.decimals; ++i) power *= 10;
  const Wide value = divide_rounded(number.digits * static_cast<std::uint64_t>(scale), power);
  constexpr std::int64_t kMost = std::int64_t{1} << 62;
  if (value > static_cast<Wide>(kMost)) return std::nullopt;
  half_digit = static_cast<std::int64_t>(static_cast<Wide>(scale) / power / 2);
  return static_cast<std::int64_t>(value);
}

class Reader {
 public:
  Reader(const scenario::ScenarioSpec& spec, std::vector<Problem>& problems) : spec_{spec}, problems_{problems} {}

  std::optional<Check> read(const scenario::Expectation& said) {
    Check check{.metric = said.metric, .condition = said.condition, .place = said.place};
    if (said.metric == kTraceHash) return read_hash(std::move(check));
    const std::optional<Unit> unit = unit_of(said.metric);
    if (!unit || !client_exists(said.metric)) return unknown(check);
    return read_number(std::move(check), *unit);
  }

 private:
  std::optional<Check> complain(const Check& check, std::string what, std::string suggestion = {}) {
    problems_.push_back({check.place, std::move(what), std::move(suggestion)});
    return std::nullopt;
  }

  /// "client.web.jobs" needs a [[client]] "web".
  [[nodiscard]] bool client_exists(std::string_view metric) const {
    constexpr std::string_view kPrefix = "client.";
    if (!metric.starts_with(kPrefix)) return true;
    const std::size_t end = is_client_cause(metric) ? metric.rfind(".cause.") : metric.rfind('.');
    const std::string_view name = metric.substr(kPrefix.size(), end - kPrefix.size());
    return std::any_of(spec_.clients.begin(), spec_.clients.end(),
                       [&](const workload::ClientSpec& client) { return client.name == name; });
  }

  std::optional<Check> unknown(const Check& check) {
    std::vector<std::string> names = metric_names();
    names.emplace_back(kTraceHash);
    for (const workload::ClientSpec& client : spec_.clients) {
      for (std::string& name : client_metric_names(client.name)) names.push_back(std::move(name));
    }
    const std::vector<std::string_view> views{names.begin(), names.end()};
    return complain(check, fmt::format("expect: this scenario has no metric '{}'", check.metric),
                    closest(check.metric, views));
  }

  std::optional<Check> no_condition(const Check& check, Unit unit) {
    return complain(check, fmt::format("expect.{}: '{}' is no condition: <, <=, ==, >= or > and {}; behind == also "
                                       "\"within 5%\"",
                                       check.metric, check.condition, units_of(unit)));
  }

  std::optional<Check> read_number(Check check, Unit unit) {
    std::istringstream words{check.condition};
    std::string relation;
    words >> relation;
    const auto* const known =
        std::find_if(kRelations.begin(), kRelations.end(), [&](const Word& word) { return word.text == relation; });
    std::string number_text;
    if (known == kRelations.end() || !(words >> number_text)) return no_condition(check, unit);
    check.relation = known->relation;
    std::string_view suffix;
    const std::optional<Decimal> number = read_decimal(number_text, suffix);
    std::string unit_text{suffix};
    std::string next;
    words >> next;
    if (unit_text.empty() && !next.empty() && next != "within") {
      unit_text = std::exchange(next, "");
      words >> next;
    }
    const auto* const unit_word =
        std::find_if(kUnits.begin(), kUnits.end(), [&](const UnitWord& word) { return word.text == unit_text; });
    if (!number || unit_word == kUnits.end() || unit_word->unit != unit) return no_condition(check, unit);
    const std::optional<std::int64_t> bound = scaled(*number, unit_word->scale, check.tolerance);
    if (!bound) return complain(check, fmt::format("expect.{}: {} is too large", check.metric, number_text));
    check.bound = *bound;
    if (next.empty()) return check;
    std::string share;
    if (next != "within" || check.relation != Relation::equal || !(words >> share)) return no_condition(check, unit);
    std::string_view percent;
    const std::optional<Decimal> within = read_decimal(share, percent);
    std::string more;
    if (!within || (percent != "%" && !percent.empty())) return no_condition(check, unit);
    if (percent.empty() && (!(words >> more) || more != "%")) return no_condition(check, unit);
    if (words >> more) return no_condition(check, unit);
    std::int64_t ignored = 0;
    const std::optional<std::int64_t> millionths = scaled(*within, 10'000, ignored);
    if (!millionths) return no_condition(check, unit);
    const Wide size = static_cast<Wide>(check.bound) * static_cast<Wide>(*millionths);
    check.tolerance = static_cast<std::int64_t>(std::min(divide_rounded(size, 1'000'000), Wide{1} << 62));
    return check;
  }

  std::optional<Check> read_hash(Check check) {
    constexpr std::size_t kDigits = 16;
    const std::string_view text = check.condition;
    const std::size_t digits = text.starts_with("== ") ? text.size() - 3 : 0;
    bool is_hex = digits == kDigits;
    for (std::size_t i = 3; is_hex && i < text.size(); ++i) {
      const char c = text[i];
      const bool is_digit = c >= '0' && c <= '9';
      is_hex = is_digit || (c >= 'a' && c <= 'f');
      check.hash = check.hash << 4 | static_cast<std::uint64_t>(is_digit ? c - '0' : c - 'a' + 10);
    }
    if (is_hex) return check;
    return complain(check, fmt::format("expect.{}: '{}' is no condition: == and 16 hexadecimal digits", kTraceHash,
                                       check.condition));
  }

  const scenario::ScenarioSpec& spec_;
  std::vector<Problem>& problems_;
};

[[nodiscard]] bool holds(const Check& check, const MetricValue& value) {
  const std::int64_t seen = *value.value;
  switch (check.relation) {
    case Relation::less:
      return seen < check.bound;
    case Relation::at_most:
      return seen <= check.bound;
    case Relation::equal:
      return std::max(seen, check.bound) - std::min(seen, check.bound) <= std::max(check.tolerance, value.off);
    case Relation::at_least:
      return seen >= check.bound;
    case Relation::more:
      return seen > check.bound;
  }
  return false;
}

[[nodiscard]] std::string distance(const Check& check, const MetricValue& value) {
  const std::int64_t by = *value.value - check.bound;
  const char* const sign = by > 0 ? "+" : "-";
  const Wide size = static_cast<Wide>(by < 0 ? -by : by);
  std::string text = sign + format_value(value.unit, static_cast<std::int64_t>(size), value.off);
  if (check.bound == 0) return text;
  const Wide permille = divide_rounded(size * 1'000, static_cast<Wide>(check.bound));
  return text + fmt::format(" ({}{}%)", sign, fixed_point(permille, 1));
}

}  // namespace

std::vector<Check> checks_of(const scenario::ScenarioSpec& spec, std::vector<Problem>& problems) {
  Reader reader{spec, problems};
  std::vector<Check> checks;
  for (const scenario::Expectation& said : spec.expectations) {
    if (std::optional<Check> check = reader.read(said)) checks.push_back(*std::move(check));
  }
  for (const Always& always : kAlways) {
    const bool is_said = std::any_of(spec.expectations.begin(), spec.expectations.end(),
                                     [&](const scenario::Expectation& said) { return said.metric == always.metric; });
    if (is_said) continue;
    checks.push_back(reader.read({std::string{always.metric}, std::string{always.condition}, {}}).value());
  }
  return checks;
}

std::vector<Shortfall> shortfalls(const std::vector<Check>& checks, const Measurement& run) {
  std::vector<Shortfall> found;
  for (const Check& check : checks) {
    if (check.metric == kTraceHash) {
      if (run.trace_hash != check.hash) found.push_back({check, hash_text(run.trace_hash), {}});
      continue;
    }
    const MetricValue* value = run.find_value(check.metric);
    if (value == nullptr) {
      found.push_back({check, "-", {}});
    } else if (!holds(check, *value)) {
      found.push_back({check, format_value(value->unit, *value->value, value->off), distance(check, *value)});
    }
  }
  return found;
}

}  // namespace gpusim::experiment
