// SPDX-License-Identifier: MIT
#include "sim/experiment/experiment.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "base/closest.h"
#include "sim/experiment/asked_metrics.h"
#include "sim/experiment/direction.h"
#include "sim/experiment/metric_owner.h"
#include "sim/experiment/metrics.h"
#include "sim/scenario/values.h"

namespace gpusim::experiment {

namespace {

using scenario::describe;
using scenario::Entry;
using scenario::Node;
using scenario::Place;
using scenario::Problem;
using Keys = std::vector<std::string_view>;

class Parser {
 public:
  Parser(const std::filesystem::path& file, std::vector<Problem>& problems) : file_{file}, problems_{problems} {}

  [[nodiscard]] Experiment parse(const Node& document) {
    experiment_.name = file_.stem().string();
    static const Keys kKeys{"scenario", "title",   "question", "seeds",   "set",      "variant",
                            "sweep",    "metrics", "lead",     "verdict", "estimates"};
    for (const Entry& entry : document.table) {
      if (entry.key == "scenario") {
        read_scenario(entry);
      } else if (entry.key == "title") {
        read_text(entry, "title", experiment_.title);
      } else if (entry.key == "question") {
        read_text(entry, "question", experiment_.question);
      } else if (entry.key == "seeds") {
        read_seeds(entry);
      } else if (entry.key == "set") {
        read_texts(entry, "set", experiment_.sets);
      } else if (entry.key == "variant") {
        for_each_table(entry, "variant", [this](const Node& table) { read_variant(table); });
      } else if (entry.key == "sweep") {
        for_each_table(entry, "sweep", [this](const Node& table) { read_sweep(table); });
      } else if (entry.key == "metrics") {
        read_texts(entry, "metrics", experiment_.metrics);
      } else if (entry.key == "lead") {
        read_texts(entry, "lead", experiment_.lead);
      } else if (entry.key == "verdict") {
        read_verdict(entry);
      } else if (entry.key == "estimates") {
        read_estimates(entry);
      } else {
        unknown(entry, "", kKeys);
      }
    }
    const Place whole{file_.generic_string(), 0, 0};
    if (document.find("scenario") == nullptr) complain(whole, "scenario is missing");
    if (document.find("variant") == nullptr || !experiment_.variants.empty()) {
      check_variants(experiment_.variants, whole, problems_);
    }
    for (const Placed& metric : experiment_.metrics) check_metric(metric, problems_);
    for (const Placed& metric : experiment_.lead) check_metric(metric, problems_);
    if (!experiment_.verdict.metric.place.is_default()) check_metric(experiment_.verdict.metric, problems_);
    return std::move(experiment_);
  }

 private:
  void complain(const Place& place, std::string what, std::string suggestion = {}) {
    problems_.push_back({place, std::move(what), std::move(suggestion)});
  }

  void unknown(const Entry& entry, const std::string& section, const Keys& keys) {
    complain(entry.place, fmt::format("unknown key '{}{}'", section, entry.key), closest(entry.key, keys));
  }

  bool read_text(const Entry& entry, const std::string& shown, std::string& text) {
    if (entry.value.kind != Node::Kind::text) {
      complain(entry.value.place, fmt::format("{} must be a string, not {}", shown, describe(entry.value)));
      return false;
    }
    text = entry.value.text;
    return true;
  }

  void read_texts(const Entry& entry, const std::string& shown, std::vector<Placed>& texts) {
    if (entry.value.kind != Node::Kind::list) {
      return complain(entry.value.place,
                      fmt::format("{} must be an array of strings, not {}", shown, describe(entry.value)));
    }
    for (const Node& node : entry.value.list) {
      if (node.kind == Node::Kind::text) {
        texts.push_back({node.text, node.place});
      } else {
        complain(node.place, fmt::format("{} must be an array of strings, without {}", shown, describe(node)));
      }
    }
  }

