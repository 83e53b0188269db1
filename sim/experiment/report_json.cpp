// SPDX-License-Identifier: MIT
#include <algorithm>
#include <vector>

#include "base/hash.h"
#include "sim/experiment/report.h"
#include "sim/experiment/report_parts.h"
#include "traces/report/json_writer.h"

namespace gpusim::experiment {

namespace {

using trace::JsonWriter;

void write_optional(JsonWriter& json, std::string_view key, const std::optional<std::int64_t>& value) {
  json.key(key);
  if (value) {
    json.value(*value);
  } else {
    json.null();
  }
}

void write_interval(JsonWriter& json, const std::optional<trace::Interval>& interval) {
  write_optional(json, "mean", interval ? std::optional{interval->mean} : std::nullopt);
  write_optional(json, "half", interval ? interval->half : std::nullopt);
}

/// How far each value may be from the true one; nothing if all are exact.
void write_offs(JsonWriter& json, const std::string& metric, const Cell& cell) {
  std::vector<std::int64_t> offs;
  for (const Measurement& run : cell.runs) {
    const MetricValue* value = run.find_value(metric);
    offs.push_back(value == nullptr ? 0 : value->off);
  }
  if (std::all_of(offs.begin(), offs.end(), [](std::int64_t off) { return off == 0; })) return;
  json.key("off").begin_array();
  for (const std::int64_t off : offs) json.value(off);
  json.end_array();
}

void write_metric(JsonWriter& json, const MetricValue& metric, const Cell& cell, const Cell* baseline) {
  json.begin_object();
  json.key("name").value(metric.name).key("unit").value(unit_name(metric.unit));
  json.key("values").begin_array();
  for (const Measurement& run : cell.runs) {
    const auto value = run.find(metric.name);
    if (value) {
      json.value(*value);
    } else {
      json.null();
    }
  }
  json.end_array();
  write_offs(json, metric.name, cell);
  write_interval(json, cell.interval(metric.name));
  if (cell.is_between_groups(metric.name)) json.key("between_groups").value(true);
  if (baseline != nullptr) {
    const std::optional<trace::Interval> by = difference(cell, *baseline, metric.name);
    json.key("difference").begin_object();
    write_interval(json, by);
    if (by && by->half) json.key("leaves_zero_out").value(by->excludes_zero());
    json.end_object();
  }
  json.end_object();
}

void write_cell(JsonWriter& json, const std::string& variant, const Cell& cell, const Cell* baseline,
                const Verdict& verdict) {
  json.begin_object();
  json.key("variant").value(variant);
  if (baseline != nullptr) json.key("verdict").value(to_string(judge(verdict, cell, *baseline)));
  json.key("trace_hashes").begin_array();
  for (const Measurement& run : cell.runs) json.value(hash_text(run.trace_hash));
  json.end_array();
  json.key("metrics").begin_array();
  const Measurement* good = nullptr;
  for (const Measurement& run : cell.runs) {
    if (good == nullptr && run.status == Status::good) good = &run;
  }
  if (good != nullptr) {
    for (const MetricValue& metric : good->values) write_metric(json, metric, cell, baseline);
  }
  json.end_array().end_object();
}

void write_at(JsonWriter& json, const Variation::At& at) {
  json.begin_array();
  for (std::size_t i = 0; i < at.judgements.size(); ++i) {
    json.begin_object().key("verdict").value(to_string(at.judgements[i]));
    write_interval(json, at.differences[i]);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

std::string_view unit_name(Unit unit) {
  switch (unit) {
    case Unit::time:
      return "ps";
    case Unit::count:
      return "1/1000";
    case Unit::rate:
      return "1/1000 /s";
    case Unit::percent:
      return "1/1000 %";
  }
  return "";
}

void write_json(std::ostream& out, const Experiment& experiment, const Comparison& comparison, const BuildInfo& build,
                const std::string& command) {
  JsonWriter json{out};
  json.begin_object();
  json.key("schema").value(kComparisonSchema);
  trace::write_build(json, build);
  json.key("command").value(command);
  json.key("experiment").value(experiment.name).key("title").value(experiment.title);
  json.key("scenario").value(experiment.scenario.filename().string());
  json.key("first_seed").value(comparison.first_seed).key("seeds").value(experiment.seeds);
  json.key("verdict").begin_object();
  json.key("metric").value(experiment.verdict.metric.text);
  json.key("better").value(experiment.verdict.lower_is_better ? "lower" : "higher");
  json.end_object();
  json.key("variants").begin_array();
  for (const Variant& variant : experiment.variants) {
    json.begin_object().key("name").value(variant.name);
    json.key("overrides").value(overrides_of(experiment, variant)).end_object();
  }
  json.end_array();
  json.key("interrupted").value(comparison.is_interrupted);
  json.key("tables").begin_array();
  for (const Table& table : comparison.tables) {
    json.begin_object().key("sweep");
    if (table.name.empty()) {
      json.null();
    } else {
      json.value(table.name);
    }
    json.key("conditions").begin_array();
    for (const Condition& condition : table.conditions) {
      json.begin_object().key("value").value(condition.value).key("variants").begin_array();
      for (std::size_t i = 0; i < condition.cells.size(); ++i) {
        write_cell(json, experiment.variants[i].name, condition.cells[i], i == 0 ? nullptr : &condition.cells.front(),
                   experiment.verdict);
      }
      json.end_array().end_object();
    }
    json.end_array().end_object();
  }
  json.end_array();
  json.key("notices").value(comparison.notices);
  json.key("estimates").begin_array();
  for (const Variation& variation : comparison.variations) {
    json.begin_object().key("parameter").value(variation.parameter).key("range").value(variation.range);
    json.key("from");
    write_at(json, variation.at.front());
    json.key("between").begin_array();
    for (std::size_t i = 1; i + 1 < variation.at.size(); ++i) write_at(json, variation.at[i]);
    json.end_array().key("to");
    write_at(json, variation.at.back());
    json.end_object();
  }
  json.end_array();
  json.key("failures").value(comparison.failures).end_object();
  out << '\n';
}

}  // namespace gpusim::experiment
