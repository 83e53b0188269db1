// SPDX-License-Identifier: MIT
// driver.timeout_clock = "in_stage": a job's time in the one stage that the driver adds to JobQueue B, as Tyr counts
// it.
#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/machine/outcome.h"

using namespace gpusim;
using test::Outcome;
using test::run_to_end;

namespace {

using Sets = std::vector<std::string>;
const Sets kTyr{"use.driver=tyr_like", "scheduler.timeout_ms=45"};

Outcome run_in_stage(const std::string& text, const Sets& more = {}) {
  Sets sets = kTyr;
  sets.insert(sets.end(), more.begin(), more.end());
  return run_to_end(text, "jobqueue", sets);
}

std::string deep_client(int depth, const std::string& more = "") {
  return test::loop_text(
      "deep", "work_ms = 10\ncycles = 40\nsync = false\nmax_in_flight = " + std::to_string(depth) + "\n" + more);
}

std::size_t jobs_that_ended_well(const Outcome& run, const std::string& client) {
  const std::vector<Errno>& errors = run.errors.at(client);
  return static_cast<std::size_t>(std::count(errors.begin(), errors.end(), Errno::ok));
}

}  // namespace

TEST_CASE(
    "stage timeout: jobs ahead of a job in its ring count against it, up to the depth that the timeout has room for",
    "[stage_timeout]") {
  for (const int depth : {1, 2, 3, 4, 5, 6, 8, 16}) {
    CAPTURE(depth);
    const Outcome run = run_in_stage(deep_client(depth));
    // Each has 10 ms, and the last of a full ring waits for `depth` times that.
    const bool fits = depth < 5;
    CHECK(run.count<trace::queue_banned>() == (fits ? 0U : 1U));
    CHECK(run.count<trace::job_timedout>() == (fits ? 0U : 1U));
    // The fifth of those that are handed over at first would end after 50 ms.
    CHECK(jobs_that_ended_well(run, "deep") == (fits ? 40U : 4U));
    const Outcome on_slot = run_in_stage(deep_client(depth), {"driver.timeout_clock=on_slot"});
    CHECK(jobs_that_ended_well(on_slot, "deep") == 40);
  }
}

TEST_CASE("stage timeout: a job's time is over so long after it was handed over, and it costs the whole queue",
          "[stage_timeout]") {
  const Outcome run = run_in_stage(deep_client(8), {"host.timer=exact"});
  const auto timed_out = run.recording.all<trace::job_timedout>();
  REQUIRE(timed_out.size() == 1);
  const auto handed_over = run.recording.all<trace::drm_sched_job_run>();
  const auto its = std::find_if(handed_over.begin(), handed_over.end(),
                                [&](const auto& event) { return event.job == timed_out[0].job; });
  REQUIRE(its != handed_over.end());
  const Picoseconds passed = timed_out[0].time - its->time;
  CHECK(passed >= ms(45));
  CHECK(passed < ms(45) + us(20));
  CHECK(run.verdicts() == std::vector{sched::TimeoutVerdict::no_hang});
  const std::vector<Errno>& errors = run.errors.at("deep");
  CHECK(std::count(errors.begin(), errors.end(), Errno::timedout) == 8);  // those in the ring
}

TEST_CASE("stage timeout: time off a slot that the host gives does not count, other jobs' slices do",
          "[stage_timeout]") {
  // Each has 30 ms to do and shares: 60 ms by the wall.
  const std::string two = test::loop_text("app", "clones = 2\nwork_ms = 30\ncycles = 3\n");
  const Outcome by_host = run_in_stage(two, {"device.firmware.policy=host_slots", "device.slots=1"});
  CHECK(by_host.count<trace::job_timedout>() == 0);
  CHECK(jobs_that_ended_well(by_host, "app") == 6);
  CHECK(by_host.recording.events.back().time > SimTime{ms(180)});
  const Outcome by_firmware = run_in_stage(two, {"device.quantum_us=1000"});
  CHECK(by_firmware.count<trace::queue_banned>() >= 1);
}

TEST_CASE("stage timeout: a lost interrupt is made good by the next look, and nobody is to blame", "[stage_timeout]") {
  const Outcome run = run_in_stage(test::loop_text("app", "work_ms = 1\ncycles = 3\n"),
                                   {"fault.lost_interrupt=1", "scheduler.timeout_ms=5"});
  CHECK(jobs_that_ended_well(run, "app") == 3);
  CHECK(run.count<trace::job_timedout>() == 0);
}

TEST_CASE("stage timeout: without a timeout there is no stage", "[stage_timeout]") {
  const Outcome run = run_in_stage(deep_client(8), {"scheduler.timeout_ms=0"});
  CHECK(jobs_that_ended_well(run, "deep") == 40);
}

TEST_CASE("stage timeout: a device reset does not count, and who has not had the engine is not to blame",
          "[stage_timeout]") {
  const std::string text = test::loop_text("hit", "work_ms = 40\ncycles = 1\n") +
                           test::loop_text("waits", "start_us = 1100\nwork_ms = 5\ncycles = 3\n");
  const std::string policy = GENERATE("round_robin", "host_slots");
  CAPTURE(policy);
  const Outcome run = run_in_stage(text, {"device.firmware.policy=" + policy, "device.slots=2", "device.quantum_ms=0",
                                          "device.reset_ms=100", "fault.reset_ms=30", "scheduler.timeout_ms=60"});
  CHECK(run.count<trace::device_reset_begin>() == 1);
  CHECK(jobs_that_ended_well(run, "waits") == 3);
  CHECK(run.count<trace::job_timedout>() == 0);
}