  template <class Function>
  void for_each_table(const Entry& entry, const std::string& shown, Function function) {
    const bool is_list = entry.value.kind == Node::Kind::list &&
                         std::all_of(entry.value.list.begin(), entry.value.list.end(),
                                     [](const Node& node) { return node.kind == Node::Kind::table; });
    if (!is_list) {
      return complain(entry.value.place, fmt::format("write [[{}]], not {}", shown, describe(entry.value)));
    }
    for (const Node& table : entry.value.list) function(table);
  }

  void read_scenario(const Entry& entry) {
    std::string text;
    if (!read_text(entry, "scenario", text)) return;
    experiment_.scenario = (file_.parent_path() / text).lexically_normal();
    experiment_.scenario_place = entry.value.place;
    std::error_code code;
    if (!std::filesystem::is_regular_file(experiment_.scenario, code)) {
      complain(entry.value.place, fmt::format("there is no file '{}'", experiment_.scenario.generic_string()));
    }
  }

  void read_seeds(const Entry& entry) {
    const Node& value = entry.value;
    if (value.kind != Node::Kind::integer || value.integer < 1 || value.integer > kMaxSeeds) {
      return complain(value.place,
                      fmt::format("seeds must be an integer in 1..{}, not {}", kMaxSeeds, describe(value)));
    }
    experiment_.seeds = static_cast<std::uint32_t>(value.integer);
  }

  void read_variant(const Node& table) {
    Variant variant;
    variant.place = table.place;
    for (const Entry& entry : table.table) {
      if (entry.key == "name") {
        if (read_text(entry, "variant.name", variant.name) && !is_variant_name(variant.name)) {
          complain(entry.value.place,
                   "variant.name must be letters, digits, '_' and '-', not " + describe(entry.value));
        }
      } else if (entry.key == "set") {
        read_texts(entry, "variant.set", variant.sets);
      } else {
        unknown(entry, "variant.", {"name", "set"});
      }
    }
    if (table.find("name") == nullptr) complain(table.place, "variant.name is missing");
    experiment_.variants.push_back(std::move(variant));
  }

  void read_sweep(const Node& table) {
    Sweep sweep;
    for (const Entry& entry : table.table) {
      if (entry.key == "name") {
        read_text(entry, "sweep.name", sweep.name);
      } else if (entry.key == "key") {
        std::string key;
        if (read_text(entry, "sweep.key", key)) sweep.keys.push_back({key, entry.value.place});
      } else if (entry.key == "keys") {
        read_texts(entry, "sweep.keys", sweep.keys);
      } else if (entry.key == "values") {
        read_values(entry, sweep);
      } else if (entry.key == "set") {
        read_texts(entry, "sweep.set", sweep.sets);
      } else {
        unknown(entry, "sweep.", {"name", "key", "keys", "values", "set"});
      }
    }
    if ((table.find("key") == nullptr) == (table.find("keys") == nullptr)) {
      complain(table.place, "a sweep must have either key or keys");
    }
    if (table.find("values") == nullptr) complain(table.place, "sweep.values is missing");
    if (sweep.name.empty() && !sweep.keys.empty()) sweep.name = sweep.keys.front().text;
    experiment_.sweeps.push_back(std::move(sweep));
  }

  void read_values(const Entry& entry, Sweep& sweep) {
    if (entry.value.kind != Node::Kind::list || entry.value.list.empty()) {
      return complain(entry.value.place, "sweep.values must be an array of values, not " + describe(entry.value));
    }
    for (const Node& node : entry.value.list) {
      if (node.kind == Node::Kind::integer) {
        sweep.values.push_back({std::to_string(node.integer), node.place});
      } else if (node.kind == Node::Kind::boolean) {
        sweep.values.push_back({node.integer != 0 ? "true" : "false", node.place});
      } else if (node.kind == Node::Kind::text) {
        sweep.values.push_back({scenario::toml_string(node.text), node.place});
      } else {
        complain(node.place, "sweep.values must be integers, strings, true or false, not " + describe(node));
      }
    }
  }

