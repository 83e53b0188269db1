// SPDX-License-Identifier: MIT
#include "sim/experiment/stored_comparison.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>

#include "sim/experiment/condition.h"
#include "sim/experiment/json_document.h"
#include "sim/experiment/report.h"

namespace gpusim::experiment {

namespace {

using nlohmann::json;
using scenario::Place;
using scenario::Problem;

[[nodiscard]] Unit unit_called(const std::string& name) {
  for (const Unit unit : {Unit::time, Unit::rate, Unit::percent}) {
    if (unit_name(unit) == name) return unit;
  }
  return Unit::count;
}

/// The figures of one metric, by seed. Throws what the library throws if they are something else.
void read_metric(const json& metric, Cell& cell) {
  const json& values = metric.at("values");
  const json* offs = member(metric, "off");
  for (std::size_t seed = 0; seed < cell.runs.size(); ++seed) {
    MetricValue value;
    value.name = metric.at("name").get<std::string>();
    value.unit = unit_called(metric.at("unit").get<std::string>());
    value.is_between_groups = metric.contains("between_groups");
    if (offs != nullptr) value.off = offs->at(seed).get<std::int64_t>();
    if (!values.at(seed).is_null()) {
      value.value = values.at(seed).get<std::int64_t>();
      cell.runs[seed].status = Status::good;
    }
    cell.runs[seed].values.push_back(std::move(value));
  }
}

/// Builds before 0.1.0+g7ec69d9 wrote it as a number.
[[nodiscard]] std::uint64_t hash_of(const json& value) {
  return value.is_string() ? read_hash(value.get<std::string>()).value_or(0) : value.get<std::uint64_t>();
}

[[nodiscard]] Cell read_cell(const json& variant, std::uint64_t seeds) {
  Measurement not_run;
  not_run.status = Status::not_run;
  Cell cell;
  cell.runs.assign(seeds, not_run);
  for (std::size_t seed = 0; seed < seeds; ++seed) {
    cell.runs[seed].trace_hash = hash_of(variant.at("trace_hashes").at(seed));
  }
  for (const json& metric : variant.at("metrics")) read_metric(metric, cell);
  return cell;
}

[[nodiscard]] StoredComparison read_comparison(const json& document) {
  StoredComparison stored;
  stored.scenario = document.at("scenario").get<std::string>();
  stored.first_seed = document.at("first_seed").get<std::uint64_t>();
  stored.seeds = std::min(document.at("seeds").get<std::uint64_t>(), static_cast<std::uint64_t>(kMaxSeeds));
  stored.is_interrupted = document.at("interrupted").get<bool>();
  for (const json& variant : document.at("tables").at(0).at("conditions").at(0).at("variants")) {
    stored.variants.push_back(variant.at("variant").get<std::string>());
  }
  for (const json& from : document.at("tables")) {
    Table& table = stored.tables.emplace_back();
    if (!from.at("sweep").is_null()) table.name = from.at("sweep").get<std::string>();
    for (const json& value : from.at("conditions")) {
      Condition& condition = table.conditions.emplace_back();
      condition.value = value.at("value").get<std::string>();
      for (std::size_t i = 0; i < stored.variants.size(); ++i) {
        condition.cells.push_back(read_cell(value.at("variants").at(i), stored.seeds));
      }
    }
  }
  return stored;
}

[[nodiscard]] const Table* find_table(const std::vector<Table>& tables, const std::string& name) {
  const auto found = std::find_if(tables.begin(), tables.end(), [&](const Table& table) { return table.name == name; });
  return found == tables.end() ? nullptr : &*found;
}

[[nodiscard]] const Condition* find_condition(const Table& table, const std::string& value) {
  const auto found = std::find_if(table.conditions.begin(), table.conditions.end(),
                                  [&](const Condition& condition) { return condition.value == value; });
  return found == table.conditions.end() ? nullptr : &*found;
}

[[nodiscard]] std::size_t place_of(const StoredComparison& stored, const std::string& variant) {
  const auto found = std::find(stored.variants.begin(), stored.variants.end(), variant);
  return static_cast<std::size_t>(found - stored.variants.begin());
}

/// The metrics of its first good run.
[[nodiscard]] std::vector<std::string> metrics_of(const Cell& cell) {
  std::vector<std::string> names;
  for (const Measurement& run : cell.runs) {
    if (run.status != Status::good) continue;
    for (const MetricValue& value : run.values) names.push_back(value.name);
    break;
  }
  return names;
}

/// Those of `names` that are not in `others`: "a, b".
[[nodiscard]] std::string missing(const std::vector<std::string>& names, const std::vector<std::string>& others) {
  std::string text;
  for (const std::string& name : names) {
    if (std::find(others.begin(), others.end(), name) != others.end()) continue;
    text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

[[nodiscard]] std::string seeds_text(std::uint64_t first, std::uint64_t count) {
  return count == 1 ? fmt::format("seed {}", first) : fmt::format("seeds {}..{}", first, first + count - 1);
}

class StoredCheck {
 public:
  StoredCheck(const StoredComparison& stored, const Place& place, std::vector<Problem>& problems)
      : stored_{stored}, place_{place}, problems_{problems} {}

  void look(const Experiment& experiment, std::uint64_t first_seed) {
    const std::string scenario = experiment.scenario.filename().string();
    if (stored_.scenario != scenario) complain(fmt::format("is of {}, and this is {}", stored_.scenario, scenario));
    if (stored_.first_seed != first_seed || stored_.seeds != experiment.seeds) {
      complain(fmt::format("has {}, and this is to run {}", seeds_text(stored_.first_seed, stored_.seeds),
                           seeds_text(first_seed, experiment.seeds)));
    }
    if (stored_.is_interrupted) complain("was interrupted, and lacks runs");
    for (const Variant& variant : experiment.variants) look_for_variant(variant.name, experiment);
    for (const Sweep& sweep : experiment.sweeps) look_for_sweep(sweep);
  }

 private:
  void complain(const std::string& what) { problems_.push_back({place_, stored_.name + " " + what, {}}); }

  void look_for_variant(const std::string& name, const Experiment& experiment) {
    const std::size_t at = place_of(stored_, name);
    if (at == stored_.variants.size()) return complain(fmt::format("has no variant '{}'", name));
    const std::vector<std::string> has = metrics_of(stored_.tables.front().conditions.front().cells[at]);
    if (has.empty()) return complain(fmt::format("has no figures of '{}': no run came to its end", name));
    if (const std::string lacks = missing(metrics_asked_by(experiment), has); !lacks.empty()) {
      complain(fmt::format("has no {} of '{}'", lacks, name));
    }
  }

  void look_for_sweep(const Sweep& sweep) {
    const Table* table = find_table(stored_.tables, sweep.name);
    if (table == nullptr) return complain(fmt::format("has no sweep of '{}'", sweep.name));
    for (const Placed& value : sweep.values) {
      const std::string shown = shown_value(value.text);
      if (find_condition(*table, shown) == nullptr) complain(fmt::format("has no {} = {}", sweep.name, shown));
    }
  }

  const StoredComparison& stored_;
  const Place& place_;
  std::vector<Problem>& problems_;
};

void add_notices(Pair& pair, const StoredComparison& stored, const PairNames& names) {
  const std::vector<Cell>& cells = pair.comparison.tables.front().conditions.front().cells;
  std::vector<std::string>& notices = pair.comparison.notices;
  notices.insert(notices.begin(), fmt::format("{} is {}.", names.then, stored.name));
  if (ran_alike(cells[0], cells[1])) {
    notices.push_back(fmt::format("{} ran exactly as {}, event by event.", names.now, names.then));
  }
  const std::vector<std::string> before = metrics_of(cells[0]);
  const std::vector<std::string> after = metrics_of(cells[1]);
  const auto note = [&](const std::string& who, const std::string& only) {
    if (!only.empty()) notices.push_back(fmt::format("not compared, for only {} has them: {}.", who, only));
  };
  note(names.then, missing(before, after));
  note(names.now, missing(after, before));
}

}  // namespace

std::optional<StoredComparison> parse_comparison(std::string_view text, const std::filesystem::path& file,
                                                 std::vector<Problem>& problems) {
  const std::optional<json> document = parse_json(text, file, kComparisonSchema, problems);
  if (!document) return std::nullopt;
  try {
    StoredComparison stored = read_comparison(*document);
    stored.name = file.generic_string();
    return stored;
  } catch (const json::exception& error) {
    const std::string_view what = error.what();
    problems.push_back(
        {{file.generic_string(), 0, 0},
         fmt::format("this is not what gpusim compare --out writes: {}", what.substr(what.find(']') + 2)),
         {}});
    return std::nullopt;
  }
}

void check_stored(const StoredComparison& stored, const Experiment& experiment, std::uint64_t first_seed,
                  const Place& place, std::vector<Problem>& problems) {
  StoredCheck{stored, place, problems}.look(experiment, first_seed);
}

Pair pair_up(const StoredComparison& stored, const Experiment& experiment, const Comparison& now, std::size_t variant,
             const PairNames& names) {
  Pair pair;
  pair.experiment = experiment;
  pair.experiment.variants = {{names.then, {}, {}}, {names.now, {}, {}}};
  pair.experiment.title =
      fmt::format("{}: {}, {} against {}", experiment.title.empty() ? experiment.name : experiment.title,
                  experiment.variants[variant].name, names.now, names.then);
  pair.comparison = now;
  pair.comparison.tables.clear();
  // Of several variants they may be about one against another.
  if (experiment.variants.size() > 1) pair.comparison.notices.clear();
  const std::size_t place = place_of(stored, experiment.variants[variant].name);
  for (const Table& table : now.tables) {
    Table& both = pair.comparison.tables.emplace_back();
    both.name = table.name;
    for (const Condition& condition : table.conditions) {
      const Condition& then = *find_condition(*find_table(stored.tables, table.name), condition.value);
      both.conditions.push_back({condition.value, {then.cells[place], condition.cells[variant]}});
    }
  }
  pair.comparison.is_deterministic = is_deterministic(pair.comparison.tables.front().conditions.front().cells);
  add_notices(pair, stored, names);
  return pair;
}

}  // namespace gpusim::experiment
