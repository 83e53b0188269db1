// SPDX-License-Identifier: MIT
#include "sim/experiment/variations.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "sim/scenario/explain.h"
#include "sim/scenario/values.h"
#include "traces/report/confidence.h"
#include "traces/report/summary.h"

namespace gpusim::experiment {

namespace {

using scenario::Resolved;
using scenario::ResolvedParameter;

[[nodiscard]] bool is_charged(const std::vector<Cell>& cells, std::size_t parameter) {
  for (const Cell& cell : cells) {
    for (const Measurement& run : cell.runs) {
      if (parameter < run.charges.size() && run.charges[parameter].count() > 0) return true;
    }
  }
  return false;
}

// A load burns no parameter's time; it takes the CPUs.
[[nodiscard]] bool is_load(const ResolvedParameter& row) { return row.path.starts_with("host.background."); }

// A factor of times that stand in a .wsim program.
[[nodiscard]] bool is_scale(const ResolvedParameter& row) { return row.path.ends_with("_scale_permille"); }

[[nodiscard]] const ResolvedParameter* find_row(const Resolved& resolved, const std::string& path) {
  for (const ResolvedParameter& row : resolved.machine) {
    if (row.path == path) return &row;
  }
  for (const std::vector<ResolvedParameter>& client : resolved.clients) {
    for (const ResolvedParameter& row : client) {
      if (row.path == path) return &row;
    }
  }
  return nullptr;
}

[[nodiscard]] std::int64_t number_of(const ResolvedParameter& row) {
  std::int64_t number = 0;
  const std::string& text = row.toml.value;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// A duration (of a distribution the median, of a range the end), a scale of durations, or how many threads a load has.
[[nodiscard]] std::int64_t quantity(const ResolvedParameter& row) {
  if (row.duration.count() > 0) return row.duration.count();
  return is_load(row) || is_scale(row) ? number_of(row) : 0;
}

[[nodiscard]] std::int64_t scaled(std::int64_t value, const Ratio& ratio) {
  return static_cast<std::int64_t>(
      divide_rounded(static_cast<Wide>(value) * static_cast<Wide>(ratio.part), static_cast<Wide>(ratio.whole)));
}

// What is computed from instruction counts is as long as the rate says: docs/reference/latency.md, "Instruction
// counts".
constexpr std::string_view kCounted = "guest-counts: ";
constexpr std::int64_t kRate = 3;  // instructions per ns, in the sources of these values
constexpr Ratio kFastest{kRate, 4};
constexpr Ratio kSlowest{kRate, 1};
[[nodiscard]] bool is_counted(const ResolvedParameter& row) {
  return row.tag == 'C' && row.source.starts_with(kCounted) && row.duration.count() > 0;
}

// From one end of the range to the other: both ends, and between them three points in steps of one factor.
[[nodiscard]] std::array<std::int64_t, kVariationPoints> points_of(const ResolvedParameter& row,
                                                                   const Experiment& experiment) {
  const bool counted = is_counted(row);
  const std::int64_t low = scaled(quantity(row), counted ? kFastest : experiment.estimates_from);
  const std::int64_t high = scaled(quantity(row), counted ? kSlowest : experiment.estimates_to);
  const auto between = [](std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(trace::integer_sqrt(static_cast<Wide>(a) * static_cast<Wide>(b)));
  };
  const std::int64_t middle = between(low, high);
  return {low, between(low, middle), middle, between(middle, high), high};
}

[[nodiscard]] bool is_duration(const ResolvedParameter& row) { return row.duration.count() > 0; }

[[nodiscard]] std::string text_of(const ResolvedParameter& row, std::int64_t value) {
  return is_duration(row) ? format_duration(ps(value)) : std::to_string(value);
}

// A distribution or a range is scaled as a whole.
[[nodiscard]] Placed override_of(const ResolvedParameter& row, std::int64_t value) {
  std::string text = std::to_string(value);
  if (!row.quantiles.empty()) {
    std::vector<os::Quantile> quantiles = row.quantiles;
    for (os::Quantile& quantile : quantiles) {
      quantile.value = ps(scaled(quantile.value.count(), {value, row.duration.count()}));
    }
    text = scenario::quantiles_toml(quantiles, ps(1));
  } else if (row.shortest && *row.shortest != row.duration) {
    text = fmt::format("[{}, {}]", scaled(row.shortest->count(), {value, row.duration.count()}), value);
  }
  const std::string own = row.source.empty() ? "" : ", src = " + scenario::toml_string(row.source);
  const std::string source = is_counted(row) ? fmt::format(", src = \"{}at another rate\"", kCounted) : own;
  return {
      fmt::format("{}{}={{ v = {}, tag = \"{}\"{} }}", row.path, is_duration(row) ? "_ps" : "", text, row.tag, source),
      {"--estimates", 1, 1}};
}

[[nodiscard]] bool is_estimate(const ResolvedParameter& row) {
  return trace::is_uncertain(row.tag) && quantity(row) > 0;
}

// One point of the range: a variant's parameters are changed where they are estimates in that variant.
[[nodiscard]] Overrides overrides_of(const Point& point, const std::vector<std::string>& parameters,
                                     const Experiment& experiment, std::size_t at) {
  Overrides overrides;
  for (const std::string& path : parameters) {
    const ResolvedParameter* row = find_row(point.resolved, path);
    if (row == nullptr || !(is_estimate(*row) || is_counted(*row))) continue;
    overrides.estimates.push_back(override_of(*row, points_of(*row, experiment)[at]));
  }
  return overrides;
}

// What is an estimate in one of the variants and can make a difference, by path.
[[nodiscard]] std::vector<std::string> estimates_of(const Plan& plan, const std::vector<std::size_t>& points,
                                                    const std::vector<Cell>& cells) {
  std::vector<std::string> paths;
  const auto add = [&](const ResolvedParameter& row) {
    if (std::find(paths.begin(), paths.end(), row.path) == paths.end()) paths.push_back(row.path);
  };
  for (std::size_t parameter = 1; parameter < plan.point(points.front()).resolved.machine.size(); ++parameter) {
    for (const std::size_t point : points) {
      const Resolved& resolved = plan.point(point).resolved;
      const ResolvedParameter& row = resolved.machine[parameter];
      if (!is_estimate(row)) continue;
      if (is_load(row) ? scenario::has_estimated_load(resolved) : is_charged(cells, parameter)) add(row);
    }
  }
  for (const std::size_t point : points) {
    for (const std::vector<ResolvedParameter>& client : plan.point(point).resolved.clients) {
      for (const ResolvedParameter& row : client) {
        if (is_estimate(row)) add(row);
      }
    }
  }
  return paths;
}

// What is computed from instruction counts in one of the variants, by path.
[[nodiscard]] std::vector<std::string> counted_of(const Plan& plan, const std::vector<std::size_t>& points,
                                                  const std::vector<Cell>& cells) {
  std::vector<std::string> paths;
  const std::vector<ResolvedParameter>& machine = plan.point(points.front()).resolved.machine;
  for (std::size_t parameter = 1; parameter < machine.size(); ++parameter) {
    const bool is_one = std::any_of(points.begin(), points.end(), [&](std::size_t point) {
      return is_counted(plan.point(point).resolved.machine[parameter]);
    });
    if (is_one && is_charged(cells, parameter)) paths.push_back(machine[parameter].path);
  }
  return paths;
}

[[nodiscard]] Variation::At outcome(const Verdict& verdict, const std::vector<Cell>& cells,
                                    const std::vector<std::optional<std::size_t>>& places) {
  Variation::At at;
  for (std::size_t variant = 1; variant < places.size(); ++variant) {
    if (!places.front() || !places[variant]) {
      at.is_possible = false;
      at.differences.emplace_back();
      at.judgements.push_back(Judgement::unknown);
      continue;
    }
    const Cell& cell = cells[*places[variant]];
    const Cell& baseline = cells[*places.front()];
    at.differences.push_back(difference(cell, baseline, verdict.metric.text));
    at.judgements.push_back(judge(verdict, cell, baseline));
  }
  return at;
}

}  // namespace

void add_shares(Comparison& comparison, const Plan& plan, const std::vector<std::size_t>& points,
                const std::vector<Cell>& cells) {
  for (std::size_t variant = 0; variant < cells.size(); ++variant) {
    const scenario::Resolved& resolved = plan.point(points[variant]).resolved;
    const bool load_is_estimate = scenario::has_estimated_load(resolved);
    for (const Measurement& run : cells[variant].runs) {
      if (run.causes.size() != trace::kCauseCount) continue;  // not run to its end
      std::array<Wide, trace::kCauseCount> causes{};
      std::copy(run.causes.begin(), run.causes.end(), causes.begin());
      const auto shares = trace::shares_by_cause(causes, scenario::charges_of(resolved, run.charges), load_is_estimate);
      for (std::size_t i = 0; i < trace::kCauseCount; ++i) {
        trace::CauseShare& sum = comparison.shares[i];
        sum.total += shares[i].total;
        sum.estimated += shares[i].estimated;
        sum.charged += shares[i].charged;
        sum.is_known = sum.is_known || shares[i].is_known;
      }
    }
  }
}

void add_variations(Comparison& comparison, const Experiment& experiment, Plan& plan,
                    const std::vector<std::size_t>& points, const std::vector<Cell>& cells) {
  const std::size_t variants = experiment.variants.size();
  std::vector<std::string> all = estimates_of(plan, points, cells);
  std::vector<std::vector<std::string>> groups;  // parameters that are varied together
  groups.reserve(all.size() + 2);
  for (const std::string& path : all) groups.push_back({path});
  const std::vector<std::string> counted = counted_of(plan, points, cells);
  const std::size_t rate = groups.size();
  if (!counted.empty()) groups.push_back(counted);
  for (const std::string& path : counted) {
    if (std::find(all.begin(), all.end(), path) == all.end()) all.push_back(path);
  }
  if (all.empty()) return;
  groups.push_back(all);

  const std::size_t first = plan.size();
  std::vector<std::vector<std::optional<std::size_t>>> places;  // by group and point, then by variant
  for (const std::vector<std::string>& group : groups) {
    for (std::size_t at = 0; at < kVariationPoints; ++at) {
      std::vector<std::optional<std::size_t>>& place = places.emplace_back();
      for (std::size_t variant = 0; variant < variants; ++variant) {
        const Overrides overrides = overrides_of(plan.point(points[variant]), group, experiment, at);
        place.push_back(plan.try_add(variant, overrides));
        if (place.back()) *place.back() -= first;
      }
    }
  }
  const std::vector<Cell> varied = plan.run();
  if (plan.is_interrupted()) return;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    Variation variation;
    variation.parameter = "all";
    if (i == rate && !counted.empty()) {
      variation.parameter = "instructions per ns";
      variation.range = fmt::format("{} .. {}", kFastest.whole, kSlowest.whole);
    } else if (i + 1 < groups.size()) {
      for (const std::size_t point : points) {
        const ResolvedParameter* row = find_row(plan.point(point).resolved, groups[i].front());
        if (row == nullptr || !is_estimate(*row)) continue;
        const auto range = points_of(*row, experiment);
        variation.parameter = scenario::set_key(*row);
        variation.range = fmt::format("{} .. {}", text_of(*row, range.front()), text_of(*row, range.back()));
        break;
      }
    }
    for (std::size_t at = 0; at < kVariationPoints; ++at) {
      variation.at.push_back(outcome(experiment.verdict, varied, places[i * kVariationPoints + at]));
    }
    comparison.variations.push_back(std::move(variation));
  }
}

}  // namespace gpusim::experiment
