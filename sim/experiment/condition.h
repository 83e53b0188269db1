// SPDX-License-Identifier: MIT
// A condition on one metric, as it stands in [expect]: "<= 50 us", "== 38.6 us within 5%", "within 5% of baseline",
// "<= baseline + 5%".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/experiment/quantity.h"
#include "sim/scenario/problem.h"

namespace gpusim::experiment {

enum class Relation : std::uint8_t { less, at_most, equal, at_least, more };

/// How far from the stored figure the bound is; of equality: how far away is still equal.
struct OfBaseline {
  std::int64_t millionths = 0;  ///< of the stored figure, if `amount` is 0
  std::int64_t amount = 0;      ///< in the metric's unit
  bool is_below = false;        ///< the bound is below the stored figure: "baseline - 5%"
  std::int64_t figure = 0;      ///< the stored one, once it is known
  std::string shown;            ///< the same in words; empty until then
};

struct Check {
  std::string metric;
  std::string condition;  ///< as the user wrote it
  scenario::Place place;  ///< none: nobody wrote it, every scenario expects it
  Relation relation = Relation::equal;
  std::int64_t bound = 0;                 ///< in the metric's unit, as MetricValue has it
  std::int64_t tolerance = 0;             ///< of equality: how far away is still equal
  std::uint64_t hash = 0;                 ///< of trace_hash, the one metric that is no number
  std::optional<OfBaseline> of_baseline;  ///< then bound, tolerance and hash come from a stored baseline
};

/// The metric of a run's trace hash, as in the summary.
inline constexpr std::string_view kTraceHash = "trace_hash";

/// Reads check.condition, whose metric has this unit, into the fields below it; what is wrong with it, or empty.
[[nodiscard]] std::string read_condition(Check& check, Unit unit);
/// The same for kTraceHash.
[[nodiscard]] std::string read_hash_condition(Check& check);

/// Gives a check that is of a baseline the figure that is stored for its metric.
void set_figure(Check& check, const Quantity& stored);

/// 16 hexadecimal digits, as hash_text() writes them.
[[nodiscard]] std::optional<std::uint64_t> read_hash(std::string_view text);

}  // namespace gpusim::experiment
