// SPDX-License-Identifier: MIT
// The whole machine with an orchestrator between any component and its driver.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/scenario/loader.h"
#include "sim/system/explorer.h"
#include "sim/system/simulation.h"
#include "tests/support/catch.h"
#include "tests/support/cause_check.h"
#include "tests/support/machine/finding.h"
#include "tests/support/machine/scenarios.h"
#include "tests/support/machine/tape.h"

using namespace gpusim;
using namespace gpusim::test;
using scenario::Component;
using sched::orch::GrantIn;
using sched::orch::Policy;
using trace::Cause;
using trace::EventKind;

namespace {

/// The components that are 1:1, by name.
struct Way {
  const char* name;
  Component component;
  sched::jq::Shape shape;
  bool bypass;
};
constexpr Way kWays[] = {
    {"drm_dep", Component::drm_dep, sched::jq::Shape::pipeline, false},
    {"drm_dep with bypass", Component::drm_dep, sched::jq::Shape::pipeline, true},
    {"drm_sched", Component::drm_sched, sched::jq::Shape::pipeline, false},
    {"drm_sched with bypass", Component::drm_sched, sched::jq::Shape::pipeline, true},
    {"counter", Component::jobqueue, sched::jq::Shape::counter, false},
    {"pipeline", Component::jobqueue, sched::jq::Shape::pipeline, false},
};

scenario::ScenarioSpec on(scenario::ScenarioSpec spec, const Way& way) {
  spec.component = way.component;
  spec.jobqueue.shape = way.shape;
  spec.dep.bypass = way.bypass;
  if (is_jobqueue(spec, sched::jq::Shape::counter)) {
    spec.driver.kill_way = drv::KillWay::terminate;
    spec.fault.reset = Picoseconds{0};
  }
  return spec;
}

scenario::ScenarioSpec with(scenario::ScenarioSpec spec, std::uint32_t slots, Policy policy = Policy::rr) {
  spec.orchestrator.slots = slots;
  spec.orchestrator.policy = policy;
  return spec;
}

workload::LoopSpec loop(Picoseconds work, std::uint64_t cycles, std::uint32_t jobs = 1) {
  workload::LoopSpec loop;
  loop.placement = {abi::EngineClass::render, -1};
  loop.work = {work, work};
  loop.cycles = cycles;
  loop.jobs_per_cycle = jobs;
  return loop;
}

}  // namespace

TEST_CASE("with as many tokens as queues the trace is to the bit the one without an orchestrator", "[orchestrator]") {
  for (const Way& way : kWays) {
    for (const char* name : {"fan_graph", "loaded_host", "quickstart", "credits_short", "threaded_irq"}) {
      CAPTURE(way.name, name);
      const auto loaded = scenario::load_scenario(std::filesystem::path{GPUSIM_SOURCE_DIR "/configs/scenarios"} /
                                                  (std::string{name} + ".toml"));
      REQUIRE(loaded.ok());
      const scenario::ScenarioSpec spec = on(*loaded.spec, way);
      const Recording without = run(spec);
      const std::size_t queues = without.of_kind(EventKind::queue_create).size();
      for (const Policy policy : {Policy::rr, Policy::fair}) {
        CHECK(run(with(spec, static_cast<std::uint32_t>(queues), policy)).hash == without.hash);
      }
      if (queues > 1) CHECK(run(with(spec, 1)).hash != without.hash);
    }
  }
}

TEST_CASE("with fewer tokens than queues all jobs are done, causes add up, and no rule is broken", "[orchestrator]") {
  for (const Way& way : kWays) {
    for (const Policy policy : {Policy::rr, Policy::fifo, Policy::fair}) {
      for (const GrantIn grant_in : {GrantIn::completion, GrantIn::worker}) {
        for (const std::uint32_t slots : {1U, 2U, 3U}) {
          CAPTURE(way.name, policy, grant_in, slots);
          scenario::ScenarioSpec spec = with(on(busy_scenario(), way), slots, policy);
          spec.orchestrator.grant_in = grant_in;
          Tape tape;
          system::Simulation simulation{spec};  // with its oracles
          simulation.recorder().attach_to_all(tape);
          simulation.milestones().add_listener(tape);
          REQUIRE(simulation.run().outcome == system::Outcome::finished);
          const std::vector<std::string> violations = check_causes(tape.events, tape.lives);
          for (std::size_t i = 0; i < violations.size() && i < 5; ++i) UNSCOPED_INFO(violations[i]);
          REQUIRE(violations.empty());
          Picoseconds waited{0};
          for (const trace::JobLife& life : tape.lives) waited += life[Cause::token];
          CHECK(waited > Picoseconds{0});
        }
      }
    }
  }
}

