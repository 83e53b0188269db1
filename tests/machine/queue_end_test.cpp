// SPDX-License-Identifier: MIT
// How queues end: closed with jobs in flight, terminated, banned beside others; and what the driver's interface says.
#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "base/errno.h"
#include "firmware/abi/messages.h"
#include "scheduler/submission.h"
#include "tests/support/catch.h"
#include "tests/support/machine/outcome.h"

using namespace gpusim;
using sched::TimeoutVerdict;
using test::Outcome;
using test::run_to_end;

namespace {

using Errors = std::vector<Errno>;

}  // namespace

// --- a queue's end ---------------------------------------------------------------------------------------------------

TEST_CASE("a close with jobs in flight ends them in the driver's way", "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched", "jobqueue");
  CAPTURE(component);
  // Three queues, each closed while its four jobs of 1 ms are in flight, and the first of them runs.
  const std::string text =
      "[[client]]\nname = \"app\"\nworkload = \"churn\"\nengine = \"rcs\"\nwork_us = 1000\njobs_per_cycle = 4\n"
      "cycles = 3\nsync = false\nhold_us = 200\n";
  for (const char* driver : {"default", "amdgpu_like"}) {
    CAPTURE(driver);
    CHECK(run_to_end(text, component, {std::string{"use.driver="} + driver}).failed() == 0);
  }
  for (const char* driver : {"xe_like", "panthor_like"}) {
    CAPTURE(driver);
    // A pipeline's jobs on the hardware would have 5 s to end by themselves, and would.
    std::vector<std::string> sets{std::string{"use.driver="} + driver};
    if (component == "jobqueue") sets.emplace_back("scheduler.cancel_timeout_ms=0");
    const Outcome outcome = run_to_end(text, component, sets);
    CHECK(outcome.jobs() == 12);
    // xe's err is -ETIME for the job that the timeout is about, and -ECANCELED for those behind it.
    Errors errors(12, Errno::canceled);
    if (std::string{driver} == "xe_like") errors[0] = errors[4] = errors[8] = Errno::time;
    CHECK(outcome.errors.at("app") == errors);
    // Both throw away what runs.
    CHECK(outcome.count<trace::engine_reset>() == 3);
    CHECK(outcome.recording.result.end < SimTime{ms(5)});
    // Closed at once: nothing of the queue may have come to the hardware.
    sets.emplace_back("client.hold_us=0");
    CHECK(run_to_end(text, component, sets).failed() == 12);
  }
}

namespace {
const std::string kHungAndTwoBehind =
    "[fault]\nhung_job = 1\n[[client]]\nname = \"app\"\nworkload = \"loop\"\nengine = \"rcs\"\nwork_us = 100\n"
    "jobs_per_cycle = 3\ncycles = 1\n";
}  // namespace

TEST_CASE("panthor: all jobs of a group that timed out fail alike, at once, and nobody else's", "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched", "jobqueue");
  CAPTURE(component);
  // A hung job and two behind it; a client on another engine. The firmware would wait for 640 ms for the hung one to
  // let itself be preempted; panthor's 100 ms for an answer would end sooner, with a device reset.
  const std::string text =
      kHungAndTwoBehind +
      "[[client]]\nname = \"video\"\nworkload = \"loop\"\nengine = \"vcs\"\nwork_ms = 20\ncycles = 300\n"
      "start_ms = 1\n";
  const Outcome outcome = run_to_end(text, component, {"use.driver=panthor_like"});
  CHECK(outcome.errors.at("app") == Errors(3, Errno::timedout));
  CHECK(outcome.errors.at("video") == Errors(300, Errno::ok));
  CHECK(outcome.count<trace::device_reset_begin>() == 0);
  CHECK(outcome.count<trace::job_timedout>() == 1);
  CHECK(outcome.verdicts() == std::vector{TimeoutVerdict::reset});
  // drm_sched_start() does not wait for the hardware to let go of the group.
  const SimTime called = outcome.recording.all<trace::job_timedout>().at(0).time;
  const SimTime banned = outcome.recording.all<trace::queue_banned>().at(0).time;
  CHECK(banned > called);
  CHECK(banned < called + ms(2));
}

