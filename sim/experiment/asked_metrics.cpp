// SPDX-License-Identifier: MIT
#include "sim/experiment/asked_metrics.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <string>
#include <utility>

#include "base/grown.h"
#include "sim/experiment/metric_owner.h"
#include "traces/event/event_table.h"

namespace gpusim::experiment {

namespace {

constexpr std::string_view kQueuePrefix = "queue.";
constexpr std::string_view kEventPrefix = "event.";

[[nodiscard]] const trace::EventInfo* find_event(std::string_view name) {
  const auto* const found = std::find_if(trace::kEventTable.begin(), trace::kEventTable.end(),
                                         [&](const trace::EventInfo& info) { return info.name == name; });
  return found == trace::kEventTable.end() ? nullptr : found;
}

[[nodiscard]] bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

bool AskedName::is_queue_number() const { return is_number(queue); }

std::optional<AskedName> read_asked(std::string_view name) {
  AskedName asked;
  if (name.starts_with(kQueuePrefix)) {
    name.remove_prefix(kQueuePrefix.size());
    const std::size_t end = end_of_owner(name);
    if (end == std::string_view::npos) return std::nullopt;
    asked.queue = name.substr(0, end);
    if (asked.queue.empty() || (asked.is_queue_number() && asked.queue.front() == '0')) return std::nullopt;
    name.remove_prefix(end + 1);
  }
  if (name.starts_with(kEventPrefix)) {
    const trace::EventInfo* event = find_event(name.substr(kEventPrefix.size()));
    if (event == nullptr) return std::nullopt;
    asked.event = event->kind;
    return asked;
  }
  if (asked.queue.empty() || !is_figure_of_jobs(name)) return std::nullopt;
  asked.figure = name;
  return asked;
}

std::optional<Unit> unit_of_asked(std::string_view name) {
  const std::optional<AskedName> asked = read_asked(name);
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

std::vector<std::string> queue_metric_names(std::string_view queue) {
  const std::string prefix = std::string{kQueuePrefix}.append(queue).append(".");
  std::vector<std::string> names;
  for (const std::string& figure : figures_of_jobs()) names.push_back(prefix + figure);
  for (const std::string& event : event_metric_names()) names.push_back(prefix + event);
  return names;
}

AskedMetrics::AskedMetrics(const std::vector<std::string>& names, system::Simulation& simulation)
    : simulation_{simulation} {
  trace::EventSet events;
  for (const std::string& name : names) {
    const auto is_it = [&](const Asked& one) { return one.name == name; };
    std::optional<AskedName> of = read_asked(name);
    if (!of || std::any_of(asked_.begin(), asked_.end(), is_it)) continue;
    if (of->figure.empty()) {
      events.set(static_cast<std::size_t>(of->event));
      counts_.try_emplace(of->event);
    } else {
      queues_.try_emplace(of->queue);
    }
    asked_.push_back({.name = name, .of = *std::move(of)});
  }
  if (!queues_.empty()) simulation.milestones().add_listener(*this);
  if (events.any()) simulation.recorder().attach(*this, events);
}

bool AskedMetrics::is_called(std::uint32_t queue, const std::string& name) const {
  if (is_number(name)) return name == std::to_string(queue);
  const std::vector<trace::QueueName>& queues = simulation_.machine().names().queues;
  return queue < queues.size() && queues[queue].name == name;
}

/// Of the queues that are called so: several, if a client closes one and creates another.
std::vector<std::uint32_t> AskedMetrics::numbers_of(const std::string& queue) const {
  std::vector<std::uint32_t> numbers;
  const std::size_t count = simulation_.machine().names().queues.size();
  for (std::uint32_t i = 1; i < count; ++i) {
    if (is_called(i, queue)) numbers.push_back(i);
  }
  return numbers;
}

const std::vector<trace::Statistics*>& AskedMetrics::statistics_of(std::uint32_t queue) {
  std::optional<std::vector<trace::Statistics*>>& meant = grown(of_queue_, queue);
  if (meant) return *meant;
  meant.emplace();
  for (auto& [name, statistics] : queues_) {
    if (is_called(queue, name)) meant->push_back(&statistics);
  }
  return *meant;
}

void AskedMetrics::on_job_life(const trace::JobLife& life) {
  trace::JobLife of_queue = life;
  of_queue.client = 0;
  for (trace::Statistics* statistics : statistics_of(life.queue)) statistics->on_job_life(of_queue);
}

void AskedMetrics::on_event(const trace::Event& event) { ++grown(counts_.find(event.kind)->second, event.queue); }

std::vector<MetricValue> AskedMetrics::values() {
  std::map<trace::Statistics*, std::vector<trace::JobLife>> unfinished;
  for (trace::JobLife life : simulation_.unfinished()) {
    const std::vector<trace::Statistics*>& meant = statistics_of(life.queue);
    life.client = 0;
    for (trace::Statistics* statistics : meant) unfinished[statistics].push_back(life);
  }
  for (const auto& [statistics, lives] : unfinished) statistics->finish(lives, {});
  std::vector<MetricValue> values;
  for (const Asked& asked : asked_) values.push_back(value_of(asked));
  return values;
}

std::uint64_t AskedMetrics::count_of(const AskedName& of, const std::vector<std::uint32_t>& queues) const {
  const std::vector<std::uint64_t>& counts = counts_.at(of.event);
  if (of.queue.empty()) return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  std::uint64_t sum = 0;
  for (const std::uint32_t queue : queues) sum += queue < counts.size() ? counts[queue] : 0;
  return sum;
}

trace::ClientStatistics AskedMetrics::jobs_of(const std::string& queue,
                                              const std::vector<std::uint32_t>& numbers) const {
  trace::ClientStatistics jobs;
  for (const trace::ClientStatistics& all : queues_.at(queue).clients()) jobs.add(all);
  const std::vector<trace::QueueStatistics>& turns = simulation_.statistics().queues();
  std::set<std::uint32_t> clients;
  for (const std::uint32_t number : numbers) {
    if (number >= turns.size()) continue;
    jobs.preemptions += turns[number].preemptions;
    jobs.evictions += turns[number].evictions;
    if (turns[number].is_clients) clients.insert(turns[number].client);
  }
  const std::vector<trace::ClientStatistics>& all = simulation_.statistics().clients();
  for (const std::uint32_t client : clients) jobs.period_misses += client < all.size() ? all[client].period_misses : 0;
  return jobs;
}

MetricValue AskedMetrics::value_of(const Asked& asked) const {
  MetricValue value{.name = asked.name, .unit = *unit_of_asked(asked.name)};
  const std::vector<std::uint32_t> numbers = numbers_of(asked.of.queue);
  if (!asked.of.queue.empty() && numbers.empty()) return value;
  if (!asked.of.figure.empty()) {
    return measure_jobs(asked.name, asked.of.figure, jobs_of(asked.of.queue, numbers));
  }
  value.value = static_cast<std::int64_t>(count_of(asked.of, numbers)) * 1'000;
  return value;
}

}  // namespace gpusim::experiment
