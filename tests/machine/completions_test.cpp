// SPDX-License-Identifier: MIT
// The handler of a completion interrupt looks at each queue with a job. Where looks find nothing the simulator takes
// them together, if nothing else happens meanwhile; without look-ahead it takes each by itself, and in an exploration
// it looks, too.
#include <cstdint>
#include <string>
#include <vector>

#include "sim/system/explorer.h"
#include "sim/system/simulation.h"
#include "tests/support/catch.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;

namespace {

/// Some sixty queues with jobs at a time on two kinds of engines.
constexpr const char* kCrowd = R"(
[device]
slots = 4
[scheduler]
timeout_ms = 5
[[client]]
name = "render"
clones = 50
workload = "loop"
engine = "rcs"
work_us = [1, 30]
cycles = 6
jobs_per_cycle = 2
[[client]]
name = "copy"
clones = 15
workload = "loop"
engine = "bcs"
work_us = 3
wait_us = [0, 100]
cycles = 20
)";

}  // namespace

TEST_CASE("completions: looks that find nothing cost the same taken together as one by one", "[completions]") {
  using Sets = std::vector<std::string>;
  const Sets sets = GENERATE(
      Sets{}, Sets{"driver.irq_path=threaded"}, Sets{"driver.irq_scan_ns=0"}, Sets{"driver.irq_scan_ns=5000"},
      Sets{"scheduler.component=drm_sched", "fault.hung_job=40"}, Sets{"scheduler.component=jobqueue"},
      Sets{"scheduler.component=jobqueue", "driver.irq_path=threaded", "host.cpus=2"}, Sets{"driver.native_waits=true"},
      Sets{"use.driver=panthor_like", "device.firmware.policy=host_slots"}, Sets{"use.driver=amdgpu_ring"},
      Sets{"fault.lost_interrupt=9", "fault.late_interrupt=20", "fault.duplicate_interrupt=30"},
      Sets{"fault.reset_us=500"}, Sets{"fault.unplug_us=500"},
      Sets{"scheduler.component=direct", "scheduler.direct.wait=interrupt", "fault.evict_us=300", "fault.evictions=9",
           "scheduler.direct.restore_us=50"},
      Sets{"use.host=heavy", "driver.irq_path=threaded"});
  std::string all;
  for (const std::string& set : sets) all += set + ' ';
  CAPTURE(all);
  const scenario::ScenarioSpec spec = test::spec_of(kCrowd, sets);
  struct Seen {
    std::uint64_t hash;
    std::uint64_t steps;
    std::vector<Picoseconds> charged;
    SimTime end;
  };
  std::vector<Seen> seen;
  for (const bool look_ahead : {true, false}) {
    system::MachineOptions options;
    options.look_ahead = look_ahead;
    system::Simulation simulation{spec, options};
    const system::RunResult result = simulation.run();
    CHECK(result.outcome == system::Outcome::finished);
    const system::Machine& machine = simulation.machine();
    seen.push_back(
        {simulation.recorder().hash(), machine.host_counters().steps, machine.ledger().totals(), result.end});
  }
  CHECK(seen[0].hash == seen[1].hash);
  CHECK(seen[0].hash == system::Explorer{spec}.undisturbed().trace_hash);
  CHECK(seen[0].steps == seen[1].steps);
  CHECK(seen[0].charged == seen[1].charged);
  CHECK(seen[0].end == seen[1].end);
}
