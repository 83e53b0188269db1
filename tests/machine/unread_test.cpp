// SPDX-License-Identifier: MIT
// What a notice says of a value that nothing reads is true: with it the run is the same, event by event.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "sim/scenario/loader.h"
#include "sim/scenario/parameter_table.h"
#include "tests/support/catch.h"
#include "tests/support/machine/changed_value.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;
using scenario::Parameter;
using scenario::Type;

namespace {

using Sets = std::vector<std::string>;

// Much happens: time slices, two levels, a job that hangs, queues that are closed with jobs in flight.
const std::string kBusy = R"(
[scheduler]
timeout_ms = 5
[device]
preempt_timeout_us = 500
quantum_us = 200
[fault]
hung_job = 7
[[client]]
name = "a"
workload = "loop"
engine = "rcs"
work_us = [50, 900]
jobs_per_cycle = 3
cycles = 4
clones = 2
[[client]]
name = "b"
workload = "churn"
engine = "rcs"
priority = 0
work_us = 100
jobs_per_cycle = 2
cycles = 5
hold_us = 20
sync = false
)";

scenario::LoadResult load(const Sets& sets) { return scenario::load_scenario_text(kBusy, "x.toml", {.sets = sets}); }

/// Of a client's key one for each client; those that have no such key refuse it.
Sets changes(const Parameter& parameter) {
  const std::string set = test::changed(parameter);
  constexpr std::string_view kClient = "client.";
  if (!set.starts_with(kClient)) return {set};
  const std::string key = set.substr(kClient.size());
  return {"client.a." + key, "client.b." + key};
}

}  // namespace

TEST_CASE("a value that is noted to have no effect has none", "[unread]") {
  std::size_t seen = 0;
  for (const std::string component : {"drm_dep", "drm_sched", "jobqueue"}) {
    for (const Sets& base : {Sets{}, Sets{"device.notify=message"}, Sets{"driver.timeout_clock=wall"},
                             Sets{"driver.timeout_clock=on_slot"}, Sets{"driver.timeout_not_begun=blame"},
                             Sets{"device.quantum_us=0", "device.preempt_timeout_us=0", "fault.hung_job=0"},
                             Sets{"scheduler.timeout_ms=0", "fault.hung_job=0"}, Sets{"scheduler.timeout_ms=0"},
                             Sets{"client.a.jobs_per_cycle=1"}}) {
      Sets sets = base;
      sets.push_back("scheduler.component=" + component);
      const scenario::LoadResult without = load(sets);
      REQUIRE(without.ok());
      REQUIRE(without.spec->notices.empty());
      const std::uint64_t hash = test::run(*without.spec).hash;
      for (const Parameter& parameter : scenario::parameters().subspan(1)) {
        if (parameter.fetch == nullptr || parameter.type == Type::text) continue;
        for (const std::string& set : changes(parameter)) {
          Sets more = sets;
          more.push_back(set);
          const scenario::LoadResult with = load(more);
          if (!with.ok() || with.spec->notices.empty()) continue;
          ++seen;
          CAPTURE(component, base, with.spec->notices);
          CHECK(test::run(*with.spec).hash == hash);
        }
      }
    }
  }
  CHECK(seen > 200);
}