  void read_verdict(const Entry& entry) {
    if (entry.value.kind != Node::Kind::table) {
      return complain(entry.value.place, "verdict must be a table, not " + describe(entry.value));
    }
    std::optional<bool> lower_is_better;
    for (const Entry& key : entry.value.table) {
      if (key.key == "metric") {
        read_text(key, "verdict.metric", experiment_.verdict.metric.text);
        experiment_.verdict.metric.place = key.value.place;
      } else if (key.key == "better") {
        const std::string better = key.value.kind == Node::Kind::text ? key.value.text : "";
        if (better != "lower" && better != "higher") {
          complain(key.value.place, "verdict.better must be one of lower, higher, not " + describe(key.value));
        }
        lower_is_better = better != "higher";
      } else {
        unknown(key, "verdict.", {"metric", "better"});
      }
    }
    if (entry.value.find("metric") == nullptr) complain(entry.value.place, "verdict.metric is missing");
    experiment_.verdict.lower_is_better = lower_is_better.value_or(is_lower_better(experiment_.verdict.metric.text));
  }

  void read_estimates(const Entry& entry) {
    if (entry.value.kind != Node::Kind::table) {
      return complain(entry.value.place, "estimates must be a table, not " + describe(entry.value));
    }
    for (const Entry& key : entry.value.table) {
      if (key.key != "from" && key.key != "to") {
        unknown(key, "estimates.", {"from", "to"});
        continue;
      }
      const std::string text =
          key.value.kind == Node::Kind::integer ? std::to_string(key.value.integer) : key.value.text;
      const std::optional<Ratio> ratio = parse_ratio(text);
      if (!ratio) {
        complain(key.value.place,
                 fmt::format("estimates.{} must be a factor like 2 or \"1/2\", not {}", key.key, describe(key.value)));
      } else {
        (key.key == "from" ? experiment_.estimates_from : experiment_.estimates_to) = *ratio;
      }
    }
  }

  const std::filesystem::path& file_;
  std::vector<Problem>& problems_;
  Experiment experiment_;
};

}  // namespace

Experiment parse_experiment(std::string_view text, const std::filesystem::path& file, std::vector<Problem>& problems) {
  const std::optional<Node> document = scenario::parse_document(text, file.generic_string(), problems);
  if (!document) return {};
  if (document->find("scenario") == nullptr && document->find("client") != nullptr) {
    const char* what = "this is a scenario; say with --variant what to compare, or write an experiment";
    problems.push_back({{file.generic_string(), 0, 0}, what, {}});
    return {};
  }
  return Parser{file, problems}.parse(*document);
}

std::vector<std::string> metrics_asked_by(const Experiment& experiment) {
  std::vector<std::string> names{experiment.verdict.metric.text};
  for (const auto* part : {&experiment.metrics, &experiment.lead}) {
    for (const Placed& metric : *part) names.push_back(metric.text);
  }
  return names;
}

bool is_lower_better(std::string_view metric) { return better_of(metric) != Better::higher; }

void check_metric(const Placed& metric, std::vector<Problem>& problems) {
  if (is_metric_name(metric.text)) return;
  if (metric.text.find_first_of("*?") != std::string::npos) {
    problems.push_back({metric.place,
                        fmt::format("'{}' is no metric: each is named in full, such as latency_p99 and "
                                    "client.NAME.latency_p99; where none is chosen, all are shown",
                                    metric.text),
                        {}});
    return;
  }
  std::vector<std::string> names = metric_names();
  for (std::string& name : event_metric_names()) names.push_back(std::move(name));
  for (std::string& name : names_of_same(metric.text)) names.push_back(std::move(name));
  const Keys candidates{names.begin(), names.end()};
  problems.push_back(
      {metric.place, fmt::format("there is no metric '{}'", metric.text), closest(metric.text, candidates)});
}

}  // namespace gpusim::experiment
