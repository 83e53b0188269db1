// SPDX-License-Identifier: MIT
// For the tests that write docs/calibration.md: a row of its tables, and what is asked of a run.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "tests/support/catch.h"
#include "tests/support/machine/outcome.h"
#include "tests/support/machine/scenarios.h"

namespace gpusim::test::calibration {

struct Row {
  std::string what;
  std::string preset;
  std::string published;
  std::string source;  ///< with the tag of the figure
  std::string simulated;
  bool is_within = false;
};

[[nodiscard]] inline std::string table_of(const std::vector<Row>& rows) {
  std::string text = "| what | preset | published | source, tag | simulated | within |\n|---|---|---|---|---|---|\n";
  for (const Row& row : rows) {
    INFO(row.what << ", " << row.preset << ": " << row.published << ", simulated: " << row.simulated);
    CHECK(row.is_within);
    text += fmt::format("| {} | `{}` | {} | {} | {} | {} |\n", row.what, row.preset, row.published, row.source,
                        row.simulated, row.is_within ? "yes" : "no");
  }
  return text;
}

using Times = std::vector<Picoseconds>;

[[nodiscard]] inline double in_ms(Picoseconds time) { return static_cast<double>(time.count()) / 1e9; }
[[nodiscard]] inline double in_us(Picoseconds time) { return static_cast<double>(time.count()) / 1e6; }

/// What a part of the times, 0 to 1, does not exceed.
[[nodiscard]] inline Picoseconds quantile(Times times, double part) {
  REQUIRE(!times.empty());
  std::sort(times.begin(), times.end());
  return times[static_cast<std::size_t>(part * static_cast<double>(times.size() - 1) + 0.5)];
}
[[nodiscard]] inline Picoseconds median(const Times& times) { return quantile(times, 0.5); }
[[nodiscard]] inline Picoseconds spread(const Times& times) { return quantile(times, 0.75) - quantile(times, 0.25); }

/// The scenario on that device.
[[nodiscard]] inline Recording simulate(const std::string& device, const std::string& text, Texts sets = {}) {
  sets.push_back("use.device=" + device);
  return run(spec_of(text, sets));
}

/// Queues of the clients that begin with `name`.
[[nodiscard]] inline std::set<std::uint32_t> queues_of(const Recording& recording, const std::string& name) {
  std::set<std::uint32_t> queues;
  for (const Job& job : recording.jobs()) {
    if (job.queue_name.starts_with(name)) queues.insert(job.queue);
  }
  return queues;
}

/// Stays of queues: when each begins and ends, in the order of their begins. The last one of each may have no end.
template <class Begin, class End>
[[nodiscard]] std::map<std::uint32_t, std::vector<std::pair<SimTime, SimTime>>> stays_of(const Recording& recording) {
  std::map<std::uint32_t, std::vector<std::pair<SimTime, SimTime>>> stays;
  for (const trace::Event& event : recording.events) {
    if (event.kind == Begin::kKind) stays[event.queue].emplace_back(event.time, kNever);
    if (event.kind == End::kKind && !stays[event.queue].empty()) stays[event.queue].back().second = event.time;
  }
  return stays;
}

/// A loop that never ends, on the render engine.
[[nodiscard]] inline std::string busy(const std::string& name, int clones, int priority) {
  return client_text(name, "loop", fmt::format("clones = {}\nwork_us = 60_000_000\npriority = {}\n", clones, priority));
}

}  // namespace gpusim::test::calibration
