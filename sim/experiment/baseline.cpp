// SPDX-License-Identifier: MIT
#include "sim/experiment/baseline.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "base/hash.h"
#include "sim/experiment/gate.h"
#include "sim/experiment/json_document.h"
#include "sim/experiment/quantity.h"

namespace gpusim::experiment {

namespace {

using nlohmann::json;
using scenario::Problem;

constexpr std::string_view kBaselineSchema = "gpusim-baseline/1";

class BaselineParser {
 public:
  BaselineParser(std::string_view text, const std::filesystem::path& file, std::vector<Problem>& problems)
      : text_{text}, file_{file}, problems_{problems} {}

  [[nodiscard]] std::optional<Baseline> parse() {
    const std::size_t before = problems_.size();
    const std::optional<json> document = parse_json(text_, file_, kBaselineSchema, problems_);
    if (!document) return std::nullopt;
    Baseline baseline;
    const json* scenarios = member(*document, "scenarios");
    if (scenarios == nullptr || !scenarios->is_object()) {
      complain({}, "\"scenarios\" must be an object");
    } else {
      for (const auto& [name, entry] : scenarios->items()) baseline[name] = read_run(name, entry);
    }
    return problems_.size() == before ? std::optional{std::move(baseline)} : std::nullopt;
  }

 private:
  [[nodiscard]] StoredRun read_run(const std::string& scenario, const json& entry) {
    StoredRun run;
    run.version = text_of(scenario, entry, "gpusim");
    run.command = text_of(scenario, entry, "command");
    const std::optional<std::uint64_t> hash = read_hash(text_of(scenario, entry, "trace_hash"));
    if (!hash) complain({scenario, "trace_hash"}, "\"trace_hash\" must have 16 hexadecimal digits");
    run.trace_hash = hash.value_or(0);
    const json* seed = member(entry, "seed");
    if (seed == nullptr || !seed->is_number_unsigned()) {
      complain({scenario, "seed"}, "\"seed\" must be a whole number");
    } else {
      run.seed = seed->get<std::uint64_t>();
    }
    const json* figures = member(entry, "figures");
    if (figures == nullptr || !figures->is_object()) {
      complain({scenario, "figures"}, "\"figures\" must be an object");
    } else {
      for (const auto& [name, value] : figures->items()) read_figure(scenario, name, value, run.figures);
    }
    return run;
  }

  void read_figure(const std::string& scenario, const std::string& name, const json& value, Figures& figures) {
    const std::optional<Quantity> read =
        value.is_string() ? read_exact(value.get_ref<const std::string&>()) : std::nullopt;
    const std::optional<Unit> unit = unit_of(name);  // none: of a later gpusim
    if (value.is_null() || (read && (!unit || *unit == read->unit))) {
      figures[name] = read;
    } else {
      complain({scenario, name}, fmt::format("\"{}\" must be {} as text, or null, not {}", name,
                                             unit ? how_written(*unit) : "a figure", value.dump()));
    }
  }

  [[nodiscard]] std::string text_of(const std::string& scenario, const json& entry, const char* key) {
    const json* value = member(entry, key);
    if (value != nullptr && value->is_string()) return value->get<std::string>();
    complain({scenario, key}, fmt::format("\"{}\" must be a text", key));
    return {};
  }

  /// At the last of these keys that is found, each behind the one before it.
  void complain(const std::vector<std::string>& keys, std::string what) {
    std::size_t at = 0;
    for (const std::string& key : keys) {
      const std::size_t found = text_.find(json(key).dump() + ":", at);
      if (found != std::string_view::npos) at = found;
    }
    problems_.push_back({place_in(text_, file_, at), std::move(what), {}});
  }

