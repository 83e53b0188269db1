// SPDX-License-Identifier: MIT
// Nothing is ignored in silence: each option of component, driver and host, with each component, is refused, noted, or
// changes the run for one of its values in one of some scenarios. unread_test.cpp is the other half: what is noted to
// have no effect has none.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "sim/scenario/loader.h"
#include "sim/scenario/parameter_table.h"
#include "tests/support/catch.h"
#include "tests/support/configs.h"
#include "tests/support/machine/changed_value.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;
using scenario::Parameter;
using scenario::Type;

namespace {

using SetOptions = std::vector<std::string>;

// Clients that contend for engines, share a buffer and points, and close queues with jobs in flight.
const std::string kBusyClients = R"(
[share]
timelines = "p"
buffers = "b"
[stop]
after_ms = 12
[[client]]
name = "a"
workload = "loop"
engine = "rcs"
work_us = [50, 900]
jobs_per_cycle = 3
cycles = 4
clones = 2
[[client]]
name = "c"
workload = "churn"
engine = "rcs"
priority = 0
work_us = 100
jobs_per_cycle = 2
cycles = 5
hold_us = 20
sync = false
[[client]]
name = "s"
workload = "steps"
repeats = 5
program = """
submit rcs 200 write b signal p:i
wait p:i
submit bcs 100 read b
"""
[[client]]
name = "t"
workload = "steps"
repeats = 5
program = """
submit vcs 500 read b after p:i
submit vcs 100
submit rcs 100
sleep 300
"""
)";

/// What happens beside; each has much that the others have not.
const std::vector<SetOptions>& occasions() {
  static const std::vector<SetOptions> all{
      {"device.preempt_timeout_us=500", "device.quantum_us=200", "scheduler.timeout_ms=3", "fault.hung_job=7"},
      {"device.slots=2", "fault.unplug_us=9000", "fault.lost_interrupt=3", "fault.kill_client=a", "fault.kill_us=2500",
       "host.cpus=1", "host.background={threads=3,busy_us=300,period_us=700}"},
      {"fault.reset_us=2500", "host.timer=exact", "fault.hung_job=3", "scheduler.timeout_ms=2",
       "device.preempt_timeout_us=500"},
      {"fault.dropped_reply=1", "driver.answer_timeout_ms=2", "host.timer=exact"},
      {"fault.hung_job=3", "scheduler.direct.hang_timeout_us=1500"},
      {"scheduler.orchestrator.slots=2"},
      {"fault.evict_us=1000", "scheduler.direct.restore_us=900"},
  };
  return all;
}

struct Side {
  std::string name;
  SetOptions options;
};

const std::vector<Side>& sides() {
  static const std::vector<Side> all{
      {"drm_dep", {"scheduler.component=drm_dep"}},
      {"drm_dep with bypass", {"scheduler.component=drm_dep", "scheduler.bypass=true"}},
      {"drm_sched", {"scheduler.component=drm_sched"}},
      {"counter", {"scheduler.component=jobqueue", "scheduler.jobqueue=counter", "driver.kill_way=terminate"}},
      {"pipeline", {"scheduler.component=jobqueue", "scheduler.jobqueue=pipeline"}},
      {"polled", {"scheduler.component=direct", "scheduler.direct.wait=poll"}},
      {"direct", {"scheduler.component=direct", "scheduler.direct.wait=interrupt"}},
  };
  return all;
}

/// Read, but in moments that none of the occasions has: which those are.
struct Rare {
  std::string_view path;
  std::string_view when;
};
constexpr std::array kRare{
    Rare{"scheduler.propagate_dependency_errors", "a dependency of a job in a queue fails"},
    Rare{"scheduler.kill_waits_for_dependencies", "a killed job waits for a dependency"},
    Rare{"scheduler.bypass_requires.", "the bypass would be taken wrongly; oracles then speak"},
    Rare{"driver.no_room_timeout", "the message buffer is full"},
    Rare{"driver.reset_timeout", "a device stays in reset"},
    Rare{"driver.timeout_reads_seqno", "a timeout is the first to look after an interrupt was lost"},
    Rare{"driver.timeout_stuck", "a job that has begun does not run between two timeouts"},
    Rare{"driver.timeout_retries", "the firmware does not know of a job at several timeouts"},
    Rare{"driver.reset_limit", "a job that has not begun sees several device resets"},
    Rare{"host.store_drain", "the device looks at a store before its barrier"},
};