TEST_CASE("a queue whose jobs wait for another's has no token meanwhile: one is enough for any graph",
          "[orchestrator]") {
  for (const Way& way : kWays) {
    CAPTURE(way.name);
    scenario::ScenarioSpec spec = with(on(ideal_scenario(), way), 1);
    // Each of three queues' jobs waits for the one before it, the first job of the third is pushed first.
    spec.clients = {
        client("app", wsim_workload("1.RCS.1000.0.0\n2.VCS1.500.-1.0\n3.BCS.200.-1.0\n1.RCS.100.-1.1\n", 3))};
    const Recording recording = run(spec);
    CHECK(recording.result.outcome == system::Outcome::finished);
    CHECK(recording.jobs().size() == 12);
  }
}

TEST_CASE("a queue that times out with a token gives it back with its ban", "[orchestrator]") {
  for (const Way& way : kWays) {
    if (way.shape == sched::jq::Shape::counter) continue;  // it has no timeout
    for (const char* driver : {"default", "xe_like", "panthor_like", "amdgpu_like"}) {
      CAPTURE(way.name, driver);
      const auto loaded = scenario::load_scenario_text(
          std::string{"use.driver = \""} + driver +
              "\"\n[scheduler]\ntimeout_ms = 10\n[scheduler.orchestrator]\nslots = 1\n[fault]\nhung_job = 2\n"
              "[[client]]\nname = \"app\"\nclones = 3\nworkload = \"loop\"\nwork_us = 50\ncycles = 20\n",
          "hung.toml");
      REQUIRE(loaded.ok());
      scenario::ScenarioSpec spec = *loaded.spec;
      spec.component = way.component;
      spec.jobqueue.shape = way.shape;
      spec.dep.bypass = way.bypass;
      const Finding finding = find_in(spec);
      CAPTURE(finding.text);
      CHECK(finding.oracle.empty());
      CHECK(finding.outcome == system::Outcome::finished);
    }
  }
}

TEST_CASE("a device that is reset or pulled while queues wait for tokens leaves nobody waiting", "[orchestrator]") {
  for (const Way& way : kWays) {
    for (const bool pulled : {false, true}) {
      if (!pulled && way.shape == sched::jq::Shape::counter) continue;  // it takes no reset on request
      for (std::int64_t at = 100; at < 1'500; at += 175) {
        CAPTURE(way.name, pulled, at);
        scenario::ScenarioSpec spec = with(on(costly_scenario(), way), 1);
        spec.clients = {client("app", loop(us(40), 10, 2), 4)};
        (pulled ? spec.fault.unplug : spec.fault.reset) = us(at);
        const Finding finding = find_in(spec);
        CAPTURE(finding.text);
        CHECK(finding.oracle.empty());
        CHECK(finding.outcome == system::Outcome::finished);
      }
    }
  }
}

TEST_CASE("the time that a job waits for a token is not its timeout's", "[orchestrator]") {
  for (const Way& way : kWays) {
    if (way.shape == sched::jq::Shape::counter) continue;
    CAPTURE(way.name);
    scenario::ScenarioSpec spec = with(on(costly_scenario(), way), 1);
    spec.job_timeout = ms(10);
    spec.clients = {client("app", loop(ms(4), 2), 6)};  // the last one waits for 20 ms
    const Recording recording = run(spec);
    CHECK(recording.of_kind(EventKind::job_timedout).empty());
    CHECK(recording.result.end > SimTime{ms(40)});
  }
}

TEST_CASE("a stall says who waits for a token, and who has it", "[orchestrator][stall]") {
  for (const Way& way : kWays) {
    CAPTURE(way.name);
    scenario::ScenarioSpec spec = with(on(ideal_scenario(), way), 1);
    // The first batch never ends by itself; the client ends it when the second, on another queue, is done.
    spec.clients = {client("app", wsim_workload("1.RCS.*.0.0\nd.100\n2.BCS.10.0.1\nT.-3\n", 1))};
    const Finding finding = find_in(spec);
    CAPTURE(finding.text);
    CHECK(finding.outcome == system::Outcome::stalled);
    CHECK(finding.text.find("job 2 waits for a token, which app.1.rcs0 has") != std::string::npos);
  }
}

TEST_CASE("an orchestrated queue survives explorations", "[orchestrator][explore]") {
  for (const Way& way : kWays) {
    for (const char* name : {"queues", "dependencies", "teardown"}) {
      for (const Policy policy : {Policy::rr, Policy::fair}) {
        scenario::LoadResult loaded = scenario::load_scenario(
            std::filesystem::path{GPUSIM_SOURCE_DIR "/configs/explore"} / (std::string{name} + ".toml"));
        REQUIRE(loaded.ok());
        const system::Explorer explorer{with(on(*loaded.spec, way), 2, policy)};
        CAPTURE(way.name, name, policy);
        REQUIRE(explorer.undisturbed().survived());
        for (std::uint64_t seed = 0; seed < 60; ++seed) {
          const system::ExploredRun run = explorer.run_seed(seed);
          CAPTURE(seed, run.text);
          CHECK(run.survived());
        }
      }
    }
  }
}