TEST_CASE("panthor: an engine that is reset under a queue is a fault of all its jobs, without a timeout",
          "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched", "jobqueue");
  CAPTURE(component);
  // Job 1 hangs; the other client's turn comes, and the firmware resets the engine after 20 ms.
  const std::string text =
      kHungAndTwoBehind +
      "[[client]]\nname = \"other\"\nworkload = \"loop\"\nengine = \"rcs\"\nwork_us = 100\ncycles = 4\nstart_ms = 1\n";
  const Outcome outcome = run_to_end(text, component, {"use.driver=panthor_like", "device.preempt_timeout_ms=20"});
  CHECK(outcome.errors.at("app") == Errors(3, Errno::inval));
  CHECK(outcome.errors.at("other") == Errors(4, Errno::ok));
  CHECK(outcome.count<trace::job_timedout>() == 0);
}

TEST_CASE("an exec on a banned queue returns what the driver's ioctl returns", "[recovery]") {
  const auto [driver, error] = GENERATE(table<std::string, Errno>({{"default", Errno::canceled},
                                                                   {"xe_like", Errno::canceled},
                                                                   {"panthor_like", Errno::inval},
                                                                   {"amdgpu_like", Errno::canceled}}));
  CAPTURE(driver);
  const std::string text =
      "[fault]\nhung_job = 1\n[[client]]\nname = \"app\"\nworkload = \"loop\"\nengine = \"rcs\"\nwork_us = 100\n"
      "cycles = 5\n";
  const Outcome outcome = run_to_end(text, "drm_sched", {"use.driver=" + driver});
  const auto finish = outcome.recording.all<trace::client_finish>();
  REQUIRE(finish.size() == 1);
  CHECK(finish[0].error == error);
}

TEST_CASE("a queue takes so many jobs, then exec gives -EAGAIN, and the client tries again", "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched", "jobqueue");
  CAPTURE(component);
  const std::string text =
      "[driver]\nmax_jobs = 5\n[[client]]\nname = \"app\"\nworkload = \"loop\"\nengine = \"rcs\"\nwork_us = 10\n"
      "jobs_per_cycle = 20\ncycles = 1\n";
  const Outcome outcome = run_to_end(text, component);
  CHECK(outcome.errors.at("app") == Errors(20, Errno::ok));
  std::size_t again = 0;
  std::size_t taken = 0;
  for (const auto& event : outcome.recording.all<trace::exec_end>()) {
    if (event.error == Errno::again) ++again;
    if (event.error == Errno::ok) ++taken;
    if (taken == 5 && again == 0) CHECK(event.error == Errno::ok);  // the fifth is taken, the sixth is not
  }
  CHECK(taken == 20);
  CHECK(again > 0);
  CHECK(run_to_end(text, component, {"driver.max_jobs=0"}).count<trace::exec_end>() == 20);
}

// --- a reset that others asked for -----------------------------------------------------------------------------------

TEST_CASE("xe: who times out while a reset is pending that another asked for stays banned", "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched", "jobqueue");
  const int waiting = GENERATE(2, 3, 6);
  CAPTURE(component, waiting);
  // Queues of a lower level never get the engine, and time out together: the first one asks for the reset, and is
  // acquitted; the others find submission stopped, which counts as a miss, and their ban stands.
  const std::string text =
      "[scheduler]\ntimeout_ms = 200\n[[client]]\nname = \"front\"\nworkload = \"loop\"\nengine = \"rcs\"\nwork_ms = "
      "10\n"
      "jobs_per_cycle = 30\ncycles = 1\npriority = 0\n[[client]]\nname = \"w\"\nworkload = \"loop\"\nengine = \"rcs\"\n"
      "work_us = 100\ncycles = 1\npriority = 2\nclones = " +
      std::to_string(waiting) + "\n";
  const Outcome outcome = run_to_end(text, component, {"use.driver=xe_like"});
  const Errors& errors = outcome.errors.at("w");
  const auto good = std::count(errors.begin(), errors.end(), Errno::ok);
  CHECK(good + std::count(errors.begin(), errors.end(), Errno::time) == waiting);
  // drm_dep's timeouts do not wait for each other.
  if (component == "drm_sched") CHECK(good == 1);
  CHECK(outcome.count<trace::device_reset_begin>() >= 1);
  const Outcome ours = run_to_end(text, component, {"use.driver=default"});
  CHECK(ours.failed() == 0);
}

