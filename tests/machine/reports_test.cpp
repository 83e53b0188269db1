// SPDX-License-Identifier: MIT
// What users of real drivers have reported, as scenarios: hangs, lost messages, processes that go away. Each with what
// is right for jobs and queues, with either component.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "base/errno.h"
#include "firmware/abi/messages.h"
#include "tests/support/catch.h"
#include "tests/support/machine/outcome.h"

using namespace gpusim;
using test::bans;
using test::client_text;
using test::Outcome;
using test::run_to_end;

namespace {

using Errors = std::vector<Errno>;
using Sets = std::vector<std::string>;

std::size_t count(const Errors& errors, Errno error) {
  return static_cast<std::size_t>(std::count(errors.begin(), errors.end(), error));
}

Errors errors_of(const test::Recording& recording) {
  Errors errors;
  for (const auto& event : recording.all<trace::dma_fence_signaled>()) {
    if (event.job != JobId{}) errors.push_back(event.error);
  }
  return errors;
}

std::size_t sent(const Outcome& outcome, abi::Action action) {
  const auto all = outcome.recording.all<trace::message_send>();
  return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const auto& message) {
    return message.action.template as<abi::Action>() == action;
  }));
}

}  // namespace

TEST_CASE("a process that goes away with jobs behind a hung one: one -ETIME, the rest -ECANCELED, others unharmed",
          "[reports]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  CAPTURE(component);
  const std::string text =
      client_text("victim", "churn",
                  "engine = \"rcs\"\nwork_us = 1000\njobs_per_cycle = 20\ncycles = 3\nhold_us = 4000\nsync = false\n") +
      client_text("other", "loop", "engine = \"rcs\"\nstart_ms = 5\nwork_us = 500\ncycles = 20\n");
  const Outcome outcome = run_to_end(text, component, {"scheduler.timeout_ms=200", "fault.hung_job=2"});
  const Errors& victim = outcome.errors.at("victim");
  CHECK(victim.size() == 60);
  CHECK(count(victim, Errno::ok) == 41);
  CHECK(count(victim, Errno::time) == 1);
  CHECK(count(victim, Errno::canceled) == 18);
  CHECK(outcome.errors.at("other") == Errors(20, Errno::ok));
  CHECK(outcome.count<trace::queue_banned>() == 1);
}

TEST_CASE("kernels longer than the timeout are guilty at the second look, and small jobs go on beside and after",
          "[reports]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  const std::string driver = GENERATE("default", "xe_like");
  CAPTURE(component, driver);
  const std::string text =
      client_text("long", "churn", "engine = \"rcs\"\nwork_us = 2_000_000\ncycles = 2\n") +
      client_text("desktop", "loop", "engine = \"rcs\"\nwork_us = 2000\ncycles = 150\nwait_us = 14000\n") +
      client_text("after", "loop", "engine = \"rcs\"\nstart_us = 1_400_000\nwork_us = 1000\ncycles = 10\n");
  const Outcome outcome = run_to_end(text, component, {"scheduler.timeout_ms=500", "use.driver=" + driver});
  CHECK(outcome.errors.at("long") == Errors(2, Errno::time));
  CHECK(outcome.errors.at("desktop") == Errors(150, Errno::ok));
  CHECK(outcome.errors.at("after") == Errors(10, Errno::ok));
  // 500 ms are 504 on the timer wheel. The desktop takes an eighth of them, so the kernel has not had its 500 ms at the
  // first look.
  const std::vector<SimTime> banned = bans(outcome.recording);
  REQUIRE(banned.size() == 2);
  CHECK((banned[0] > SimTime{ms(1008)} && banned[0] < SimTime{ms(1009)}));
  CHECK((banned[1] > SimTime{ms(2016)} && banned[1] < SimTime{ms(2017)}));
}

