// SPDX-License-Identifier: MIT
// Timeouts and resets as the drivers do them: whom each blames, with either component, and that each rule is a switch.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/errno.h"
#include "firmware/abi/messages.h"
#include "scheduler/submission.h"
#include "sim/scenario/loader.h"
#include "tests/support/catch.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;
using sched::TimeoutVerdict;
using Sets = std::vector<std::string>;

namespace {

struct Outcome {
  test::Recording recording;
  std::map<std::string, std::vector<Errno>> errors;  ///< of the finished fences of each client

  template <class Kind>
  [[nodiscard]] std::size_t count() const {
    return recording.all<Kind>().size();
  }
  [[nodiscard]] std::vector<TimeoutVerdict> verdicts() const {
    std::vector<TimeoutVerdict> result;
    for (const auto& event : recording.all<trace::timeout_verdict>()) {
      result.push_back(static_cast<TimeoutVerdict>(event.verdict.as<std::uint8_t>()));
    }
    return result;
  }
  [[nodiscard]] std::size_t failed() const {
    std::size_t result = 0;
    for (const auto& [client, all] : errors) {
      result += static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [](Errno e) { return e != Errno::ok; }));
    }
    return result;
  }
  [[nodiscard]] std::size_t jobs() const {
    std::size_t result = 0;
    for (const auto& [client, all] : errors) result += all.size();
    return result;
  }
};

/// To its end, with all oracles.
Outcome run(const std::string& text, const std::string& component, Sets sets = {}) {
  sets.push_back("scheduler.component=" + component);
  const auto loaded = scenario::load_scenario_text(text, "test.toml", {.sets = sets, .seed = {}});
  for (const scenario::Problem& problem : loaded.problems) FAIL(problem.what);
  Outcome outcome{test::run(*loaded.spec), {}};
  CHECK(outcome.recording.result.outcome == system::Outcome::finished);
  for (const auto& event : outcome.recording.all<trace::dma_fence_signaled>()) {
    if (event.job == JobId{}) continue;
    const std::string& queue = outcome.recording.names.queues[event.queue.value()].name;
    outcome.errors[queue.substr(0, queue.find('.'))].push_back(event.error);
  }
  return outcome;
}

std::string clones(int count, const char* work_ms) {
  return std::string{"[scheduler]\ntimeout_ms = 500\n[[client]]\nname = \"app\"\nclones = "} + std::to_string(count) +
         "\nworkload = \"loop\"\nengine = \"rcs\"\ncycles = 1\nwork_ms = " + work_ms + "\n";
}

using Errors = std::vector<Errno>;

}  // namespace

// --- time slices -----------------------------------------------------------------------------------------------------

TEST_CASE("jobs that share an engine in time slices are not hung, and of one that is only its queue pays",
          "[recovery]") {
  const std::string device = GENERATE("default", "xe_like", "csf_like");
  const std::string component = GENERATE("drm_dep", "drm_sched");
  const int count = GENERATE(6, 10);
  CAPTURE(device, component, count);
  // Each job runs for 100 ms and takes 600 or 1000; its timeout is 500.
  const std::string text = clones(count, "100");
  const Sets on{"use.device=" + device, "device.preempt_timeout_ms=64"};
  const Outcome good = run(text, component, on);
  CHECK(good.jobs() == static_cast<std::size_t>(count));
  CHECK(good.failed() == 0);
  const Outcome hung = run(text, component, {on[0], on[1], "fault.hung_job=3"});
  CHECK(hung.jobs() == static_cast<std::size_t>(count));
  CHECK(hung.failed() == 1);
  CHECK(hung.count<trace::device_reset_begin>() == 0);
  // Without the rule all that have begun are called hung, as xe's did before it looked at time stamps. (csf_like's
  // driver has a timer of its own and asks nothing of drm_sched's, which wall brings back.)
  const Outcome wall = run(text, component, {on[0], on[1], "driver.timeout_clock=wall"});
  CHECK(wall.failed() == static_cast<std::size_t>(count));
}

