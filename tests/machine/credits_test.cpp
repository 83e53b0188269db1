// SPDX-License-Identifier: MIT
// Jobs of several credits: what a head that lacks some holds up, and what becomes of one that could never have enough.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/machine/outcome.h"

using namespace gpusim;
using test::loop_text;
using test::Outcome;
using test::run_to_end;

namespace {

/// 500 us each: "light" is on the engine, then "heavy" with two credits comes, then "late" with one.
const std::string kThreeOfTwoCredits = loop_text("light", "work_us = 500\n") +
                                       loop_text("heavy", "work_us = 500\nstart_us = 100\ncredits = 2\n") +
                                       loop_text("late", "work_us = 500\nstart_us = 200\n");

/// When the component handed the client's only job to the driver.
SimTime handed_over(const Outcome& outcome, const std::string& client) {
  for (const auto& event : outcome.recording.all<trace::drm_sched_job_run>()) {
    const std::uint64_t job = event.job.value();
    for (const test::Job& each : outcome.recording.jobs()) {
      if (each.id == job && each.queue_name.starts_with(client + ".")) return event.time;
    }
  }
  FAIL(client);
  return {};
}

}  // namespace

TEST_CASE("credits: a head that lacks some ends the look for all entities of its scheduler, and nobody else's",
          "[credits]") {
  const std::vector<std::string> sets{"driver.credit_limit=2", "scheduler.policy=fifo"};
  const Outcome shared = run_to_end("use = { driver = \"amdgpu_ring\" }\n" + kThreeOfTwoCredits, "drm_sched", sets);
  CHECK(handed_over(shared, "heavy") > SimTime{us(500)});  // the credit of "light" comes back first
  CHECK(handed_over(shared, "late") > SimTime{us(1000)});  // though there is one all the time
  const Outcome own = run_to_end(kThreeOfTwoCredits, "drm_sched", {"driver.credit_limit=2"});
  CHECK(handed_over(own, "heavy") < SimTime{us(200)});
  CHECK(handed_over(own, "late") < SimTime{us(300)});
}

TEST_CASE(
    "credits: a job above the limit is cut down to it by drm_sched, refused by drm_dep if it may and by the counter",
    "[credits]") {
  const std::string jobs = loop_text("app", "work_us = 100\njobs_per_cycle = 3\ncredits = 9\n");
  const std::string limit = "driver.credit_limit=4";
  for (const std::string component : {"drm_sched", "drm_dep"}) {
    const Outcome cut = run_to_end(jobs, component, {limit});
    CHECK(cut.errors.at("app") == std::vector(3, Errno::ok));
    for (const auto& event : cut.recording.all<trace::credit_returned>()) CHECK(event.credits == 4);
  }
  const std::vector<std::vector<std::string>> refusing{
      {"drm_dep", "scheduler.oversize_rejected=true"},
      {"jobqueue", "scheduler.jobqueue=counter", "driver.kill_way=terminate"}};
  for (std::vector<std::string> sets : refusing) {
    const std::string component = sets.front();
    sets.front() = limit;
    const Outcome refused = run_to_end(jobs, component, sets);
    CHECK(refused.jobs() == 0);
    CHECK(refused.recording.all<trace::client_finish>().at(0).error == Errno::inval);
  }
}

TEST_CASE("credits: all that jobs have taken is within the limit, and the pipeline JobQueue asks for none",
          "[credits]") {
  const std::string jobs = loop_text("app", "work_us = [10, 50]\njobs_per_cycle = 6\ncycles = 10\ncredits = 3\n");
  std::uint64_t most = 0;
  for (const auto& event :
       run_to_end(jobs, "drm_dep", {"driver.credit_limit=8"}).recording.all<trace::credit_returned>()) {
    most = std::max(most, event.in_flight + event.credits);
  }
  CHECK(most == 6);  // two jobs of three credits
  CHECK(run_to_end(jobs, "jobqueue").count<trace::credit_returned>() == 60);
}

TEST_CASE("credits: the pipeline JobQueue has none: a job is an entry of the ring", "[credits]") {
  const std::string jobs = loop_text("app", "work_us = 100\njobs_per_cycle = 6\ncredits = 65\n");
  const Outcome run = run_to_end(jobs, "jobqueue", {"driver.ring_entries=4"});
  CHECK(run.errors.at("app") == std::vector(6, Errno::ok));
  for (const auto& event : run.recording.all<trace::credit_returned>()) CHECK(event.credits == 1);
}
