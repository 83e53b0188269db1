// SPDX-License-Identifier: MIT
#include "sim/experiment/histograms.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/core.h>

#include "base/closest.h"

namespace gpusim::experiment {
namespace {

using trace::Histogram;
using trace::WorkCounters;

struct HostHistogram {
  std::string_view name;
  const Histogram& (*of)(const WorkCounters& counters);
};

constexpr std::array kHostHistograms{
    HostHistogram{"ioctl_to_doorbell", [](const WorkCounters& c) -> const Histogram& { return c.ioctl_to_doorbell(); }},
    HostHistogram{"ioctl_time", [](const WorkCounters& c) -> const Histogram& { return c.ioctl_time(); }},
    HostHistogram{"ready_to_run", [](const WorkCounters& c) -> const Histogram& { return c.ready_to_run(); }},
    HostHistogram{"residency", [](const WorkCounters& c) -> const Histogram& { return c.residency(); }},
    HostHistogram{"close_time", [](const WorkCounters& c) -> const Histogram& { return c.close_time(); }},
    HostHistogram{"hang_detection", [](const WorkCounters& c) -> const Histogram& { return c.hang_detection(); }},
};
constexpr std::array<std::string_view, 2> kClientHistograms{"latency", "frame_latency"};

[[nodiscard]] const HostHistogram* host_histogram(std::string_view name) {
  const auto* const found = std::find_if(kHostHistograms.begin(), kHostHistograms.end(),
                                         [&](const HostHistogram& one) { return one.name == name; });
  return found == kHostHistograms.end() ? nullptr : found;
}

[[nodiscard]] std::vector<std::string> known_names(const scenario::ScenarioSpec& spec) {
  std::vector<std::string> names{kClientHistograms.begin(), kClientHistograms.end()};
  for (const HostHistogram& one : kHostHistograms) names.emplace_back(one.name);
  for (const workload::ClientSpec& client : spec.clients) {
    for (const std::string_view name : kClientHistograms)
      names.push_back(fmt::format("client.{}.{}", client.name, name));
  }
  return names;
}

}  // namespace

Histograms::Histograms(const std::vector<std::string>& names, const scenario::ScenarioSpec& spec,
                       std::vector<scenario::Problem>& problems)
    : names_{names}, spec_{spec} {
  const std::vector<std::string> known = known_names(spec);
  const std::vector<std::string_view> views{known.begin(), known.end()};
  for (const std::string& name : names) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    problems.push_back({{"--histogram", 0, 0}, fmt::format("there is no histogram '{}'", name), closest(name, views)});
  }
}

void Histograms::attach_to(trace::Recorder& recorder) {
  const auto is_of_host = [](const std::string& name) { return host_histogram(name) != nullptr; };
  if (std::any_of(names_.begin(), names_.end(), is_of_host)) counters_.attach_to(recorder);
}

std::vector<std::pair<std::string, const Histogram*>> Histograms::of(const system::Simulation& simulation) {
  std::vector<std::pair<std::string, const Histogram*>> result;
  for (const std::string& name : names_) result.emplace_back(name, find(name, simulation));
  return result;
}

const Histogram* Histograms::find(const std::string& name, const system::Simulation& simulation) {
  if (const HostHistogram* host = host_histogram(name)) return &host->of(counters_);
  const std::vector<trace::ClientStatistics>& clients = simulation.statistics().clients();
  trace::ClientStatistics& sum = sums_.emplace_back();
  std::size_t next = 0;
  for (const workload::ClientSpec& client : spec_.clients) {
    const std::string prefix = fmt::format("client.{}.", client.name);
    const bool counts =
        !name.starts_with("client.") || (name.starts_with(prefix) && name.rfind('.') + 1 == prefix.size());
    for (std::uint32_t clone = 0; clone < client.clones; ++clone, ++next) {
      if (counts && next < clients.size()) sum.add(clients[next]);
    }
  }
  return name.ends_with("frame_latency") ? &sum.frames.latency : &sum.latency;
}

}  // namespace gpusim::experiment
