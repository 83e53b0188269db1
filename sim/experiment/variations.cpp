// SPDX-License-Identifier: MIT
#include "sim/experiment/variations.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "sim/scenario/values.h"

namespace gpusim::experiment {

namespace {

using scenario::ResolvedParameter;

[[nodiscard]] bool is_charged(const std::vector<Cell>& cells, std::size_t parameter) {
  for (const Cell& cell : cells) {
    for (const Measurement& run : cell.runs) {
      if (parameter < run.charges.size() && run.charges[parameter].count() > 0) return true;
    }
  }
  return false;
}

[[nodiscard]] Picoseconds scaled(Picoseconds duration, const Ratio& ratio) {
  return Picoseconds{static_cast<std::int64_t>(divide_rounded(
      static_cast<Wide>(duration.count()) * static_cast<Wide>(ratio.part), static_cast<Wide>(ratio.whole)))};
}

// A distribution is scaled as a whole.
[[nodiscard]] Placed override_of(const ResolvedParameter& row, const Ratio& ratio) {
  std::string value = std::to_string(scaled(row.duration, ratio).count());
  if (!row.quantiles.empty()) {
    std::vector<os::Quantile> quantiles = row.quantiles;
    for (os::Quantile& quantile : quantiles) quantile.value = scaled(quantile.value, ratio);
    value = scenario::quantiles_toml(quantiles, ps(1));
  }
  return {fmt::format("{}_ps={{ v = {}, tag = \"E\" }}", row.path, value), {"--estimates", 1, 1}};
}

[[nodiscard]] bool is_estimate(const ResolvedParameter& row) { return row.tag == 'E' && row.duration.count() > 0; }

// One end of the range: a variant's parameters are scaled where they are estimates in that variant.
[[nodiscard]] Overrides overrides_of(const Point& point, const std::vector<std::size_t>& parameters,
                                     const Ratio& ratio) {
  Overrides overrides;
  for (const std::size_t parameter : parameters) {
    const ResolvedParameter& row = point.resolved.machine[parameter];
    if (is_estimate(row)) overrides.estimates.push_back(override_of(row, ratio));
  }
  return overrides;
}

[[nodiscard]] Variation::End end_of(const Verdict& verdict, const std::vector<Cell>& cells, std::size_t first,
                                    std::size_t variants) {
  Variation::End end;
  for (std::size_t variant = 1; variant < variants; ++variant) {
    const Cell& cell = cells[first + variant];
    end.differences.push_back(difference(cell, cells[first], verdict.metric.text));
    end.judgements.push_back(judge(verdict, cell, cells[first]));
  }
  return end;
}

}  // namespace

void add_shares(Comparison& comparison, const Plan& plan, const std::vector<std::size_t>& points,
                const std::vector<Cell>& cells) {
  for (std::size_t variant = 0; variant < cells.size(); ++variant) {
    const scenario::Resolved& resolved = plan.point(points[variant]).resolved;
    for (const Measurement& run : cells[variant].runs) {
      // Parameter 0 is the clients' work.
      for (std::size_t i = 1; i < run.charges.size() && i < resolved.machine.size(); ++i) {
        const auto amount = static_cast<Wide>(run.charges[i].count());
        const ResolvedParameter& row = resolved.machine[i];
        const Wide estimated = row.tag == 'E' ? amount : 0;
        comparison.share_of_all.total += amount;
        comparison.share_of_all.estimated += estimated;
        if (!row.cause) continue;
        comparison.shares[static_cast<std::size_t>(*row.cause)].total += amount;
        comparison.shares[static_cast<std::size_t>(*row.cause)].estimated += estimated;
      }
    }
  }
}

void add_variations(Comparison& comparison, const Experiment& experiment, Plan& plan,
                    const std::vector<std::size_t>& points, const std::vector<Cell>& cells) {
  const std::size_t variants = experiment.variants.size();
  std::vector<std::vector<std::size_t>> groups;  // parameters that are varied together
  std::vector<std::size_t> all;
  const std::size_t count = plan.point(points.front()).resolved.machine.size();
  for (std::size_t parameter = 1; parameter < count; ++parameter) {
    const bool varies = std::any_of(points.begin(), points.end(), [&](std::size_t point) {
      return is_estimate(plan.point(point).resolved.machine[parameter]);
    });
    if (!varies || !is_charged(cells, parameter)) continue;
    groups.push_back({parameter});
    all.push_back(parameter);
  }
  if (all.empty()) return;
  groups.push_back(all);

  for (const std::vector<std::size_t>& group : groups) {
    for (const Ratio& ratio : {experiment.estimates_from, experiment.estimates_to}) {
      for (std::size_t variant = 0; variant < variants; ++variant) {
        plan.add(variant, overrides_of(plan.point(points[variant]), group, ratio));
      }
    }
  }
  const std::vector<Cell> varied = plan.run();
  if (plan.is_interrupted()) return;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    Variation variation;
    variation.parameter = "all";
    if (groups[i].size() == 1 && i + 1 < groups.size()) {
      for (const std::size_t point : points) {
        const ResolvedParameter& row = plan.point(point).resolved.machine[groups[i].front()];
        if (!is_estimate(row)) continue;
        variation.parameter = row.path;
        variation.range = fmt::format("{} .. {}", format_duration(scaled(row.duration, experiment.estimates_from)),
                                      format_duration(scaled(row.duration, experiment.estimates_to)));
        break;
      }
    }
    variation.from = end_of(experiment.verdict, varied, 2 * i * variants, variants);
    variation.to = end_of(experiment.verdict, varied, (2 * i + 1) * variants, variants);
    comparison.variations.push_back(std::move(variation));
  }
}

}  // namespace gpusim::experiment