TEST_CASE("after a device reset only queues with jobs are registered, the others with their next job", "[recovery]") {
  const int idle = GENERATE(0, 50, 200);
  CAPTURE(idle);
  std::string text =
      "[fault]\nreset_us = 50_000\n[[client]]\nname = \"app\"\nworkload = \"loop\"\nengine = \"vcs\"\nwork_ms = 1\n"
      "cycles = 80\n";
  if (idle > 0) {
    text +=
        "[[client]]\nname = \"idle\"\nworkload = \"wsim\"\n"
        "program = \"1.RCS.1.0.1,d.200000,1.RCS.1.0.1\"\nclones = " +
        std::to_string(idle) + "\n";
  }
  const Outcome outcome = run_to_end(text, "drm_sched", {"use.driver=xe_like"});
  const SimTime end = outcome.recording.all<trace::device_reset_end>().at(0).time;
  std::size_t soon = 0;
  std::size_t all = 0;
  for (const auto& event : outcome.recording.all<trace::message_send>()) {
    if (event.action.as<std::uint32_t>() != 1) continue;  // register_queue
    ++all;
    if (event.time > end - ms(1) && event.time < end + ms(100)) ++soon;
  }
  CHECK(soon <= 1);
  CHECK(all >= 2 * static_cast<std::size_t>(idle));
}

// --- what the firmware says by itself --------------------------------------------------------------------------------

TEST_CASE("that an engine was reset the driver hears where it may take the scheduler's locks", "[recovery]") {
  // The second job of the low client hangs and does not give way to the high one, so that the firmware resets its
  // engine after 50 ms. drm_sched_tdr_queue_imm() takes the job_list_lock, which others hold with interrupts on.
  const std::string driver = GENERATE("default", "xe_like", "panthor_like", "amdgpu_like");
  const std::string component = GENERATE("drm_dep", "drm_sched", "jobqueue");
  CAPTURE(driver, component);
  const Outcome outcome = run_to_end(R"(
[device]
preempt_timeout_ms = 50
[fault]
hung_job = 2
[[client]]
name = "low"
workload = "loop"
engine = "rcs"
work_us = 3000
jobs_per_cycle = 6
priority = 2
[[client]]
name = "high"
workload = "loop"
engine = "rcs"
start_us = 5000
work_us = 1000
cycles = 3
priority = 0
)",
                                     component, {"use.driver=" + driver});
  CHECK(outcome.count<trace::engine_reset>() == 1);
  CHECK(outcome.count<trace::reset_notify>() == 1);
  const bool alike = driver == "panthor_like";  // all that is on the hardware
  const Errno first = alike ? Errno::inval : Errno::io;
  const Errno others = alike ? Errno::inval : Errno::canceled;
  CHECK(outcome.errors.at("low") == Errors{Errno::ok, first, others, others, others, others});
  CHECK(outcome.errors.at("high") == Errors(3, Errno::ok));
  // The notification is taken in by a worker.
  const auto events = outcome.recording.events;
  bool heard = false;
  for (const trace::Event& event : events) {
    const auto reply = trace::as<trace::message_reply>(event);
    heard = heard || (reply && reply->action == abi::Action::reset_notify);
    if (reply) CHECK(outcome.recording.names.threads.at(reply->thread).starts_with("kworker"));
  }
  CHECK(heard);
}