TEST_CASE("the hung one of several that do not give way is found by its run time", "[recovery]") {
  const std::string device = GENERATE("default", "xe_like", "csf_like");
  const std::string component = GENERATE("drm_dep", "drm_sched");
  CAPTURE(device, component);
  // One endless batch and five jobs of 100 ms; the batch may be preempted. It has had the engine for its 500 ms at
  // about (500 + 500) ms: guilty then, or at the next look.
  const std::string text =
      clones(5, "100") + "[[client]]\nname = \"endless\"\nworkload = \"wsim\"\nprogram = \"1.RCS.*.0.1\"\n";
  const Outcome outcome = run(text, component, {"use.device=" + device});
  CHECK(outcome.errors.at("app") == Errors(5, Errno::ok));
  CHECK(outcome.errors.at("endless") == Errors{device == "csf_like" ? Errno::timedout : Errno::time});
  const SimTime end = outcome.recording.all<trace::queue_banned>().at(0).time;
  CHECK(end > SimTime{ms(950)});
  CHECK(end < SimTime{ms(1'700)});
}

// --- whom each driver blames -----------------------------------------------------------------------------------------

namespace {

// "low" has begun when "high" comes, of a higher level, and stays away for 1.3 s.
const std::string kPreempted = R"(
[scheduler]
timeout_ms = 500
[[client]]
name = "low"
workload = "loop"
engine = "rcs"
work_ms = 10
cycles = 1
priority = 2
[[client]]
name = "high"
workload = "loop"
engine = "rcs"
start_ms = 5
work_ms = 100
cycles = 13
sync = false
max_in_flight = 2
priority = 1
)";

// The same with one slot, which "low" loses.
const std::string kEvicted = kPreempted + "[device]\nslots = 1\n";

Sets driver(const std::string& name) { return {"use.driver=" + name}; }

}  // namespace

TEST_CASE("a preempted or evicted job: only its own run time counts, unless the driver looks for stuck ones",
          "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  const std::string text = GENERATE(kPreempted, kEvicted);
  CAPTURE(component, text);
  const auto low = [&](const Sets& sets) { return run(text, component, sets).errors.at("low"); };
  CHECK(low({}) == Errors{Errno::ok});
  CHECK(low(driver("panthor_like")) == Errors{Errno::ok});
  // xe finds the same time stamp at the second look; amdgpu does not ask (its 2 s are cut to 500 ms here).
  CHECK(low(driver("xe_like")) == Errors{Errno::time});
  CHECK(low({"use.driver=xe_like", "driver.timeout_stuck=false"}) == Errors{Errno::ok});
  CHECK(low({"driver.timeout_stuck=true"}) == Errors{Errno::time});
  CHECK(low(driver("amdgpu_like")) == Errors{Errno::time});
}

TEST_CASE("a job that has not begun: it waits, or has the device reset, or is blamed", "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  CAPTURE(component);
  const std::string text = [] {
    std::string late = kPreempted;
    late.replace(late.find("priority = 2"), 12, "start_ms = 20\npriority = 2");
    return late;
  }();
  const Outcome waits = run(text, component);
  CHECK(waits.errors.at("low") == Errors{Errno::ok});
  CHECK(waits.count<trace::device_reset_begin>() == 0);
  CHECK(run(text, component, driver("panthor_like")).errors.at("low") == Errors{Errno::ok});
  // xe takes a job that does not start for a fault of the GuC and resets the GT, which ends high's job as well: its
  // head has begun. After that low has the engine.
  const Outcome reset = run(text, component, driver("xe_like"));
  CHECK(reset.count<trace::device_reset_begin>() == 1);
  CHECK(reset.errors.at("low") == Errors{Errno::ok});
  CHECK(std::count(reset.errors.at("high").begin(), reset.errors.at("high").end(), Errno::time) == 1);
  CHECK(run(text, component, driver("amdgpu_like")).errors.at("low") == Errors{Errno::time});
}

TEST_CASE("a job that never begins: resets up to the limit, then it is given up, as in xe", "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  CAPTURE(component);
  const std::string text = R"(
[scheduler]
timeout_ms = 500
[use]
driver = "xe_like"
[[client]]
name = "high"
workload = "loop"
engine = "rcs"
work_ms = 40
jobs_per_cycle = 60
cycles = 1
priority = 0
[[client]]
name = "next"
workload = "loop"
engine = "rcs"
start_ms = 10
work_ms = 40
jobs_per_cycle = 60
cycles = 1
priority = 1
[[client]]
name = "low"
workload = "loop"
engine = "rcs"
start_ms = 20
work_ms = 10
cycles = 1
priority = 3
)";
  const auto count = [](const Errors& errors, Errno error) { return std::count(errors.begin(), errors.end(), error); };
  // high keeps both others away. next times out at 510 ms and has the device reset: high's job had begun and is lost,
  // low has seen a reset. next runs; low times out at about 1020 ms, its second count, and has the device reset, which
  // is its third: given up.
  const Outcome outcome = run(text, component);
  CHECK(outcome.count<trace::device_reset_begin>() == 2);
  CHECK(count(outcome.errors.at("high"), Errno::time) == 1);
  CHECK(count(outcome.errors.at("next"), Errno::time) == 1);
  CHECK(outcome.errors.at("low") == Errors{Errno::time});
  // With a limit of three low has the engine afterwards. With one, next is given up in the reset that it has asked for,
  // and low has the engine.
  CHECK(run(text, component, {"driver.reset_limit=3"}).errors.at("low") == Errors{Errno::ok});
  const Outcome one = run(text, component, {"driver.reset_limit=1"});
  CHECK(one.count<trace::device_reset_begin>() == 1);
  CHECK(one.errors.at("next").front() == Errno::time);
  CHECK(one.errors.at("low") == Errors{Errno::ok});
}

// --- device resets ---------------------------------------------------------------------------------------------------

TEST_CASE("a device reset hands innocent jobs back, whichever component and way to stop", "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  const std::string way = GENERATE("workers", "scheduler");
  CAPTURE(component, way);
  // Before the job has begun: 5 ms of reset, 40 us to register and pick, 10 us to restore, 1 ms of work.
  const Outcome one = run("[[client]]\nname = \"app\"\nworkload = \"wsim\"\nprogram = \"1.RCS.1000.0.0\"\n", component,
                          {"fault.reset_us=20", "driver.stop_way=" + way});
  CHECK(one.errors.at("app") == Errors{Errno::ok});
  const SimTime reset = one.recording.all<trace::device_reset_begin>().at(0).time;
  const SimTime end = one.recording.all<trace::job_end>().at(0).time;
  CHECK(end > reset + us(6'050));
  CHECK(end < reset + us(6'120));
  // Neither batch has begun.
  const std::string fence = "f\\n1.VCS1.2000.f-1.0\\n2.VCS2.2000.s-1.0\\na.-3\\ns.-2\\n";
  const Outcome two = run("[[client]]\nname = \"app\"\nworkload = \"wsim\"\nprogram = \"" + fence + "\"\n", component,
                          {"fault.reset_us=20", "driver.stop_way=" + way});
  CHECK(two.errors.at("app") == Errors(2, Errno::ok));
}

namespace {

const std::string kFrontAndBehind = R"(
[fault]
reset_ms = 2
[[client]]
name = "front"
workload = "loop"
engine = "rcs"
work_us = 5000
cycles = 1
[[client]]
name = "behind"
workload = "loop"
engine = "rcs"
start_us = 500
work_us = 1000
cycles = 1
priority = 2
)";

}  // namespace

TEST_CASE("a device reset costs the job on the engine; who waits behind it is innocent", "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  CAPTURE(component);
  const auto errors = [&](const Sets& sets) { return run(kFrontAndBehind, component, sets).errors; };
  CHECK(errors({}) == std::map<std::string, Errors>{{"front", {Errno::io}}, {"behind", {Errno::ok}}});
  CHECK(errors({"driver.reset_limit=1"}).at("behind") == Errors{Errno::ok});
  CHECK(errors(driver("xe_like")) == std::map<std::string, Errors>{{"front", {Errno::time}}, {"behind", {Errno::ok}}});
  // After amdgpu's reset no hardware fence means anything.
  CHECK(errors(driver("amdgpu_like")) ==
        std::map<std::string, Errors>{{"front", {Errno::canceled}}, {"behind", {Errno::canceled}}});
}

TEST_CASE("a job that was preempted when the device is reset goes on, unless the driver blames all that have begun",
          "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  CAPTURE(component);
  const Sets at_200_ms{"fault.reset_ms=200"};
  const Outcome ours = run(kPreempted, component, at_200_ms);
  CHECK(ours.errors.at("low") == Errors{Errno::ok});
  CHECK(ours.count<trace::job_start>() + ours.count<trace::job_resumed>() >= 3);
  const auto begun = run(kPreempted, component, {"fault.reset_ms=200", "driver.reset_victims=begun"});
  CHECK(begun.errors.at("low") == Errors{Errno::time});
}

TEST_CASE("many resets, and every limit: nobody who only waited is given up for it, and the oracles agree",
          "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  const std::string limit = GENERATE("0", "1", "2", "1000");
  const std::string driver_name = GENERATE("default", "xe_like", "panthor_like", "amdgpu_like");
  CAPTURE(component, limit, driver_name);
  const std::string text = R"(
[device]
preempt_timeout_ms = 0
[scheduler]
timeout_ms = 100
[driver]
answer_timeout_ms = 50
[[client]]
name = "hang"
clones = 3
workload = "wsim"
program = "X.1.0,1.RCS.*.0.1"
[[client]]
name = "waits"
workload = "loop"
engine = "rcs"
start_ms = 1
work_ms = 1
cycles = 1
priority = 3
)";
  const Outcome outcome = run(text, component, {"use.driver=" + driver_name, "driver.reset_limit=" + limit});
  CHECK(std::count(outcome.errors.at("hang").begin(), outcome.errors.at("hang").end(), Errno::ok) == 0);
  if (driver_name == "default" && limit == "0") CHECK(outcome.errors.at("waits") == Errors{Errno::ok});
}

// --- verdicts, kills -------------------------------------------------------------------------------------------------

TEST_CASE("timedout_job returns what the driver returns", "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  CAPTURE(component);
  const std::string text = clones(1, "2000");
  const std::vector<TimeoutVerdict> no_hang{TimeoutVerdict::no_hang};
  CHECK(run(text, component, driver("amdgpu_like")).verdicts() == no_hang);
  CHECK(run(text, component, driver("panthor_like")).verdicts() == std::vector{TimeoutVerdict::reset});
  // With xe's timeout of zero drm_sched asks once more before the free worker has freed the job.
  CHECK(run(text, component).verdicts() == std::vector(component == "drm_dep" ? 1U : 2U, TimeoutVerdict::no_hang));
  CHECK(run(text, component, driver("xe_like")).verdicts().back() == TimeoutVerdict::no_hang);
}

TEST_CASE("an engine that is reset when it has just let go of its queue is reset under it all the same", "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  const std::string preempt = GENERATE("1ns", "5us", "15us");
  CAPTURE(component, preempt);
  const std::string text = R"(
[[client]]
name = "c0"
workload = "pipeline"
upload_ns = 1
kernel_ns = 1
readback_ns = 0
[[client]]
name = "c1"
clones = 2
workload = "pipeline"
upload_ns = 1
kernel_ns = 0
readback_ns = 1
priority = 2
)";
  const std::string set = preempt == "1ns"   ? "device.preempt_timeout_ns=1"
                          : preempt == "5us" ? "device.preempt_timeout_us=5"
                                             : "device.preempt_timeout_us=15";
  const Outcome outcome = run(text, component, {set});
  CHECK(outcome.count<trace::engine_reset>() == outcome.count<trace::reset_notify>());
}

// --- a queue's end ---------------------------------------------------------------------------------------------------

TEST_CASE("a close with jobs in flight ends them in the driver's way", "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  CAPTURE(component);
  // Three queues, each closed while its four jobs of 1 ms are in flight, and the first of them runs.
  const std::string text =
      "[[client]]\nname = \"app\"\nworkload = \"churn\"\nengine = \"rcs\"\nwork_us = 1000\njobs_per_cycle = 4\n"
      "cycles = 3\nsync = false\nhold_us = 200\n";
  for (const char* driver : {"default", "amdgpu_like"}) {
    CAPTURE(driver);
    CHECK(run(text, component, {std::string{"use.driver="} + driver}).failed() == 0);
  }
  for (const char* driver : {"xe_like", "panthor_like"}) {
    CAPTURE(driver);
    const Outcome outcome = run(text, component, {std::string{"use.driver="} + driver});
    CHECK(outcome.jobs() == 12);
    CHECK(outcome.errors.at("app") == Errors(12, Errno::canceled));
    // xe preempts what runs; panthor throws it away.
    CHECK((outcome.count<trace::engine_reset>() > 0) == (std::string{driver} == "panthor_like"));
    CHECK(outcome.recording.result.end < SimTime{ms(5)});
    // Closed at once: nothing of the queue may have come to the hardware.
    CHECK(run(text, component, {std::string{"use.driver="} + driver, "client.hold_us=0"}).failed() == 12);
  }
}

TEST_CASE("panthor: all jobs of a group that timed out fail alike, at once, and nobody else's", "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  CAPTURE(component);
  // A hung job and two behind it; a client on another engine. The firmware would wait for 640 ms for the hung one to
  // let itself be preempted; panthor's 100 ms for an answer would end sooner, with a device reset.
  const std::string text =
      "[use]\ndriver = \"panthor_like\"\n[fault]\nhung_job = 1\n[[client]]\nname = \"app\"\nworkload = \"loop\"\n"
      "engine = \"rcs\"\nwork_us = 100\njobs_per_cycle = 3\ncycles = 1\n"
      "[[client]]\nname = \"video\"\nworkload = \"loop\"\nengine = \"vcs\"\nwork_ms = 20\ncycles = 300\n"
      "start_ms = 1\n";
  const Outcome outcome = run(text, component);
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
  const std::string component = GENERATE("drm_dep", "drm_sched");
  CAPTURE(component);
  // Job 1 hangs; the other client's turn comes, and the firmware resets the engine after 20 ms.
  const std::string text =
      "[use]\ndriver = \"panthor_like\"\n[device]\npreempt_timeout_ms = 20\n[fault]\nhung_job = 1\n"
      "[[client]]\nname = \"app\"\nworkload = \"loop\"\nengine = \"rcs\"\nwork_us = 100\njobs_per_cycle = 3\ncycles = "
      "1\n"
      "[[client]]\nname = \"other\"\nworkload = \"loop\"\nengine = \"rcs\"\nwork_us = 100\ncycles = 4\nstart_ms = 1\n";
  const Outcome outcome = run(text, component);
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
  const Outcome outcome = run(text, "drm_sched", {"use.driver=" + driver});
  const auto finish = outcome.recording.all<trace::client_finish>();
  REQUIRE(finish.size() == 1);
  CHECK(finish[0].error == error);
}

TEST_CASE("a queue takes so many jobs; then exec gives -EAGAIN, and the client tries again", "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  CAPTURE(component);
  const std::string text =
      "[driver]\nmax_jobs = 5\n[[client]]\nname = \"app\"\nworkload = \"loop\"\nengine = \"rcs\"\nwork_us = 10\n"
      "jobs_per_cycle = 20\ncycles = 1\n";
  const Outcome outcome = run(text, component);
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
  CHECK(run(text, component, {"driver.max_jobs=0"}).count<trace::exec_end>() == 20);
}

// --- a reset that others asked for -----------------------------------------------------------------------------------

TEST_CASE("xe: who times out while a reset is pending that another asked for stays banned", "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
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
  const Outcome outcome = run(text, component, {"use.driver=xe_like"});
  const Errors& errors = outcome.errors.at("w");
  const auto good = std::count(errors.begin(), errors.end(), Errno::ok);
  CHECK(good + std::count(errors.begin(), errors.end(), Errno::time) == waiting);
  // drm_dep's timeouts do not wait for each other.
  if (component == "drm_sched") CHECK(good == 1);
  CHECK(outcome.count<trace::device_reset_begin>() >= 1);
  const Outcome ours = run(text, component, {"use.driver=default"});
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
  const Outcome outcome = run(text, "drm_sched", {"use.driver=xe_like"});
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
  const std::string component = GENERATE("drm_dep", "drm_sched");
  CAPTURE(driver, component);
  const Outcome outcome = run(R"(
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
