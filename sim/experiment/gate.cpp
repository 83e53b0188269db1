// SPDX-License-Identifier: MIT
#include "sim/experiment/gate.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "base/closest.h"
#include "base/hash.h"
#include "base/wide.h"
#include "sim/experiment/asked_metrics.h"
#include "sim/experiment/metric_owner.h"
#include "sim/experiment/quantity.h"
#include "sim/scenario/queue_names.h"

namespace gpusim::experiment {

namespace {

using scenario::Problem;

class CheckReader {
 public:
  CheckReader(const scenario::ScenarioSpec& spec, std::vector<Problem>& problems) : spec_{spec}, problems_{problems} {}

  std::optional<Check> read(const scenario::Expectation& said) {
    Check check{.metric = said.metric, .condition = said.condition, .place = said.place};
    const bool is_hash = said.metric == kTraceHash;
    const std::optional<Unit> unit = unit_of(said.metric);
    if (!is_hash && (!unit || !client_exists(said.metric) || !engine_exists(said.metric))) return unknown(said);
    if (const auto asked = read_asked(said.metric); asked && !queue_may_exist(*asked)) return no_queue(said, *asked);
    std::string wrong = is_hash ? read_hash_condition(check) : read_condition(check, *unit);
    return wrong.empty() ? std::optional{std::move(check)} : complain(check.place, std::move(wrong));
  }

 private:
  std::optional<Check> complain(const scenario::Place& place, std::string what, std::string suggestion = {}) {
    problems_.push_back({place, std::move(what), std::move(suggestion)});
    return std::nullopt;
  }

  /// "client.web.jobs" needs a [[client]] "web".
  [[nodiscard]] bool client_exists(std::string_view metric) const {
    const std::string_view name = client_of_metric(metric);
    return name.empty() || std::any_of(spec_.clients.begin(), spec_.clients.end(),
                                       [&](const workload::ClientSpec& client) { return client.name == name; });
  }

  /// "engine.rcs0.busy" needs that engine.
  [[nodiscard]] bool engine_exists(std::string_view metric) const {
    constexpr std::string_view kPrefix = "engine.";
    if (!metric.starts_with(kPrefix)) return true;
    const std::string_view name = metric.substr(kPrefix.size(), metric.rfind('.') - kPrefix.size());
    const std::vector<std::string> engines = scenario::engine_names(spec_);
    return std::find(engines.begin(), engines.end(), name) != engines.end();
  }

  /// A number is that of a creation, of which there may be many.
  [[nodiscard]] bool queue_may_exist(const AskedName& asked) const {
    return asked.queue.empty() || asked.is_queue_number() || scenario::may_have_queue(spec_, asked.queue);
  }

  std::optional<Check> no_queue(const scenario::Expectation& said, const AskedName& asked) {
    const std::vector<std::string> names = scenario::queue_names(spec_);
    const std::vector<std::string_view> views{names.begin(), names.end()};
    return complain(said.metric_place,
                    fmt::format("expect.{}: this scenario has no queue '{}'", said.metric, asked.queue),
                    closest(asked.queue, views));
  }

  /// "3" of "queue.3.latency"; empty: no queue is meant by its number.
  [[nodiscard]] static std::string queue_number(std::string_view metric) {
    constexpr std::string_view kPrefix = "queue.";
    if (!metric.starts_with(kPrefix)) return {};
    metric.remove_prefix(kPrefix.size());
    AskedName name{.queue = std::string{metric.substr(0, metric.find('.'))}};
    return name.is_queue_number() ? name.queue : "";
  }

  std::optional<Check> unknown(const scenario::Expectation& said) {
    std::vector<std::string> names = metric_names();
    names.emplace_back(kTraceHash);
    for (std::string& name : event_metric_names()) names.push_back(std::move(name));
    for (const workload::ClientSpec& client : spec_.clients) {
      for (std::string& name : client_metric_names(client.name)) names.push_back(std::move(name));
    }
    for (const std::string& engine : scenario::engine_names(spec_)) {
      for (std::string& name : engine_metric_names(engine)) names.push_back(std::move(name));
    }
    std::vector<std::string> queues = scenario::queue_names(spec_);
    if (const std::string number = queue_number(said.metric); !number.empty()) queues.push_back(number);
    for (const std::string& queue : queues) {
      for (std::string& name : queue_metric_names(queue)) names.push_back(std::move(name));
    }
    const std::vector<std::string_view> views{names.begin(), names.end()};
    return complain(said.metric_place, fmt::format("expect: this scenario has no metric '{}'", said.metric),
                    closest(said.metric, views));
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
  return distance_text(value.unit, *value.value, check.bound, value.off);
}

}  // namespace

std::vector<Check> checks_of(const scenario::ScenarioSpec& spec, std::vector<Problem>& problems) {
  CheckReader reader{spec, problems};
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

std::string seen_of(const Check& check, const Measurement& run) {
  if (check.metric == kTraceHash) return hash_text(run.trace_hash);
  const MetricValue* value = run.find_value(check.metric);
  return value == nullptr ? "-" : format_value(value->unit, *value->value, value->off);
}

std::vector<Shortfall> shortfalls(const std::vector<Check>& checks, const Measurement& run) {
  std::vector<Shortfall> found;
  for (const Check& check : checks) {
    if (check.metric == kTraceHash) {
      if (run.trace_hash != check.hash) found.push_back({check, seen_of(check, run), {}});
      continue;
    }
    const MetricValue* value = run.find_value(check.metric);
    if (value == nullptr) {
      found.push_back({check, seen_of(check, run), {}});
    } else if (!holds(check, *value)) {
      found.push_back({check, seen_of(check, run), distance(check, *value)});
    }
  }
  return found;
}

}  // namespace gpusim::experiment