[[nodiscard]] bool is_rare(std::string_view path) {
  return std::any_of(kRare.begin(), kRare.end(), [path](const Rare& rare) { return path.starts_with(rare.path); });
}

SetOptions values_of(const Parameter& parameter) {
  SetOptions sets{test::changed(parameter)};
  if (parameter.type == Type::choice) {
    for (std::size_t i = 0; i < parameter.names.size(); ++i) {
      const bool is_default = static_cast<std::int64_t>(i) == parameter.fallback.number;
      if (!is_default) sets.push_back(fmt::format("{}={}", parameter.path, parameter.names[i]));
    }
  }
  if (parameter.type == Type::duration) {
    for (const char* const value : {"us=0", "us=1500", "ms=20"}) {
      sets.push_back(fmt::format("{}_{}", parameter.path, value));
    }
  }
  if (parameter.type == Type::integer) {
    for (const int value : {1, 2}) sets.push_back(fmt::format("{}={}", parameter.path, value));
  }
  return sets;
}

scenario::LoadResult load_side(const SetOptions& options) {
  return scenario::load_scenario_text(kBusyClients, "x.toml",
                                      {.sets = options, .seed = {}, .config_dir = test::kConfigs});
}

struct SideBase {
  SetOptions options;
  std::vector<std::string> notices;
  std::uint64_t hash = 0;
};

/// Of the occasions those that the side accepts.
std::vector<SideBase> bases_of(const Side& side) {
  std::vector<SideBase> bases;
  for (const SetOptions& occasion : occasions()) {
    SetOptions options = side.options;
    options.insert(options.end(), occasion.begin(), occasion.end());
    const scenario::LoadResult loaded = load_side(options);
    if (loaded.ok()) bases.push_back({options, loaded.spec->notices, test::run(*loaded.spec).hash});
  }
  return bases;
}

/// Refused everywhere, noted somewhere, or it makes a difference somewhere.
bool is_heard(const Parameter& parameter, const std::vector<SideBase>& bases) {
  bool is_accepted = false;
  for (const std::string& value : values_of(parameter)) {
    for (const SideBase& base : bases) {
      SetOptions options = base.options;
      options.push_back(value);
      const scenario::LoadResult loaded = load_side(options);
      if (!loaded.ok()) continue;
      if (loaded.spec->notices != base.notices || test::run(*loaded.spec).hash != base.hash) return true;
      is_accepted = true;
    }
  }
  return !is_accepted;
}

[[nodiscard]] bool is_looked_at(const Parameter& parameter, const Side& side) {
  const std::string_view path = parameter.path;
  const bool is_of_side = std::any_of(side.options.begin(), side.options.end(), [path](const std::string& option) {
    return option.starts_with(fmt::format("{}=", path));
  });
  return parameter.fetch != nullptr && parameter.type != Type::text && !is_of_side && !is_rare(path) &&
         (path.starts_with("scheduler.") || path.starts_with("driver.") || path.starts_with("host."));
}

}  // namespace

TEST_CASE("no option is ignored in silence, with any component", "[unread]") {
  const Side& side = sides().at(GENERATE(range(std::size_t{0}, std::size_t{7})));
  const std::vector<SideBase> bases = bases_of(side);
  CHECK(bases.size() >= 4);
  for (const Parameter& parameter : scenario::parameters().subspan(1)) {
    if (!is_looked_at(parameter, side)) continue;
    CAPTURE(side.name, parameter.path);
    CHECK(is_heard(parameter, bases));
  }
}
