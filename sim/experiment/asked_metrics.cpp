// SPDX-License-Identifier: MIT
#include "sim/experiment/asked_metrics.h"

#include <algorithm>
#include <string>
#include <utility>

#include "traces/event/event_table.h"

namespace gpusim::experiment {

namespace {

constexpr std::string_view kQueuePrefix = "queue.";
constexpr std::string_view kEventPrefix = "event.";
constexpr std::string_view kBeforeEvent = ".event.";

[[nodiscard]] const trace::EventInfo* find_event(std::string_view name) {
  const auto* const found = std::find_if(trace::kEventTable.begin(), trace::kEventTable.end(),
                                         [&](const trace::EventInfo& info) { return info.name == name; });
  return found == trace::kEventTable.end() ? nullptr : found;
}

[[nodiscard]] bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<AskedMetrics::Asked> AskedMetrics::read(const std::string& name) {
  Asked asked;
  asked.name = name;
  std::string_view rest = name;
  if (rest.starts_with(kQueuePrefix)) {
    rest.remove_prefix(kQueuePrefix.size());
    // A queue's name may have dots, that of a figure or of an event has none.
    std::size_t end = rest.rfind('.');
    if (end == std::string_view::npos) return std::nullopt;
    const std::size_t event = rest.rfind(kBeforeEvent);
    if (event != std::string_view::npos && event + kBeforeEvent.size() == end + 1) end = event;
    asked.queue = rest.substr(0, end);
    if (asked.queue.empty() || (is_number(asked.queue) && asked.queue.front() == '0')) return std::nullopt;
    rest.remove_prefix(end + 1);
  }
  if (rest.starts_with(kEventPrefix)) {
    const trace::EventInfo* event = find_event(rest.substr(kEventPrefix.size()));
    if (event == nullptr) return std::nullopt;
    asked.event = event->kind;
    return asked;
  }
  const std::optional<std::string_view> figure = figure_of_jobs(rest);
  if (asked.queue.empty() || !figure) return std::nullopt;
  asked.figure = *figure;
  return asked;
}

std::optional<Unit> unit_of_asked(std::string_view name) {
  const std::optional<AskedMetrics::Asked> asked = AskedMetrics::read(std::string{name});
  if (!asked) return std::nullopt;
  return asked->figure.empty() ? Unit::count : measure_jobs({}, asked->figure, {}).unit;
}

std::vector<std::string> event_metric_names() {
  std::vector<std::string> names;
  for (const trace::EventInfo& info : trace::kEventTable) {
    names.push_back(std::string{kEventPrefix}.append(info.name));
  }
  return names;
}

AskedMetrics::AskedMetrics(const std::vector<std::string>& names, system::Simulation& simulation)
    : simulation_{simulation} {
  trace::EventSet events;
  for (const std::string& name : names) {
    const auto is_it = [&](const Asked& one) { return one.name == name; };
    std::optional<Asked> asked = read(name);
    if (!asked || std::any_of(asked_.begin(), asked_.end(), is_it)) continue;
    if (asked->figure.empty()) {
      events.set(static_cast<std::size_t>(asked->event));
    } else {
      queues_.try_emplace(asked->queue);
    }
    asked_.push_back(*std::move(asked));
  }
  if (!queues_.empty()) simulation.milestones().add_listener(*this);
  if (events.any()) simulation.recorder().attach(*this, events);
}

bool AskedMetrics::is_called(std::uint32_t queue, const std::string& name) const {
  if (is_number(name)) return name == std::to_string(queue);
  const std::vector<trace::QueueName>& queues = simulation_.machine().names().queues;
  return queue < queues.size() && queues[queue].name == name;
}

bool AskedMetrics::exists(const std::string& queue) const {
  const std::size_t count = simulation_.machine().names().queues.size();
  for (std::uint32_t i = 1; i < count; ++i) {
    if (is_called(i, queue)) return true;
  }
  return false;
}

void AskedMetrics::on_job_life(const trace::JobLife& life) {
  trace::JobLife of_queue = life;
  of_queue.client = 0;
  for (auto& [name, statistics] : queues_) {
    if (is_called(life.queue, name)) statistics.on_job_life(of_queue);
  }
}

void AskedMetrics::on_event(const trace::Event& event) {
  for (Asked& asked : asked_) {
    if (!asked.figure.empty() || asked.event != event.kind) continue;
    if (asked.queue.empty() || is_called(event.queue, asked.queue)) ++asked.count;
  }
}

std::vector<MetricValue> AskedMetrics::values(SimTime end) {
  std::vector<trace::JobLife> unfinished;
  if (!queues_.empty()) unfinished = simulation_.milestones().finish(end);
  for (auto& [name, statistics] : queues_) {
    std::vector<trace::JobLife> of_queue;
    for (const trace::JobLife& life : unfinished) {
      if (is_called(life.queue, name)) of_queue.push_back(life);
    }
    for (trace::JobLife& life : of_queue) life.client = 0;
    statistics.finish(of_queue, {});
  }
  std::vector<MetricValue> values;
  for (const Asked& asked : asked_) values.push_back(value_of(asked));
  return values;
}

MetricValue AskedMetrics::value_of(const Asked& asked) const {
  MetricValue value{.name = asked.name, .unit = *unit_of_asked(asked.name)};
  if (!asked.queue.empty() && !exists(asked.queue)) return value;
  if (asked.figure.empty()) {
    value.value = static_cast<std::int64_t>(asked.count) * 1'000;
    return value;
  }
  const std::vector<trace::ClientStatistics>& jobs = queues_.at(asked.queue).clients();
  return jobs.empty() ? measure_jobs(asked.name, asked.figure, {})
                      : measure_jobs(asked.name, asked.figure, jobs.front());
}

}  // namespace gpusim::experiment
