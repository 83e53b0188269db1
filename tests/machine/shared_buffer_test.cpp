// SPDX-License-Identifier: MIT
// Buffers that several queues read and write: who waits for whom, as the kernel's reservation objects have it.
#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;
using namespace gpusim::test;

namespace {

Recording run_program(const std::string& text, std::uint32_t clones) {
  scenario::ScenarioSpec spec = ideal_scenario();
  spec.clients.push_back(client("app", wsim_workload(text, 1), clones));
  Recording recording = run(spec);
  CHECK(recording.result.outcome == system::Outcome::finished);
  return recording;
}

Picoseconds last_finish(const Recording& recording) {
  SimTime last{};
  for (const trace::Event& event : recording.of_kind(trace::EventKind::client_finish)) last = event.time;
  return last.time_since_epoch();
}

/// Two clones with two batches of 2 ms each, balanced over two video engines.
std::string two_batches(const std::string& access) {
  const std::string batch = "1.VCS.2000." + access + ".1\n";
  return "W.1.4k\nM.1.VCS\nB.1\n" + batch + batch;
}

}  // namespace

TEST_CASE("readers of one buffer overlap on two engines, writers take turns") {
  CHECK(last_finish(run_program(two_batches("r1-0"), 2)) == ms(4));
  CHECK(last_finish(run_program(two_batches("w1-0"), 2)) == ms(8));
}

TEST_CASE("a second writer still waits for the readers before the first, and a reader for all writers") {
  // Contexts 1 to 4; nothing ends before the last is submitted. Each line: what the batch depends on.
  const Recording recording = run_program(
      "W.1.4k\n"
      "1.RCS.1000.r1-0.0\n"   // nothing
      "2.BCS.1000.w1-0.0\n"   // the reader
      "3.VCS1.1000.w1-0.0\n"  // the reader, the writer
      "4.VCS2.1000.r1-0.0\n"  // both writers
      "1.RCS.1000.w1-0.1\n",  // both writers, the second reader; the own context's reader, which it then replaces
      1);
  std::vector<std::uint64_t> dependencies(5);
  for (const auto& event : recording.all<trace::drm_sched_job_add_dep>()) ++dependencies[event.job.value() - 1];
  CHECK(dependencies == std::vector<std::uint64_t>{0, 1, 2, 2, 4});
}

TEST_CASE("a dependency that has signalled is added like any other and waited for by nobody") {
  // The second batch depends on the first. It is submitted when that has ended, or while it runs.
  const auto component =
      GENERATE(scenario::Component::drm_sched, scenario::Component::drm_dep, scenario::Component::jobqueue);
  const bool ended = GENERATE(true, false);
  CAPTURE(component, ended);
  scenario::ScenarioSpec spec = ideal_scenario();
  spec.component = component;
  spec.costs.add_dependency = Cost{us(3), 0};
  spec.clients = {
      client("app", wsim_workload(ended ? "1.RCS.100.0.1\n2.VCS1.100.-1.1" : "1.RCS.100.0.0\n2.VCS1.100.-1.1", 1))};
  const Recording recording = run(spec);
  const auto dependencies = recording.all<trace::drm_sched_job_add_dep>();
  REQUIRE(dependencies.size() == 1);
  CHECK(dependencies[0].job == JobId{2});
  CHECK(recording.all<trace::drm_sched_job_unschedulable>().size() == (ended ? 0 : 1));
  // Its cost is charged either way: it shows where the host is what the job waits for.
  const std::vector<Job> jobs = recording.jobs();
  CHECK(jobs[1].start == SimTime{ended ? us(100 + 3 + 0) : us(100)});
}
