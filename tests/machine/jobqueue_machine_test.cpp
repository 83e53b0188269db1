// SPDX-License-Identifier: MIT
// The whole machine with either JobQueue in drm_dep's place: the same workloads mean the same, all oracles keep silent,
// causes add up by a second reading, nothing outlives its users.
#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sim/scenario/loader.h"
#include "sim/system/explorer.h"
#include "sim/system/simulation.h"
#include "tests/support/catch.h"
#include "tests/support/machine/finding.h"
#include "tests/support/machine/scenarios.h"
#include "tests/support/machine/wsim_meaning.h"

using namespace gpusim;
using namespace gpusim::test;
using sched::jq::Coalescing;
using sched::jq::Shape;
using trace::EventKind;

namespace {

scenario::ScenarioSpec on(scenario::ScenarioSpec spec, Shape shape) {
  spec.component = scenario::Component::jobqueue;
  spec.jobqueue.shape = shape;
  if (shape == Shape::counter) spec.driver.kill_way = drv::KillWay::terminate;
  return spec;
}

scenario::ScenarioSpec with(scenario::ScenarioSpec spec, Coalescing coalescing) {
  spec.jobqueue.coalescing = coalescing;
  if (coalescing == Coalescing::in_thread) spec.driver.irq_path = drv::IrqPath::threaded;
  return spec;
}

/// The recording with, of a job's dependencies of one fence context, the latest alone: a JobQueue keeps them all,
/// others and the reference do not.
Recording merged(Recording recording) {
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> latest;
  for (const auto& event : recording.all<trace::drm_sched_job_add_dep>()) {
    std::uint64_t& seqno = latest[{event.job.value(), event.dependency_context}];
    seqno = std::max(seqno, event.dependency_seqno);
  }
  std::erase_if(recording.events, [&](const trace::Event& event) {
    const auto added = trace::as<trace::drm_sched_job_add_dep>(event);
    if (!added) return false;
    const auto found = latest.find({added->job.value(), added->dependency_context});
    if (found == latest.end() || found->second != added->dependency_seqno) return true;
    latest.erase(found);  // the same one comes only once
    return false;
  });
  return recording;
}

}  // namespace

TEST_CASE("descriptors mean the same on a JobQueue", "[jobqueue]") {
  const Shape shape = GENERATE(Shape::counter, Shape::pipeline);
  const scenario::ScenarioSpec machine = on(costly_scenario(), shape);
  CHECK(check_folder(own_workloads(), machine, &merged) >= 15);
  if (check_folder(GPUSIM_SHARED_WSIM, machine, &merged) == 0) WARN("no descriptors in " << GPUSIM_SHARED_WSIM);
}

TEST_CASE("all oracles keep silent on a JobQueue, and two runs are the same", "[jobqueue]") {
  const Shape shape = GENERATE(Shape::counter, Shape::pipeline);
  const scenario::ScenarioSpec spec = on(busy_scenario(), shape);
  {
    system::Simulation simulation{spec};  // with its oracles
    CHECK(simulation.run().outcome == system::Outcome::finished);
  }
  const Recording first = run(spec);
  CHECK(run(spec).hash == first.hash);
  CHECK(first.of_kind(EventKind::job_released).size() == first.jobs().size());
  const std::uint64_t limit = shape == Shape::counter ? 4 : spec.driver.ring_entries;
  for (const auto& event : first.all<trace::drm_sched_job_run>()) CHECK(event.in_flight <= limit);
}

TEST_CASE("wherever the pipeline ticks, all jobs are done and no rule is broken", "[jobqueue]") {
  for (const Coalescing coalescing : {Coalescing::off, Coalescing::workqueue, Coalescing::in_thread}) {
    const Finding finding = find_in(with(on(busy_scenario(), Shape::pipeline), coalescing));
    CAPTURE(finding.text);
    CHECK(finding.oracle.empty());
    CHECK(finding.outcome == system::Outcome::finished);
  }
}

TEST_CASE("a pipeline whose driver has no room keeps its jobs, and run_job never waits", "[jobqueue]") {
  scenario::ScenarioSpec spec = on(busy_scenario(), Shape::pipeline);
  spec.driver.ring_entries = 2;
  const Recording recording = run(spec);
  REQUIRE(recording.result.outcome == system::Outcome::finished);
  CHECK_FALSE(recording.of_kind(EventKind::credit_blocked).empty());
  CHECK(recording.of_kind(EventKind::ring_full).empty());
}

TEST_CASE("a pipeline survives explorations with ticks of its interrupts' threads", "[jobqueue][explore]") {
  for (const char* name : {"dependencies", "full", "teardown"}) {
    const scenario::LoadResult loaded = scenario::load_scenario(
        std::filesystem::path{GPUSIM_SOURCE_DIR "/configs/explore"} / (std::string{name} + ".toml"),
        {.sets = {"scheduler.component=jobqueue", "scheduler.coalescing=inline", "driver.irq_path=threaded",
                  "scheduler.cancel_timeout_ms=0"},
         .seed = {}});
    REQUIRE(loaded.ok());
    const system::Explorer explorer{*loaded.spec};
    REQUIRE(explorer.undisturbed().survived());
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      const system::ExploredRun run = explorer.run_seed(seed);
      CAPTURE(name, seed, run.text);
      CHECK(run.survived());
    }
  }
}

TEST_CASE("a job that waits for longer than the pipeline's timeout ends with -ETIMEDOUT, on the whole machine",
          "[jobqueue]") {
  scenario::ScenarioSpec spec = on(ideal_scenario(), Shape::pipeline);
  spec.jobqueue.pipeline_timeout = ms(5);
  // The second batch waits for the first, on another engine.
  spec.clients = {client("app", wsim_workload("1.RCS.20000.0.0\n2.VCS1.100.-1.1", 1))};
  const Recording recording = run(spec);
  const auto done = recording.all<trace::drm_sched_job_done>();
  REQUIRE(done.size() == 2);
  CHECK(done[0].job == JobId{2});
  CHECK(done[0].error == Errno::timedout);
  CHECK(done[0].time < SimTime{ms(8)});
  CHECK(done[1].error == Errno::ok);
}
