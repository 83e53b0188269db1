// SPDX-License-Identifier: MIT
#include "sim/experiment/comparison.h"

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "base/closest.h"
#include "sim/experiment/metric_owner.h"
#include "sim/experiment/plan.h"
#include "sim/experiment/variations.h"
#include "sim/scenario/parameter_table.h"

namespace gpusim::experiment {

namespace {

[[nodiscard]] std::optional<trace::Interval> interval_of(const std::vector<std::int64_t>& values, std::int64_t off) {
  return values.empty() ? std::nullopt : std::optional{trace::confidence(values, off)};
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
    planned.values.push_back(shown_value(value.text));
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

/// The part of a notice that is the same with every seed.
[[nodiscard]] std::string head_of(const std::string& notice) { return notice.substr(0, notice.find(':')); }

/// What the runs of the first table have to say, each once; with the variants that say it, unless all do.
void note_runs(Comparison& comparison, const Experiment& experiment) {
  struct Notice {
    std::string text;  // of the first run that has it
    std::vector<std::size_t> variants;
    std::uint64_t runs = 0;
  };
  std::vector<Notice> notices;
  const std::vector<Cell>& cells = comparison.tables.front().conditions.front().cells;
  for (std::size_t variant = 0; variant < cells.size(); ++variant) {
    for (const Measurement& run : cells[variant].runs) {
      for (const std::string& text : run.notices) {
        const auto same = [&](const Notice& other) { return head_of(other.text) == head_of(text); };
        auto notice = std::find_if(notices.begin(), notices.end(), same);
        if (notice == notices.end()) notice = notices.insert(notices.end(), Notice{text, {}, 0});
        ++notice->runs;
        if (notice->variants.empty() || notice->variants.back() != variant) notice->variants.push_back(variant);
      }
    }
  }
  for (const Notice& notice : notices) {
    std::string text;
    if (notice.variants.size() < cells.size()) {
      for (const std::size_t variant : notice.variants) {
        text += (text.empty() ? "" : ", ") + experiment.variants[variant].name;
      }
      text += ": ";
    }
    text += notice.text;
    const std::uint64_t runs = experiment.seeds * notice.variants.size();
    if (notice.runs < runs) text += fmt::format(" (the like in {} of {} runs)", notice.runs, runs);
    comparison.notices.push_back(std::move(text));
  }
}

constexpr const char* kEveryVariant = "every variant";

/// The variants that are alike under all conditions of the table; empty if none is.
[[nodiscard]] std::string unmoved_by(const Table& table, const Experiment& experiment,
                                     const std::function<bool(const Cell&, const Cell&)>& are_alike) {
  std::string unmoved;
  bool is_all = true;
  for (std::size_t variant = 0; variant < experiment.variants.size(); ++variant) {
    const Cell& first = table.conditions.front().cells[variant];
    const bool is_moved =
        std::any_of(table.conditions.begin(), table.conditions.end(),
                    [&](const Condition& condition) { return !are_alike(condition.cells[variant], first); });
    is_all = is_all && !is_moved;
    if (!is_moved) unmoved += (unmoved.empty() ? "" : ", ") + experiment.variants[variant].name;
  }
  return is_all ? kEveryVariant : unmoved;
}

/// The same values, whatever slots were given and taken for them: to count slots is to say again that there are some.
[[nodiscard]] bool same_but_for_slots(const Measurement& x, const Measurement& y) {
  const auto counts_slots = [](const MetricValue& value) {
    return value.name.ends_with("slot_grants") || value.name.ends_with("slot_evictions");
  };
  return std::equal(
      x.values.begin(), x.values.end(), y.values.begin(), y.values.end(),
      [&](const MetricValue& a, const MetricValue& b) { return a == b || (counts_slots(a) && a.name == b.name); });
}

/// The metrics that the experiment asks for, or else all, are the same with every seed.
[[nodiscard]] bool shown_alike(const Experiment& experiment, const Cell& a, const Cell& b) {
  return std::equal(
      a.runs.begin(), a.runs.end(), b.runs.begin(), b.runs.end(), [&](const Measurement& x, const Measurement& y) {
        if (x.status != Status::good || y.status != Status::good) return false;
        if (experiment.metrics.empty()) return same_but_for_slots(x, y);
        return std::all_of(experiment.metrics.begin(), experiment.metrics.end(),
                           [&](const Placed& metric) { return x.find(metric.text) == y.find(metric.text); }) &&
               x.find(experiment.verdict.metric.text) == y.find(experiment.verdict.metric.text);
      });
}

void note_without_effect(Comparison& comparison, const Experiment& experiment) {
  const std::vector<Cell>& base = comparison.tables.front().conditions.front().cells;
  for (std::size_t i = 1; i < base.size(); ++i) {
    if (!ran_alike(base[i], base.front())) continue;
    comparison.notices.push_back(
        fmt::format("{} ran exactly as {}, event by event: what it overrides has no effect on this scenario.",
                    experiment.variants[i].name, experiment.variants.front().name));
  }
  for (const Table& table : comparison.tables) {
    if (table.conditions.size() < 2) continue;
    const std::string unmoved = unmoved_by(table, experiment, &ran_alike);
    if (!unmoved.empty()) {
      const bool is_all = unmoved == kEveryVariant;
      comparison.notices.push_back(
          fmt::format("the sweep of {} has no effect{}: with each of its values {} ran exactly alike, event by event.",
                      table.name, is_all ? "" : " on " + unmoved, unmoved));
      if (is_all) continue;
    }
    const std::string same =
        unmoved_by(table, experiment, [&](const Cell& a, const Cell& b) { return shown_alike(experiment, a, b); });
    if (same.empty() || same == unmoved) continue;
    comparison.notices.push_back(fmt::format(
        "the sweep of {} moves none of the figures: with each of its values they are the same for {}, although what "
        "happens is not.",
        table.name, same));
  }
}

/// The key of "key = value".
[[nodiscard]] std::string key_of(const Placed& set) {
  std::string key = set.text.substr(0, set.text.find('='));
  std::erase_if(key, [](char c) { return c == ' ' || c == '\t' || c == '"' || c == '\''; });
  return key;
}

/// On a command line the last of two values counts. In one variant or one sweep two are a slip.
void check_doubles(const Experiment& experiment, std::vector<scenario::Problem>& problems) {
  const auto look = [&](const std::vector<Placed>& sets) {
    std::set<std::string> seen;
    for (const Placed& set : sets) {
      std::string key = key_of(set);
      for (const std::string_view unit : scenario::kUnitNames) {
        if (key.ends_with(fmt::format("_{}", unit))) key.resize(key.size() - unit.size() - 1);
      }
      if (!seen.insert(key).second) problems.push_back({set.place, fmt::format("'{}' is set twice", key), {}});
    }
  };
  for (const Variant& variant : experiment.variants) look(variant.sets);
  for (const Sweep& sweep : experiment.sweeps) {
    std::vector<Placed> all = sweep.keys;
    all.insert(all.end(), sweep.sets.begin(), sweep.sets.end());
    look(all);
  }
}

/// Variants are compared seed by seed, so none may have a seed of its own.
void check_seeds(const Experiment& experiment, std::vector<scenario::Problem>& problems) {
  const auto look = [&](const Placed& set, const char* what) {
    if (key_of(set) != "seed") return;
    problems.push_back(
        {set.place,
         fmt::format("{} cannot set the seed; --seeds runs all variants with several, --seed says the first", what),
         {}});
  };
  for (const Variant& variant : experiment.variants) {
    for (const Placed& set : variant.sets) look(set, "a variant");
  }
  for (const Sweep& sweep : experiment.sweeps) {
    for (const auto* part : {&sweep.keys, &sweep.sets}) {
      for (const Placed& set : *part) look(set, "a sweep");
    }
  }
}

void check_client_metrics(const Experiment& experiment, const scenario::ScenarioSpec& spec,
                          std::vector<scenario::Problem>& problems) {
  std::vector<Placed> metrics = experiment.metrics;
  metrics.push_back(experiment.verdict.metric);
  for (const Placed& metric : metrics) {
    const std::string_view name = client_of_metric(metric.text);
    if (name.empty()) continue;
    const auto is_it = [&](const workload::ClientSpec& client) { return client.name == name; };
    if (std::any_of(spec.clients.begin(), spec.clients.end(), is_it)) continue;
    std::vector<std::string_view> names;
    for (const workload::ClientSpec& client : spec.clients) names.push_back(client.name);
    problems.push_back({metric.place, fmt::format("the scenario has no client '{}'", name), closest(name, names)});
  }
}

}  // namespace

std::optional<trace::Interval> Cell::interval(std::string_view metric) const {
  std::vector<std::int64_t> values;
  std::int64_t off = 0;
  for (const Measurement& run : runs) {
    const MetricValue* value = run.find_value(metric);
    if (value == nullptr) continue;
    values.push_back(*value->value);
    off = std::max(off, value->off);
  }
  return interval_of(values, off);
}

bool Cell::is_between_groups(std::string_view metric) const {
  return std::any_of(runs.begin(), runs.end(), [&](const Measurement& run) {
    const MetricValue* value = run.find_value(metric);
    return value != nullptr && value->is_between_groups;
  });
}

std::optional<trace::Interval> difference(const Cell& of, const Cell& from, std::string_view metric) {
  std::vector<std::int64_t> values;
  std::int64_t off = 0;
  for (std::size_t seed = 0; seed < std::min(of.runs.size(), from.runs.size()); ++seed) {
    const MetricValue* value = of.runs[seed].find_value(metric);
    const MetricValue* base = from.runs[seed].find_value(metric);
    if (value == nullptr || base == nullptr) continue;
    values.push_back(*value->value - *base->value);
    // Two runs that did the same differ by nothing, however little is known of either.
    if (of.runs[seed].trace_hash != from.runs[seed].trace_hash) off = std::max(off, value->off + base->off);
  }
  return interval_of(values, off);
}

bool is_deterministic(const std::vector<Cell>& cells) {
  return std::all_of(cells.begin(), cells.end(), [](const Cell& cell) {
    return std::all_of(cell.runs.begin(), cell.runs.end(), [&](const Measurement& run) {
      return !run.values.empty() && run.values == cell.runs.front().values;
    });
  });
}

// Without the quotes of TOML.
std::string shown_value(const std::string& value) {
  const bool quoted = value.size() >= 2 && value.front() == '"';
  return quoted ? value.substr(1, value.size() - 2) : value;
}

bool ran_alike(const Cell& a, const Cell& b) {
  return std::equal(a.runs.begin(), a.runs.end(), b.runs.begin(), b.runs.end(),
                    [](const Measurement& x, const Measurement& y) {
                      return x.status == Status::good && y.status == Status::good && x.trace_hash == y.trace_hash;
                    });
}

std::string_view to_string(Judgement judgement) {
  switch (judgement) {
    case Judgement::undecided:
      return "undecided";
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
  if (by->is_within_off()) return Judgement::same;
  if (by->half && !by->excludes_zero()) return Judgement::undecided;
  return (by->fine_mean() < 0) == verdict.lower_is_better ? Judgement::better : Judgement::worse;
}

namespace {

/// Those of the first run that came to its end.
[[nodiscard]] std::vector<std::string> names_of_metrics(const std::vector<Cell>& cells) {
  for (const Cell& cell : cells) {
    for (const Measurement& run : cell.runs) {
      if (run.status != Status::good) continue;
      std::vector<std::string> names;
      for (const MetricValue& value : run.values) names.push_back(value.name);
      return names;
    }
  }
  return {};
}

[[nodiscard]] bool is_of_client(const std::string& metric) { return !client_of_metric(metric).empty(); }

/// Calls `visit` for each variant but the first under each condition, with what the pair is called.
template <class Visit>
void for_each_pair(const Experiment& experiment, const std::vector<Table>& tables, Visit visit) {
  for (const Table& table : tables) {
    for (const Condition& condition : table.conditions) {
      const std::string where = table.name.empty() ? "" : fmt::format(", {} = {}", table.name, condition.value);
      for (std::size_t i = 1; i < condition.cells.size(); ++i) {
        visit(fmt::format("{} against {}{}", experiment.variants[i].name, experiment.variants.front().name, where),
              condition.cells[i], condition.cells.front());
      }
    }
  }
}

}  // namespace

std::vector<Verdicted> verdicts(const Experiment& experiment, const std::vector<Table>& tables) {
  std::vector<Verdicted> all;
  for_each_pair(experiment, tables, [&](std::string what, const Cell& of, const Cell& baseline) {
    all.push_back({std::move(what), judge(experiment.verdict, of, baseline)});
  });
  return all;
}

bool is_verdict_default(const Experiment& experiment) { return experiment.verdict.metric.place.is_default(); }

std::vector<Otherwise> who_say_otherwise(const Experiment& experiment, const std::vector<Cell>& cells) {
  std::vector<Verdict> asked{{{"latency_p99", {}}, true}, {{"throughput", {}}, false}};
  for (const std::string& name : names_of_metrics(cells)) {
    const bool is_latency = name.ends_with(".latency_p50") || name.ends_with(".latency_p99");
    if (is_of_client(name) && is_latency) asked.push_back({{name, {}}, true});
  }
  std::vector<Otherwise> all;
  for (std::size_t i = 1; i < cells.size(); ++i) {
    const Judgement overall = judge(experiment.verdict, cells[i], cells.front());
    for (const Verdict& verdict : asked) {
      const Judgement judgement = judge(verdict, cells[i], cells.front());
      if (judgement == Judgement::unknown || judgement == Judgement::undecided || judgement == overall) continue;
      all.push_back({i, verdict, judgement});
    }
  }
  return all;
}

std::vector<std::string> losses(const Experiment& experiment, const std::vector<Table>& tables) {
  std::vector<std::string> all;
  for_each_pair(experiment, tables, [&](const std::string& what, const Cell& of, const Cell& baseline) {
    for (const char* metric : {"jobs_failed", "jobs_unfinished", "clients_gave_up"}) {
      const std::optional<trace::Interval> by = difference(of, baseline, metric);
      if (!by || by->fine_mean() <= 0 || (by->half && !by->excludes_zero())) continue;
      all.push_back(fmt::format("{}: {} +{:g}", what, metric, static_cast<double>(by->mean) / 1'000));
    }
    if (!is_verdict_default(experiment)) return;
    for (const std::string& name : names_of_metrics({baseline})) {
      if (!is_of_client(name) || !name.ends_with(".jobs")) continue;
      const std::optional<trace::Interval> by = difference(of, baseline, name);
      if (!by || by->fine_mean() >= 0 || (by->half && !by->excludes_zero())) continue;
      all.push_back(fmt::format("{}: {} {:g}", what, name, static_cast<double>(by->mean) / 1'000));
    }
  });
  return all;
}

bool contradicts(Judgement a, Judgement b) { return a != b && a != Judgement::undecided && b != Judgement::undecided; }

std::optional<Comparison> compare(const Experiment& experiment, const CompareSettings& settings,
                                  std::vector<scenario::Problem>& problems) {
  const std::size_t variants = experiment.variants.size();
  Plan plan{experiment, settings, problems};
  std::vector<Planned> planned(1);
  planned.front().values = {""};
  for (std::size_t variant = 0; variant < variants; ++variant) planned.front().points.push_back(plan.add(variant, {}));
  for (const Sweep& sweep : experiment.sweeps) planned.push_back(plan_sweep(plan, sweep, variants));
  check_seeds(experiment, problems);
  check_doubles(experiment, problems);
  if (problems.empty()) check_client_metrics(experiment, plan.point(0).spec, problems);
  const auto last = static_cast<std::uint64_t>(scenario::parameter_at("seed").max);
  if (problems.empty() && plan.point(0).spec.seed > last - (experiment.seeds - 1)) {
    problems.push_back({{"--seeds", 0, 0}, fmt::format("seeds end at {}", last), {}});
  }
  if (!problems.empty()) {
    scenario::sort_by_place(problems);
    return std::nullopt;
  }

  if (settings.begin && !settings.begin(plan.point(0).spec.seed)) return std::nullopt;
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
  note_without_effect(comparison, experiment);
  note_runs(comparison, experiment);
  add_shares(comparison, plan, planned.front().points, base);
  if (settings.estimates && !comparison.is_interrupted) {
    add_variations(comparison, experiment, plan, planned.front().points, base);
    comparison.is_interrupted = plan.is_interrupted();
    comparison.has_estimates = !comparison.is_interrupted;
  }
  return comparison;
}

}  // namespace gpusim::experiment