  std::string_view text_;
  const std::filesystem::path& file_;
  std::vector<Problem>& problems_;
};

[[nodiscard]] json json_of(const Figures& figures) {
  json object = json::object();
  for (const auto& [name, figure] : figures) object[name] = figure ? json(exact_text(*figure)) : json(nullptr);
  return object;
}

[[nodiscard]] std::string shown(const std::optional<Quantity>& figure) {
  return figure ? format_value(figure->unit, figure->value) : "-";
}

/// Of two figures that differ by less than the digits that people are shown, all digits.
[[nodiscard]] Move move_of(const std::string& name, const std::optional<Quantity>& stored,
                           const std::optional<Quantity>& now) {
  Move move{name, shown(stored), shown(now), {}};
  if (!stored || !now || stored->unit != now->unit) return move;
  if (move.stored == move.now) {
    move.stored = exact_text(*stored);
    move.now = exact_text(*now);
  }
  move.by = distance_text(stored->unit, now->value, stored->value, 0);
  return move;
}

[[nodiscard]] std::optional<Quantity> find_figure(const Figures& figures, std::string_view name) {
  const auto found = figures.find(name);
  return found == figures.end() ? std::nullopt : found->second;
}

/// Why not, and what to do about it, with {} for the command that stores figures; empty if it has its figure.
[[nodiscard]] std::string set_one(Check& check, const StoredRun& run) {
  if (check.metric == kTraceHash) {
    check.hash = run.trace_hash;
    check.of_baseline->shown = hash_text(run.trace_hash);
    return {};
  }
  const auto found = run.figures.find(check.metric);
  if (found == run.figures.end()) return "has no such figure; '{}' stores its figures of now";
  if (!found->second) {
    return "says that it did not occur, so that nothing can be held against it; if it does occur now, '{}' stores it";
  }
  set_figure(check, *found->second);
  return {};
}

}  // namespace

Figures figures_of(const Measurement& run) {
  Figures figures;
  for (const MetricValue& value : run.values) {
    figures[value.name] = value.value ? std::optional{Quantity{value.unit, *value.value}} : std::nullopt;
  }
  return figures;
}

void write_baseline(std::ostream& out, const Baseline& baseline) {
  json scenarios = json::object();
  for (const auto& [name, run] : baseline) {
    scenarios[name] = {{"gpusim", run.version},
                       {"command", run.command},
                       {"seed", run.seed},
                       {"trace_hash", hash_text(run.trace_hash)},
                       {"figures", json_of(run.figures)}};
  }
  const json document = {{"schema", kBaselineSchema}, {"scenarios", std::move(scenarios)}};
  out << document.dump(2, ' ', false, json::error_handler_t::replace) << '\n';
}

std::optional<Baseline> parse_baseline(std::string_view text, const std::filesystem::path& file,
                                       std::vector<Problem>& problems) {
  return BaselineParser{text, file, problems}.parse();
}

std::string name_in_baseline(const std::filesystem::path& scenario, const std::filesystem::path& baseline) {
  std::error_code code;
  const std::filesystem::path file = std::filesystem::weakly_canonical(scenario, code);
  const std::filesystem::path folder =
      std::filesystem::weakly_canonical(std::filesystem::absolute(baseline).parent_path(), code);
  return file.lexically_relative(folder).generic_string();
}

std::vector<Move> moves(const StoredRun& stored, const StoredRun& now) {
  Figures names = stored.figures;
  names.insert(now.figures.begin(), now.figures.end());
  std::vector<Move> moved;
  for (const auto& [name, ignored] : names) {
    const std::optional<Quantity> before = find_figure(stored.figures, name);
    const std::optional<Quantity> after = find_figure(now.figures, name);
    if (before != after) moved.push_back(move_of(name, before, after));
  }
  if (stored.trace_hash != now.trace_hash) {
    moved.push_back({std::string{kTraceHash}, hash_text(stored.trace_hash), hash_text(now.trace_hash), {}});
  }
  return moved;
}

void set_figures(std::vector<Check>& checks, const Baseline& baseline, const BaselineNames& names,
                 std::vector<Problem>& problems) {
  const auto run = baseline.find(names.scenario);
  for (Check& check : checks) {
    if (!check.of_baseline) continue;
    const std::string wrong = run == baseline.end() ? "does not have this scenario; '{}' stores its figures of now"
                                                    : set_one(check, run->second);
    if (wrong.empty()) continue;
    problems.push_back({check.place,
                        fmt::format("expect.{}: the baseline {} {}", check.metric, names.file,
                                    fmt::format(fmt::runtime(wrong), names.command)),
                        {}});
  }
}

}  // namespace gpusim::experiment
