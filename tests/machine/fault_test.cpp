// SPDX-License-Identifier: MIT
// Faults on request, and what the machine makes of them.
#include <string>

#include "sim/system/simulation.h"
#include "tests/support/catch.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;
using trace::EventKind;

namespace {

/// Two jobs of 20 us, pushed one after the other, on one queue.
scenario::ScenarioSpec two_jobs() {
  scenario::ScenarioSpec spec = test::costly_scenario();
  workload::LoopSpec loop;
  loop.placement = {abi::EngineClass::render, -1};
  loop.work = {us(20), us(20)};
  loop.jobs_per_cycle = 2;
  spec.clients = {test::client("app", loop)};
  return spec;
}

}  // namespace

TEST_CASE("a lost interrupt is made good by the next one of its vector, which completes both jobs", "[fault]") {
  scenario::ScenarioSpec spec = two_jobs();
  spec.fault.lost_interrupt = 1;
  const test::Recording recording = test::run(spec);
  CHECK(recording.result.outcome == system::Outcome::finished);
  CHECK(recording.of_kind(EventKind::fault_injected).size() == 1);
  const auto done = recording.of_kind(EventKind::drm_sched_job_done);
  const auto ends = recording.of_kind(EventKind::job_end);
  REQUIRE(done.size() == 2);
  CHECK(done[0].time > ends[1].time);
}

TEST_CASE("the last interrupt lost stalls the machine: nothing repairs it without a timeout", "[fault]") {
  scenario::ScenarioSpec spec = two_jobs();
  spec.fault.lost_interrupt = 2;
  system::Simulation simulation{spec};
  const system::RunResult result = simulation.run();
  CHECK(result.outcome == system::Outcome::stalled);
  CHECK(result.stall_report.find("was handed to the device and has not completed") != std::string::npos);
}

TEST_CASE("a lost doorbell is made good by the next one of its queue", "[fault]") {
  scenario::ScenarioSpec spec = two_jobs();
  spec.fault.lost_doorbell = 1;
  const test::Recording recording = test::run(spec);
  CHECK(recording.result.outcome == system::Outcome::finished);
  CHECK(recording.of_kind(EventKind::doorbell_arrive).size() == 2);
  CHECK(recording.of_kind(EventKind::fault_injected).size() == 1);
}
