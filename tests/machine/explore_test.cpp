// SPDX-License-Identifier: MIT
// Explorations of whole machines: undisturbed runs are plain runs, seeds and schedules run the same again, what
// breaks leaves nothing behind. That a race is found and made small: tests/mutants/explore_test.cpp.
#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/errno.h"
#include "sim/system/explorer.h"
#include "sim/system/simulation.h"
#include "tests/support/catch.h"
#include "tests/support/machine/scenarios.h"
#include "traces/inspect/recording.h"

using namespace gpusim;
using system::ExploredRun;
using system::Explorer;
using trace::EventKind;

namespace {

using Sets = std::vector<std::string>;

scenario::ScenarioSpec explored(const std::string& name) {
  return test::load_spec(std::filesystem::path{GPUSIM_SOURCE_DIR "/configs/explore"} / (name + ".toml"));
}

std::size_t count_of(const trace::EventKeeper& kept, EventKind kind) {
  return static_cast<std::size_t>(std::count_if(kept.events.begin(), kept.events.end(),
                                                [&](const trace::Event& event) { return event.kind == kind; }));
}

}  // namespace

TEST_CASE("there are nine scenarios to explore, of about 50 jobs each", "[explore]") {
  const auto files = test::shipped_files("explore");
  CHECK(files.size() == 9);
  for (const auto& file : files) {
    CAPTURE(file.string());
    const test::Recording recording = test::run(test::load_spec(file));
    CHECK(recording.result.outcome == system::Outcome::finished);
    CHECK(recording.of_kind(EventKind::drm_sched_job_done).size() >= 45);
    CHECK(recording.of_kind(EventKind::drm_sched_job_done).size() <= 60);
  }
}

TEST_CASE("each scenario survives some hundred seeds, most of which are disturbed", "[explore]") {
  for (const auto& file : test::shipped_files("explore")) {
    CAPTURE(file.string());
    const Explorer explorer{test::load_spec(file)};
    REQUIRE(explorer.undisturbed().survived());
    std::set<std::uint64_t> hashes;
    std::set<ChoiceKind> kinds;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
      const ExploredRun run = explorer.run_seed(seed);
      CAPTURE(seed, run.text);
      CHECK(run.survived());
      hashes.insert(run.trace_hash);
      for (const Choice& choice : run.schedule) kinds.insert(choice.kind);
    }
    CHECK(hashes.size() > 250);
    for (const ChoiceKind kind : {ChoiceKind::order, ChoiceKind::placement, ChoiceKind::delay, ChoiceKind::interrupt,
                                  ChoiceKind::wake, ChoiceKind::fault}) {
      CAPTURE(to_string(kind));
      CHECK(kinds.count(kind) == 1);
    }
  }
}

TEST_CASE("without a choice the run is that of the program", "[explore]") {
  for (const auto& file : test::shipped_files("explore")) {
    CAPTURE(file.string());
    const scenario::ScenarioSpec spec = test::load_spec(file);
    CHECK(Explorer{spec}.run_schedule({}).trace_hash == test::run(spec).hash);
  }
}

TEST_CASE("a seed gives the same trace again, and so does its schedule, each choice stands in it", "[explore]") {
  const Explorer explorer{explored("dependencies")};
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    CAPTURE(seed);
    const ExploredRun first = explorer.run_seed(seed);
    trace::EventKeeper tape;
    const ExploredRun again =
        explorer.run_seed(seed, [&](system::Simulation& simulation) { simulation.recorder().attach_to_all(tape); });
    const ExploredRun replay = explorer.run_schedule(first.schedule);
    CHECK(again.trace_hash == first.trace_hash);
    CHECK(again.schedule == first.schedule);
    CHECK(replay.trace_hash == first.trace_hash);
    CHECK(replay.schedule == first.schedule);
    CHECK(count_of(tape, EventKind::choice_made) == first.schedule.size());
  }
}

TEST_CASE("an allocation that fails ends its client, and everything else drains", "[explore]") {
  const Explorer explorer{explored("dependencies")};
  trace::EventKeeper tape;
  const ExploredRun run =
      explorer.run_schedule({{ChoiceKind::fault, "drm_dep_job_init", 0, 5, 1}},
                            [&](system::Simulation& simulation) { simulation.recorder().attach_to_all(tape); });
  CAPTURE(run.text);
  CHECK(run.survived());
  CHECK(run.schedule.size() == 1);
  int failed = 0;
  for (const trace::Event& event : tape.events) {
    const auto finish = trace::as<trace::client_finish>(event);
    failed += finish && finish->error == Errno::nomem ? 1 : 0;
  }
  CHECK(failed == 1);
}

