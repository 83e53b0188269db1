// SPDX-License-Identifier: MIT
#include "sim/experiment/comparison.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "sim/experiment/plan.h"
#include "sim/experiment/variations.h"

namespace gpusim::experiment {

namespace {

[[nodiscard]] std::optional<trace::Interval> interval_of(const std::vector<std::int64_t>& values) {
  return values.empty() ? std::nullopt : std::optional{trace::confidence(values)};
}

// Without the quotes of TOML.
[[nodiscard]] std::string readable(const std::string& value) {
  const bool quoted = value.size() >= 2 && value.front() == '"';
  return quoted ? value.substr(1, value.size() - 2) : value;
}

struct Planned {
  std::string name;
  std::vector<std::string> values;
  std::vector<std::size_t> points;  // by condition, then by variant
};

[[nodiscard]] Planned plan_sweep(Plan& plan, const Sweep& sweep, std::size_t variants) {
  Planned planned;
  planned.name = sweep.name;
  for (const Placed& value : sweep.values) {
    Overrides overrides;
    overrides.sweep = sweep.sets;
    for (const Placed& key : sweep.keys) overrides.sweep.push_back({key.text + "=" + value.text, value.place});
    planned.values.push_back(readable(value.text));
    for (std::size_t variant = 0; variant < variants; ++variant) planned.points.push_back(plan.add(variant, overrides));
  }
  return planned;
}

void note_failures(Comparison& comparison, const Experiment& experiment, const Table& table,
                   const Condition& condition) {
  for (std::size_t variant = 0; variant < condition.cells.size(); ++variant) {
    const std::vector<Measurement>& runs = condition.cells[variant].runs;
    for (std::size_t seed = 0; seed < runs.size(); ++seed) {
      if (runs[seed].error.empty()) continue;
      const std::string where = table.name.empty() ? "" : fmt::format(", {} = {}", table.name, condition.value);
      comparison.failures.push_back(fmt::format("{}{}, seed {}: {}", experiment.variants[variant].name, where,
                                                comparison.first_seed + seed, runs[seed].error));
      comparison.worst = std::max(comparison.worst, runs[seed].status);
    }
  }
}

[[nodiscard]] bool is_deterministic(const std::vector<Cell>& cells) {
  return std::all_of(cells.begin(), cells.end(), [](const Cell& cell) {
    return std::all_of(cell.runs.begin(), cell.runs.end(),
                       [&](const Measurement& run) { return run.values == cell.runs.front().values; });
  });
}

void check_client_metrics(const Experiment& experiment, const scenario::ScenarioSpec& spec,
                          std::vector<scenario::Problem>& problems) {
  std::vector<Placed> metrics = experiment.metrics;
  metrics.push_back(experiment.verdict.metric);
  for (const Placed& metric : metrics) {
    if (!metric.text.starts_with("client.")) continue;
    const std::string name = metric.text.substr(7, metric.text.rfind('.') - 7);
    const auto is_it = [&](const workload::ClientSpec& client) { return client.name == name; };
    if (std::any_of(spec.clients.begin(), spec.clients.end(), is_it)) continue;
    problems.push_back({metric.place, fmt::format("the scenario has no client '{}'", name), {}});
  }
}

}  // namespace

std::optional<trace::Interval> Cell::interval(std::string_view metric) const {
  std::vector<std::int64_t> values;
  for (const Measurement& run : runs) {
    if (const auto value = run.find(metric)) values.push_back(*value);
  }
  return interval_of(values);
}

std::optional<trace::Interval> difference(const Cell& of, const Cell& from, std::string_view metric) {
  std::vector<std::int64_t> values;
  for (std::size_t seed = 0; seed < std::min(of.runs.size(), from.runs.size()); ++seed) {
    const auto value = of.runs[seed].find(metric);
    const auto base = from.runs[seed].find(metric);
    if (value && base) values.push_back(*value - *base);
  }
  return interval_of(values);
}

std::string_view to_string(Judgement judgement) {
  switch (judgement) {
    case Judgement::worse:
      return "worse";
    case Judgement::same:
      return "same";
    case Judgement::better:
      return "better";
    case Judgement::unknown:
      break;
  }
  return "-";
}

Judgement judge(const Verdict& verdict, const Cell& of, const Cell& baseline) {
  const std::optional<trace::Interval> by = difference(of, baseline, verdict.metric.text);
  if (!by) return Judgement::unknown;
  if (by->mean == 0 || (by->half && !by->excludes_zero())) return Judgement::same;
  return (by->mean < 0) == verdict.lower_is_better ? Judgement::better : Judgement::worse;
}

std::optional<Comparison> compare(const Experiment& experiment, const CompareSettings& settings,
                                  std::vector<scenario::Problem>& problems) {
  const std::size_t variants = experiment.variants.size();
  Plan plan{experiment, settings, problems};
  std::vector<Planned> planned(1);
  planned.front().values = {""};
  for (std::size_t variant = 0; variant < variants; ++variant) planned.front().points.push_back(plan.add(variant, {}));
  for (const Sweep& sweep : experiment.sweeps) planned.push_back(plan_sweep(plan, sweep, variants));
  if (problems.empty()) check_client_metrics(experiment, plan.point(0).spec, problems);
  if (!problems.empty()) {
    scenario::sort_by_place(problems);
    return std::nullopt;
  }

  Comparison comparison;
  comparison.first_seed = plan.point(0).spec.seed;
  const std::vector<Cell> cells = plan.run();
  comparison.is_interrupted = plan.is_interrupted();
  for (const Planned& axis : planned) {
    Table& table = comparison.tables.emplace_back();
    table.name = axis.name;
    for (std::size_t i = 0; i < axis.values.size(); ++i) {
      Condition condition;
      condition.value = axis.values[i];
      for (std::size_t variant = 0; variant < variants; ++variant) {
        condition.cells.push_back(cells[axis.points[i * variants + variant]]);
      }
      note_failures(comparison, experiment, table, condition);
      table.conditions.push_back(std::move(condition));
    }
  }
  const std::vector<Cell>& base = comparison.tables.front().conditions.front().cells;
  comparison.is_deterministic = is_deterministic(base);
  add_shares(comparison, plan, planned.front().points, base);
  if (settings.estimates && !comparison.is_interrupted) {
    add_variations(comparison, experiment, plan, planned.front().points, base);
    comparison.is_interrupted = plan.is_interrupted();
    comparison.has_estimates = !comparison.is_interrupted;
  }
  if (!problems.empty()) return std::nullopt;  // an end of a range that no scenario may have
  return comparison;
}

}  // namespace gpusim::experiment
