// SPDX-License-Identifier: MIT
// Clients that give up before their workload is through: what they never submitted is told.
#include <string>
#include <vector>

#include "base/errno.h"
#include "sim/system/simulation.h"
#include "tests/support/catch.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;

namespace {

using Notices = std::vector<std::string>;

constexpr workload::Work kMillisecond{ms(1), ms(1)};

Notices notices_at_end(const scenario::ScenarioSpec& spec) {
  system::Simulation simulation{spec};
  const system::RunResult result = simulation.run();
  CHECK(result.outcome == system::Outcome::finished);
  return simulation.info(result).notices;
}

workload::LoopSpec loop(std::uint64_t cycles) {
  workload::LoopSpec spec;
  spec.work = kMillisecond;
  spec.cycles = cycles;
  return spec;
}

}  // namespace

TEST_CASE("a client whose device is pulled leaves the rest of its work, whatever kind it is of", "[early_end]") {
  // On the ideal machine cycles of one job take 1 ms, frames and rounds 3 ms. At 3.5 ms the fourth of those and the
  // second of these are submitted; all that follow are not.
  workload::PipelineSpec pipeline;
  pipeline.upload = pipeline.kernel = pipeline.readback = kMillisecond;
  pipeline.frames = 10;
  pipeline.frames_in_flight = 1;
  workload::FanSpec fan;
  fan.source = fan.branch = fan.sink = kMillisecond;
  fan.width = 1;
  fan.rounds = 10;
  workload::ChurnSpec churn;
  churn.work = kMillisecond;
  churn.cycles = 10;
  const workload::WsimSpec wsim = test::wsim_workload("1.RCS.1000.0.1", 10);
  const std::vector<std::pair<workload::WorkloadSpec, std::string>> kinds{
      {loop(10), "6 of 10 cycles"}, {pipeline, "8 of 10 frames"}, {fan, "8 of 10 rounds"},
      {churn, "6 of 10 cycles"},    {wsim, "6 of 10 repeats"},
  };
  for (const auto& [workload, left] : kinds) {
    CAPTURE(left);
    scenario::ScenarioSpec spec = test::ideal_scenario();
    spec.clients = {test::client("app", workload)};
    CHECK(notices_at_end(spec).empty());
    spec.fault.unplug = us(3'500);
    CHECK(notices_at_end(spec) == Notices{"client app gave up after -ENODEV: " + left + " not submitted"});
  }
}

TEST_CASE("a Poisson client that gives up leaves the jobs that have not arrived", "[early_end]") {
  workload::PoissonSpec poisson;
  poisson.work = {us(1), us(1)};
  poisson.mean_interval = ms(1);
  poisson.jobs = 10;
  scenario::ScenarioSpec spec = test::ideal_scenario();
  spec.clients = {test::client("app", poisson)};
  const test::Recording whole = test::run(spec);
  const std::vector<test::Job> jobs = whole.jobs();
  REQUIRE(jobs.size() == 10);
  spec.fault.unplug = (jobs[3].submitted - SimTime{}) + us(10);
  REQUIRE(jobs[4].submitted > SimTime{spec.fault.unplug});
  CHECK(notices_at_end(spec) == Notices{"client app gave up after -ENODEV: 6 of 10 jobs not submitted"});
}

TEST_CASE("a client whose queue is banned leaves the rest of its work", "[early_end]") {
  const auto component =
      GENERATE(scenario::Component::drm_dep, scenario::Component::drm_sched, scenario::Component::jobqueue);
  scenario::ScenarioSpec spec = test::ideal_scenario();
  spec.component = component;
  spec.job_timeout = ms(20);
  spec.fault.hung_job = 3;
  spec.clients = {test::client("app", loop(5))};
  // The third job is guilty; the exec of the fourth fails.
  CHECK(notices_at_end(spec) == Notices{"client app gave up after -ECANCELED: 2 of 5 cycles not submitted"});
}

TEST_CASE("clones that give up are added up, and of many clients some lines are enough", "[early_end]") {
  scenario::ScenarioSpec spec = test::ideal_scenario();
  spec.fault.unplug = us(3'500);
  spec.clients = {test::client("app", loop(10), 2)};
  // They take turns: at 3.5 ms one has submitted three, the other two.
  CHECK(notices_at_end(spec) == Notices{"2 of 2 clients app gave up after -ENODEV: 15 of 20 cycles not submitted"});
  spec.clients.clear();
  for (const char* name : {"a", "b", "c", "d", "e", "f", "g"}) spec.clients.push_back(test::client(name, loop(10), 3));
  const Notices lines = notices_at_end(spec);
  REQUIRE(lines.size() == 6);
  CHECK(lines.back() == "6 more clients gave up and left work that was not submitted");
}

TEST_CASE("execs that the driver refuses for now are counted: latencies do not show them", "[early_end]") {
  scenario::ScenarioSpec spec = test::ideal_scenario();
  spec.component = GENERATE(scenario::Component::drm_dep, scenario::Component::drm_sched);
  CAPTURE(spec.component);
  spec.driver.max_jobs = 1;
  spec.driver.exec = Cost{us(100), 0};
  workload::LoopSpec two = loop(1);
  two.jobs_per_cycle = 2;
  spec.clients = {test::client("app", two, 2), test::client("other", loop(1))};
  // One job a queue: while the first is at work, for 1 ms each of three in turn, a try of the second takes 100 us.
  system::Simulation simulation{spec};
  const system::RunResult result = simulation.run();
  std::uint64_t refused = 0;
  for (const trace::ClientStatistics& client : simulation.statistics().clients()) refused += client.execs_refused;
  CHECK(simulation.statistics().clients().at(0).execs_refused > 5);
  CHECK(simulation.statistics().clients().at(2).execs_refused == 0);
  CHECK(simulation.info(result).notices ==
        Notices{"execs of client app gave -EAGAIN and were made again: " + std::to_string(refused) +
                " times; latencies count from the exec that was taken"});
}