TEST_CASE("a job whose timer is due at the tick at which another's handler frees the engine has lost nothing",
          "[explore]") {
  // An endless batch that cannot be preempted, and a job behind it, 1 ms later: both timers fall into one slot of the
  // kernel's timer wheel. The first handler ends the batch; the job has had the engine for some us when the second
  // looks.
  const std::string driver = GENERATE("default", "xe_like", "amdgpu_like");
  const std::string component = GENERATE("drm_sched", "drm_dep", "jobqueue");
  CAPTURE(driver, component);
  const scenario::ScenarioSpec spec = test::spec_of(R"(
[use]
device = "xe_guc"
[device]
firmware.message_short_us = 3
preempt_timeout_ms = 0
[[client]]
name = "spin"
workload = "loop"
engine = "rcs"
work_us = 60_000_000
priority = 0
[[client]]
name = "behind"
workload = "loop"
engine = "rcs"
start_us = 1000
work_us = 1000
priority = 2
)",
                                                    {"use.driver=" + driver, "scheduler.component=" + component});
  const Explorer explorer{spec};
  CHECK(explorer.undisturbed().text == "");
  for (std::uint64_t seed = 0; seed < 10; ++seed) CHECK(explorer.run_seed(seed).text == "");
}

TEST_CASE("a scenario may take hours, as long as its jobs go on or nothing is under way", "[explore]") {
  scenario::ScenarioSpec spec = test::ideal_scenario();
  workload::LoopSpec loop;
  SECTION("long jobs, no timeout") {
    loop.work = {ms(100'000), ms(100'000)};
    loop.cycles = 50;
  }
  SECTION("a timeout that each job meets") {
    spec.job_timeout = ms(5'000);
    loop.work = {ms(1'000), ms(1'000)};
    loop.cycles = 70;
  }
  SECTION("long pauses") {
    spec.job_timeout = ms(5'000);
    loop.cycles = 10;
    loop.wait = {ms(1'000'000), ms(1'000'000)};
  }
  SECTION("long timeouts") {
    spec.job_timeout = ms(200'000);
    loop.work = {ms(100'000), ms(100'000)};
  }
  spec.clients = {test::client("app", loop)};
  const Explorer explorer{spec};
  CHECK(explorer.undisturbed().text == "");
  CHECK(explorer.undisturbed().survived());
  if (spec.job_timeout.count() == 0) return;  // nothing would repair what a disturbance takes
  for (std::uint64_t seed = 0; seed < 3; ++seed) CHECK(explorer.run_seed(seed).text == "");
}

TEST_CASE("a run that gets on and takes too many steps is given up: no oracle speaks, nobody calls it good",
          "[explore]") {
  scenario::ScenarioSpec spec = test::ideal_scenario();
  workload::LoopSpec loop;
  loop.work = {us(1), us(1)};
  loop.cycles = 10'000;
  spec.clients = {test::client("app", loop)};
  const ExploredRun run = Explorer{spec, system::Machine::kPollEvery}.undisturbed();
  CHECK(run.gave_up);
  CHECK(run.oracle.empty());
  CHECK_FALSE(run.survived());
  CHECK(Explorer{spec}.undisturbed().survived());
}

TEST_CASE("shared rings: a device that is pulled while a handler signals ends the jobs of a ring in their order",
          "[explore][rings]") {
  // The handler has taken job 7's fence, and its callbacks are to come; the worker runs job 9 on the lost device.
  const scenario::ScenarioSpec spec = test::load_spec(GPUSIM_SOURCE_DIR "/configs/explore/full.toml",
                                                      {"use.driver=amdgpu_ring", "scheduler.component=drm_sched"});
  const Schedule pulled{{ChoiceKind::fault, "unplug_device", 0, 0, 200},
                        {ChoiceKind::order, "dispatch", 0, 3, 1},
                        {ChoiceKind::fault, "drm_sched_job_init", 0, 14, 1},
                        {ChoiceKind::race, "drm_sched.select_pop", 0, 0, 6},
                        {ChoiceKind::race, "drm_sched.select_pop", 0, 1, 6},
                        {ChoiceKind::race, "dma_fence.signaled_bit", 0, 0, 7},
                        {ChoiceKind::race, "dma_fence.signaled_bit", 0, 1, 6},
                        {ChoiceKind::race, "drm_sched.select_pop", 0, 2, 6},
                        {ChoiceKind::delay, "step", 12, 12, 7},
                        {ChoiceKind::race, "drm_sched.select_pop", 0, 3, 6},
                        {ChoiceKind::race, "dma_fence.signaled_bit", 0, 7, 5},
                        {ChoiceKind::delay, "step", 12, 14, 8},
                        {ChoiceKind::race, "dma_fence.signaled_bit", 0, 15, 6}};
  const ExploredRun run = Explorer{spec}.run_schedule(pulled);
  CHECK(run.text == "");
  CHECK(run.schedule.size() == pulled.size());
}

TEST_CASE("direct: a queue that is closed while its creation waits for an eviction's end is told to nobody",
          "[explore][direct]") {
  const scenario::ScenarioSpec spec =
      test::load_spec(GPUSIM_SOURCE_DIR "/configs/explore/dependencies.toml", {"scheduler.component=direct"});
  const Explorer explorer{spec};
  for (std::uint32_t slice = 2; slice < 60; ++slice) {
    const ExploredRun run = explorer.run_schedule(Schedule{{ChoiceKind::fault, "close_queue", 0, 0, slice},
                                                           {ChoiceKind::fault, "evict_queues", 0, 0, 5},
                                                           {ChoiceKind::detail, "strike_offset", 5, 0, 256},
                                                           {ChoiceKind::detail, "strike_target", 1, 0, 7}});
    CAPTURE(slice);
    CHECK(run.text == "");
  }
}

TEST_CASE("a timeout of who waits its turn is not a lone one, however slow the firmware is", "[explore]") {
  const scenario::ScenarioSpec spec = test::spec_of(R"(
device.firmware.pick_us = 10_994
driver.timeout_clock = "wall"
[[client]]
name = "app"
workload = "churn"
work_us = 232_925
clones = 5
cycles = 6
)");
  CHECK(Explorer{spec}.undisturbed().text == "");
}

TEST_CASE("who waits for a client that the exploration has ended is no stall", "[explore]") {
  const std::string host = GENERATE("idle", "loaded");  // with a load, something goes on beside
  const Explorer explorer{
      test::load_spec(GPUSIM_SOURCE_DIR "/configs/scenarios/shared_timeline.toml", {"use.host=" + host})};
  REQUIRE(explorer.undisturbed().survived());
  std::size_t bereft = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    trace::EventKeeper tape;
    const ExploredRun run =
        explorer.run_seed(seed, [&](system::Simulation& simulation) { simulation.recorder().attach_to_all(tape); });
    CAPTURE(seed);
    CHECK(run.text == "");
    const std::size_t began = count_of(tape, EventKind::syncobj_wait_begin);
    bereft += began > count_of(tape, EventKind::syncobj_wait_end) ? 1 : 0;
  }
  CHECK(bereft > 3);
}

TEST_CASE("a worker that passes its turn on is not taken off its CPU in the middle of it", "[explore]") {
  // More threads than CPUs, and workers that wake the next one in no time: the one that wakes may have to give way.
  const scenario::ScenarioSpec spec = test::spec_of(R"(
seed = 688
fault.kill_client = "c0"
fault.kill_us = 367
scheduler.component = "drm_sched"
scheduler.orchestrator = { slots = 5, policy = "fair", batch = 4 }
use.device = "xe_guc"
use.host = "linux_6_12"
device.link.dma_read_latency_ps = 2778035
host.work_dispatch = "pipelined"
driver.no_room_timeout_ps = 1913047010234
host.worker_wake_ps = 15182047
[[client]]
name = "c0"
workload = "fan"
source_us = [78, 78]
branch_us = [167, 337]
sink_us = [230, 230]
rounds = 1
[[client]]
name = "c1"
workload = "loop"
work_us = [243, 300]
engine = "bcs"
jobs_per_cycle = 7
cycles = 9
sync = false
priority = 3
change_cycle = 2
changed_priority = 3
[[client]]
name = "c2"
workload = "pipeline"
upload_us = [496, 557]
kernel_us = [73, 73]
readback_us = [0, 0]
clones = 19
frames = 9
frames_in_flight = 3
priority = 3
[[client]]
name = "c3"
workload = "fan"
source_us = [183, 183]
branch_us = [143, 177]
sink_us = [270, 270]
middle_engine = "vcs0"
width = 41
priority = 3
)");
  const Explorer explorer{spec};
  for (std::uint64_t seed = 0; seed < 10; ++seed) CHECK(explorer.run_seed(seed).text == "");
}

TEST_CASE("what is said of a run that does not drain names a client that waits for nothing", "[explore]") {
  // The queue has room for one job, which never ends; the client tries to submit the second, every 10 ms.
  scenario::ScenarioSpec spec = test::ideal_scenario();
  spec.component = scenario::Component::drm_sched;
  spec.driver.max_jobs = 1;
  spec.driver.exec = Cost{ms(10), 0};
  spec.fault.hung_job = 1;
  workload::LoopSpec loop;
  loop.jobs_per_cycle = 2;
  spec.clients = {test::client("app", loop)};
  const ExploredRun run = Explorer{spec, system::Machine::kPollEvery}.undisturbed();
  CHECK(run.oracle == "drain");
  CAPTURE(run.text);
  CHECK(run.text.starts_with("not at its end by "));
  CHECK(run.text.find(", and no job went on after 10.") != std::string::npos);
  CHECK(run.text.find("  client app waits for nothing: it runs, or could\n") != std::string::npos);
}