TEST_CASE("64 jobs at a time into a ring of four: credits keep it from being full, also around a reset or a hang",
          "[reports]") {
  scenario::ScenarioSpec spec = test::ideal_scenario();
  spec.component = GENERATE(scenario::Component::drm_dep, scenario::Component::drm_sched);
  CAPTURE(spec.component);
  spec.driver.ring_entries = 4;
  spec.driver.credit_limit = 4;
  workload::LoopSpec flood;
  flood.placement = {abi::EngineClass::render, -1};
  flood.work = {us(200), us(200)};
  flood.jobs_per_cycle = 64;
  flood.cycles = 4;
  flood.sync = false;
  spec.clients = {test::client("flood", flood)};
  spec.clients[0].start = us(10);
  const auto errors = [&] {
    const test::Recording recording = test::run(spec);
    CHECK(recording.result.outcome == system::Outcome::finished);
    CHECK(recording.all<trace::ring_full>().empty());
    return errors_of(recording);
  };
  // Those in the ring are cancelled, and so are all others by drm_dep. drm_sched hands them over to a driver that does
  // nothing with them, and each comes to a timeout of its own, as in xe.
  const Errno rest = spec.component == scenario::Component::drm_dep ? Errno::canceled : Errno::time;
  const auto good_until = [rest](std::size_t good, Errno bad) {
    Errors all(good, Errno::ok);
    all.push_back(bad);
    all.resize(good + 4, Errno::canceled);
    all.resize(256, rest);
    return all;
  };
  CHECK(errors() == Errors(256, Errno::ok));
  spec.fault.reset = us(5'100);  // (5100 - 10) / 200 = 25.45
  CHECK(errors() == good_until(25, Errno::io));
  spec.fault = {};
  spec.fault.hung_job = 3;
  spec.job_timeout = ms(500);
  spec.device.descriptor.preempt_timeout_ps = static_cast<std::uint64_t>(ms(640).count());
  CHECK(errors() == good_until(2, Errno::time));
}

TEST_CASE("a message that the firmware takes and forgets costs no job: its queue is enabled again, or the device reset",
          "[reports]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  const std::string driver = GENERATE("default", "xe_like");
  const std::string message = GENERATE("1", "3", "4", "5");
  CAPTURE(component, driver, message);
  const Outcome outcome = run_to_end(
      client_text("rank0", "loop", "engine = \"ccs\"\nwork_us = 500\ncycles = 4\n"), component,
      {"use.device=xe_guc", "use.driver=" + driver, "scheduler.timeout_ms=100", "fault.dropped_message=" + message});
  CHECK(outcome.errors.at("rank0") == Errors(4, Errno::ok));
  CHECK(outcome.count<trace::job_timedout>() == 1);
  CHECK(outcome.count<trace::device_reset_begin>() == (driver == "xe_like" ? 1 : 0));
}

TEST_CASE("three endless batches that cannot be preempted: each is found in its turn, by a reset of its own",
          "[reports]") {
  scenario::ScenarioSpec spec = test::ideal_scenario();
  spec.component = GENERATE(scenario::Component::drm_dep, scenario::Component::drm_sched);
  spec.driver.reset_limit = GENERATE(0U, 2U);
  const Picoseconds start = GENERATE(Picoseconds{0}, us(10));
  CAPTURE(spec.component, spec.driver.reset_limit, start.count());
  spec.job_timeout = ms(100);
  spec.driver.answer_timeout = ms(1'000);
  spec.clients = {test::client("hang", test::wsim_workload("X.1.0\n1.RCS.*.0.1\n", 1), 3)};
  spec.clients[0].start = start;
  const test::Recording recording = test::run(spec);
  // 100 ms of run time, 1 s without an answer, 5 ms until the driver looks whether the reset is done.
  CHECK(bans(recording) ==
        std::vector<SimTime>{SimTime{start + ms(1'105)}, SimTime{start + ms(2'210)}, SimTime{start + ms(3'315)}});
  CHECK(recording.all<trace::device_reset_begin>().size() == 3);
  CHECK(errors_of(recording) == Errors(3, Errno::time));
}

TEST_CASE("jobs that are submitted while their queue is being registered: none is lost, and each sends a message",
          "[reports]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  CAPTURE(component);
  const Outcome outcome =
      run_to_end(client_text("c", "loop", "engine = \"rcs\"\nwork_us = 50\njobs_per_cycle = 8\ncycles = 1\n"),
                 component, {"use.device=xe_guc"});
  CHECK(outcome.errors.at("c") == Errors(8, Errno::ok));
  // xe 7.3 tests ENABLED, not PENDING_ENABLE: a MODE_SET for the first job and a SCHED_CONTEXT for each of the others.
  // Here a registration enables, and the first one sends as the others do.
  CHECK(sent(outcome, abi::Action::register_queue) == 1);
  CHECK(sent(outcome, abi::Action::schedule) == 8);
  CHECK(sent(outcome, abi::Action::disable_queue) == 1);
  CHECK(sent(outcome, abi::Action::deregister_queue) == 1);
}

TEST_CASE("panthor: a process that goes away while its kernel spins leaves the engine to others, without a job timeout",
          "[reports]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  CAPTURE(component);
  const std::string text =
      client_text("compute", "churn", "engine = \"rcs\"\nwork_us = 1000\ncycles = 1\nhold_us = 2000\nsync = false\n") +
      client_text("other", "loop", "engine = \"rcs\"\nstart_us = 20000\nwork_us = 1000\ncycles = 5\n");
  const Outcome outcome =
      run_to_end(text, component, {"use.driver=panthor_like", "scheduler.timeout_ms=0", "fault.hung_job=1"});
  CHECK(outcome.errors.at("compute") == Errors{Errno::canceled});
  CHECK(outcome.errors.at("other") == Errors(5, Errno::ok));
  CHECK(outcome.recording.result.end < SimTime{ms(26)});
}
