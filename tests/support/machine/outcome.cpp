// SPDX-License-Identifier: MIT
#include "tests/support/machine/outcome.h"

#include <algorithm>
#include <cstdint>

#include "sim/scenario/loader.h"
#include "tests/support/catch.h"

namespace gpusim::test {

std::vector<sched::TimeoutVerdict> Outcome::verdicts() const {
  std::vector<sched::TimeoutVerdict> result;
  for (const auto& event : recording.all<trace::timeout_verdict>()) {
    result.push_back(static_cast<sched::TimeoutVerdict>(event.verdict.as<std::uint8_t>()));
  }
  return result;
}

std::size_t Outcome::failed() const {
  std::size_t result = 0;
  for (const auto& [client, all] : errors) {
    result += static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [](Errno e) { return e != Errno::ok; }));
  }
  return result;
}

std::size_t Outcome::jobs() const {
  std::size_t result = 0;
  for (const auto& [client, all] : errors) result += all.size();
  return result;
}

Outcome run_to_end(const std::string& text, const std::string& component, std::vector<std::string> sets) {
  sets.push_back("scheduler.component=" + component);
  const auto loaded = scenario::load_scenario_text(text, "test.toml", {.sets = sets, .seed = {}});
  for (const scenario::Problem& problem : loaded.problems) FAIL(problem.what);
  Outcome outcome{run(*loaded.spec), {}};
  CHECK(outcome.recording.result.outcome == system::Outcome::finished);
  for (const auto& event : outcome.recording.all<trace::dma_fence_signaled>()) {
    if (event.job == JobId{}) continue;
    const std::string& queue = outcome.recording.names.queues[event.queue.value()].name;
    outcome.errors[queue.substr(0, queue.find('.'))].push_back(event.error);
  }
  return outcome;
}

std::string client_text(const std::string& name, const std::string& workload, const std::string& lines) {
  return "[[client]]\nname = \"" + name + "\"\nworkload = \"" + workload + "\"\n" + lines;
}

}  // namespace gpusim::test
