// SPDX-License-Identifier: MIT
// Values of devices, drivers and faults that are allowed and extreme: each gives a run that ends as it should.
#include <algorithm>
#include <string>
#include <vector>

#include "sim/scenario/loader.h"
#include "sim/system/simulation.h"
#include "tests/support/catch.h"
#include "tests/support/machine/finding.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;

namespace {

using Sets = std::vector<std::string>;

scenario::ScenarioSpec loaded(const std::string& client, const Sets& sets) {
  const auto result = scenario::load_scenario_text("[[client]]\nname = \"c\"\n" + client, "x.toml", {.sets = sets});
  for (const scenario::Problem& problem : result.problems) FAIL(problem.to_string());
  return *result.spec;
}

std::string churn(const std::string& more) { return "workload = \"churn\"\nengine = \"rcs\"\n" + more; }

Picoseconds charged(const scenario::ScenarioSpec& spec, std::size_t parameter) {
  system::Simulation simulation{spec};
  static_cast<void>(simulation.run());
  const auto& totals = simulation.machine().ledger().totals();
  return parameter < totals.size() ? totals[parameter] : Picoseconds{0};
}

}  // namespace

TEST_CASE("a slow job may take longer than any run, which then ends after 53 days", "[extremes]") {
  // 2,600 hours are 108 days, and more than 64 bits of picoseconds hold; 10^6 hours go round several times.
  for (const char* work : {"work_ms = 3_600_000", "work_ms = 10_000"}) {
    for (const char* factor : {"2_600", "9_999", "1_000_000"}) {
      CAPTURE(work, factor);
      if (std::string{work} == "work_ms = 10_000" && std::string{factor} != "1_000_000") continue;  // 7 and 27 hours
      scenario::ScenarioSpec spec =
          loaded(std::string{"workload = \"loop\"\n"} + work,
                 {"scheduler.timeout_ms=0", "fault.slow_job=1", std::string{"fault.slow_factor="} + factor});
      const test::Recording recording = test::run(spec);
      CHECK(recording.result.outcome == system::Outcome::stopped);
      CHECK(recording.result.end == kEndOfTime);
      CHECK(recording.of_kind(trace::EventKind::job_end).empty());
    }
  }
}

TEST_CASE("a queue that was closed with a job that never ends is a stall, and the report names both", "[extremes]") {
  const std::string component = GENERATE("drm_dep", "drm_sched", "jobqueue");
  // The first message registers the queue, and makes the firmware look at its ring: a lost doorbell would do no harm.
  const std::string fault = GENERATE("hung_job", "lost_interrupt", "dropped_message");
  CAPTURE(component, fault);
  const test::Finding finding =
      test::find_in(loaded(churn("work_us = 100\nsync = false\n"),
                           {"scheduler.component=" + component, "scheduler.timeout_ms=0", "fault." + fault + "=1"}));
  CHECK(finding.oracle.empty());
  CHECK(finding.outcome == system::Outcome::stalled);
  CHECK(finding.text.find(".q0 is closed, and job ") != std::string::npos);
  CHECK(finding.text.find(" was handed to the device and has not completed") != std::string::npos);
}

TEST_CASE("timeout_stuck belongs to the clock on_engine: with another one it changes nothing", "[extremes]") {
  const std::string component = GENERATE("drm_dep", "drm_sched", "jobqueue");
  const std::string clock = GENERATE("wall", "on_slot");
  const std::string timeout = GENERATE("10", "150", "5000");
  CAPTURE(component, clock, timeout);
  Sets sets{"scheduler.component=" + component, "driver.timeout_clock=" + clock, "scheduler.timeout_ms=" + timeout};
  const std::string six = "workload = \"loop\"\nengine = \"rcs\"\nwork_ms = 200\nclones = 6\n";
  const test::Recording without = test::run(loaded(six, sets));
  sets.emplace_back("driver.timeout_stuck=true");
  const scenario::ScenarioSpec spec = loaded(six, sets);
  CHECK(spec.notices ==
        std::vector<std::string>{
            "driver.timeout_stuck has no effect: driver.timeout_clock is not on_engine, scheduler.timeout is 0, or "
            "driver.rings is shared"});
  CHECK(test::run(spec).hash == without.hash);
}

TEST_CASE("a queue's memory goes only when the device's writes to it have arrived, however long they take",
          "[extremes]") {
  const std::string component = GENERATE("drm_dep", "drm_sched", "jobqueue");
  const std::string latency = GENERATE("800", "2_100", "7_600", "17_000", "78_000");  // ms
  const std::string timeout = GENERATE("0", "1000", "5000");
  CAPTURE(component, latency, timeout);
  const std::string text =
      churn("work_us = 37_000\ncycles = 2\nclones = 2\njobs_per_cycle = 2\n") +
      "[[client]]\nname = \"other\"\nworkload = \"poisson\"\nengine = \"rcs\"\nwork_us = 1000\nmean_interval_us = 1\n";
  const test::Finding finding =
      test::find_in(loaded(text, {"scheduler.component=" + component, "scheduler.timeout_ms=" + timeout,
                                  "device.link.dma_write_latency_ms=" + latency}));
  CAPTURE(finding.text);
  CHECK(finding.oracle.empty());
  CHECK(finding.outcome == system::Outcome::finished);
}

TEST_CASE("work is charged as it is executed, however often it is interrupted", "[extremes]") {
  // "low" has 100 ms and makes way 100 times for 500 us of "high".
  const std::string high =
      "workload = \"loop\"\nengine = \"rcs\"\npriority = 0\nwork_us = 500\nwait_us = 500\ncycles = 100\n";
  const std::string low =
      "[[client]]\nname = \"low\"\nworkload = \"loop\"\nengine = \"rcs\"\npriority = 3\nwork_ms = 100\n";
  CHECK(charged(loaded(high + low, {}), 0) == ms(150));
  // 12 ms, of which a timeout of 10 ms lets some be executed: the job is alone, and hung jobs are not charged.
  scenario::ScenarioSpec spec = loaded("workload = \"loop\"\nengine = \"rcs\"\nwork_ms = 30\n",
                                       {"scheduler.timeout_ms=10", "driver.timeout_clock=wall"});
  const Picoseconds cut = charged(spec, 0);
  CHECK(cut >= ms(9));
  CHECK(cut <= ms(12));
}

TEST_CASE("a sender that waits for room is not overtaken: thousands of clients that begin together need no reset",
          "[extremes]") {
  // 3,000 registrations and, at the end, two requests each, through a buffer of 1,024 dwords.
  const scenario::ScenarioSpec spec = loaded(
      "workload = \"loop\"\nwork_us = 10\n"
      "clones = 3000\n",
      {});
  const test::Recording recording = test::run(spec);
  CHECK(recording.result.outcome == system::Outcome::finished);
  CHECK_FALSE(recording.of_kind(trace::EventKind::message_back_off).empty());
  CHECK(recording.of_kind(trace::EventKind::message_abandoned).empty());
  CHECK(recording.of_kind(trace::EventKind::device_reset_begin).empty());
}
