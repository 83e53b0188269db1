// SPDX-License-Identifier: MIT
// Timeouts and resets as the drivers do them: whom each blames, with either component, and that each rule is a switch.
#include <algorithm>
#include <string>
#include <vector>

#include "base/errno.h"
#include "scheduler/submission.h"
#include "tests/support/catch.h"
#include "tests/support/machine/outcome.h"

using namespace gpusim;
using sched::TimeoutVerdict;
using test::Outcome;
using test::run_to_end;

namespace {

using Sets = std::vector<std::string>;

std::string clones(int count, const char* work_ms) {
  return std::string{"[scheduler]\ntimeout_ms = 500\n[[client]]\nname = \"app\"\nclones = "} + std::to_string(count) +
         "\nworkload = \"loop\"\nengine = \"rcs\"\ncycles = 1\nwork_ms = " + work_ms + "\n";
}

using Errors = std::vector<Errno>;

}  // namespace

// --- time slices -----------------------------------------------------------------------------------------------------

TEST_CASE("jobs that share an engine in time slices are not hung, and of one that is only its queue pays",
          "[recovery]") {
  const std::string device = GENERATE("default", "xe_guc", "mali_csf");
  const std::string component = GENERATE("drm_dep", "drm_sched", "jobqueue");
  const int count = GENERATE(6, 10);
  CAPTURE(device, component, count);
  // Each job runs for 100 ms and takes 600 or 1000; its timeout is 500.
  const std::string text = clones(count, "100");
  const Sets on{"use.device=" + device, "device.preempt_timeout_ms=64"};
  const Outcome good = run_to_end(text, component, on);
  CHECK(good.jobs() == static_cast<std::size_t>(count));
  CHECK(good.failed() == 0);
  const Outcome hung = run_to_end(text, component, {on[0], on[1], "fault.hung_job=3"});
  CHECK(hung.jobs() == static_cast<std::size_t>(count));
  CHECK(hung.failed() == 1);
  // panthor has the device reset when a queue does not give its slot up, of which there are eight; the firmware of the
  // others an engine.
  CHECK(hung.count<trace::device_reset_begin>() == (device == "mali_csf" && count > 8 ? 1 : 0));
  // Without the rule all that have begun are called hung, as xe's did before it looked at time stamps. (mali_csf's
  // driver has a timer of its own and asks nothing of drm_sched's, which wall brings back.)
  const Outcome wall = run_to_end(text, component, {on[0], on[1], "driver.timeout_clock=wall"});
  CHECK(wall.failed() == static_cast<std::size_t>(count));
}

TEST_CASE("the hung one of several that do not give way is found by its run time", "[recovery]") {
  const std::string device = GENERATE("default", "xe_guc", "mali_csf");
  const std::string component = GENERATE("drm_dep", "drm_sched", "jobqueue");
  CAPTURE(device, component);
  // One endless batch and five jobs of 100 ms; the batch may be preempted. It has had the engine for its 500 ms at
  // about (500 + 500) ms: guilty then, or at the next look.
  const std::string text =
      clones(5, "100") + "[[client]]\nname = \"endless\"\nworkload = \"wsim\"\nprogram = \"1.RCS.*.0.1\"\n";
  const Outcome outcome = run_to_end(text, component, {"use.device=" + device});
  CHECK(outcome.errors.at("app") == Errors(5, Errno::ok));
  CHECK(outcome.errors.at("endless") == Errors{device == "mali_csf" ? Errno::timedout : Errno::time});
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
  const std::string component = GENERATE("drm_dep", "drm_sched", "jobqueue");
  const std::string text = GENERATE(kPreempted, kEvicted);
  CAPTURE(component, text);
  const auto low = [&](const Sets& sets) { return run_to_end(text, component, sets).errors.at("low"); };
  CHECK(low({}) == Errors{Errno::ok});
  CHECK(low(driver("panthor_like")) == Errors{Errno::ok});
  // xe finds the same time stamp at the second look; amdgpu does not ask (its 2 s are cut to 500 ms here).
  CHECK(low(driver("xe_like")) == Errors{Errno::time});
  CHECK(low({"use.driver=xe_like", "driver.timeout_stuck=false"}) == Errors{Errno::ok});
  CHECK(low({"driver.timeout_stuck=true"}) == Errors{Errno::time});
  CHECK(low(driver("amdgpu_like")) == Errors{Errno::time});
}

TEST_CASE("a job that has not begun: it waits, or has the device reset, or is blamed", "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched", "jobqueue");
  CAPTURE(component);
  const std::string text = [] {
    std::string late = kPreempted;
    late.replace(late.find("priority = 2"), 12, "start_ms = 20\npriority = 2");
    return late;
  }();
  const Outcome waits = run_to_end(text, component);
  CHECK(waits.errors.at("low") == Errors{Errno::ok});
  CHECK(waits.count<trace::device_reset_begin>() == 0);
  CHECK(run_to_end(text, component, driver("panthor_like")).errors.at("low") == Errors{Errno::ok});
  // xe takes a job that does not start for a fault of the GuC and resets the GT, which ends high's job as well: its
  // head has begun. After that low has the engine.
  const Outcome reset = run_to_end(text, component, driver("xe_like"));
  CHECK(reset.count<trace::device_reset_begin>() == 1);
  CHECK(reset.errors.at("low") == Errors{Errno::ok});
  CHECK(std::count(reset.errors.at("high").begin(), reset.errors.at("high").end(), Errno::time) == 1);
  CHECK(run_to_end(text, component, driver("amdgpu_like")).errors.at("low") == Errors{Errno::time});
}

TEST_CASE("a job that never begins: resets up to the limit, then it is given up, as in xe", "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched", "jobqueue");
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
  const Outcome outcome = run_to_end(text, component);
  CHECK(outcome.count<trace::device_reset_begin>() == 2);
  CHECK(count(outcome.errors.at("high"), Errno::time) == 1);
  CHECK(count(outcome.errors.at("next"), Errno::time) == 1);
  CHECK(outcome.errors.at("low") == Errors{Errno::time});
  // With a limit of three low has the engine afterwards. With one, next is given up in the reset that it has asked for,
  // and low has the engine.
  CHECK(run_to_end(text, component, {"driver.reset_limit=3"}).errors.at("low") == Errors{Errno::ok});
  const Outcome one = run_to_end(text, component, {"driver.reset_limit=1"});
  CHECK(one.count<trace::device_reset_begin>() == 1);
  CHECK(one.errors.at("next").front() == Errno::time);
  CHECK(one.errors.at("low") == Errors{Errno::ok});
}

// --- device resets ---------------------------------------------------------------------------------------------------

TEST_CASE("a device reset hands innocent jobs back, whichever component and way to stop", "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched", "jobqueue");
  const std::string way = GENERATE("workers", "scheduler");
  CAPTURE(component, way);
  // Before the job has begun: 5 ms of reset, 40 us to register and pick, 10 us to restore, 1 ms of work.
  const Outcome one = run_to_end("[[client]]\nname = \"app\"\nworkload = \"wsim\"\nprogram = \"1.RCS.1000.0.0\"\n",
                                 component, {"fault.reset_us=20", "driver.stop_way=" + way});
  CHECK(one.errors.at("app") == Errors{Errno::ok});
  const SimTime reset = one.recording.all<trace::device_reset_begin>().at(0).time;
  const SimTime end = one.recording.all<trace::job_end>().at(0).time;
  CHECK(end > reset + us(6'050));
  CHECK(end < reset + us(6'120));
  // Neither batch has begun.
  const std::string fence = "f\\n1.VCS1.2000.f-1.0\\n2.VCS2.2000.s-1.0\\na.-3\\ns.-2\\n";
  const Outcome two = run_to_end("[[client]]\nname = \"app\"\nworkload = \"wsim\"\nprogram = \"" + fence + "\"\n",
                                 component, {"fault.reset_us=20", "driver.stop_way=" + way});
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

TEST_CASE("a device reset costs the job on the engine, who waits behind it is innocent", "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched", "jobqueue");
  CAPTURE(component);
  const auto errors = [&](const Sets& sets) { return run_to_end(kFrontAndBehind, component, sets).errors; };
  CHECK(errors({}) == std::map<std::string, Errors>{{"front", {Errno::io}}, {"behind", {Errno::ok}}});
  CHECK(errors({"driver.reset_limit=1"}).at("behind") == Errors{Errno::ok});
  CHECK(errors(driver("xe_like")) == std::map<std::string, Errors>{{"front", {Errno::time}}, {"behind", {Errno::ok}}});
  // After amdgpu's reset no hardware fence means anything.
  CHECK(errors(driver("amdgpu_like")) ==
        std::map<std::string, Errors>{{"front", {Errno::canceled}}, {"behind", {Errno::canceled}}});
}

TEST_CASE("a job that was preempted when the device is reset goes on, unless the driver blames all that have begun",
          "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched", "jobqueue");
  CAPTURE(component);
  const Sets at_200_ms{"fault.reset_ms=200"};
  const Outcome ours = run_to_end(kPreempted, component, at_200_ms);
  CHECK(ours.errors.at("low") == Errors{Errno::ok});
  CHECK(ours.count<trace::job_start>() + ours.count<trace::job_resumed>() >= 3);
  const auto begun = run_to_end(kPreempted, component, {"fault.reset_ms=200", "driver.reset_victims=begun"});
  CHECK(begun.errors.at("low") == Errors{Errno::time});
}

TEST_CASE("many resets, and every limit: nobody who only waited is given up for it, and the oracles agree",
          "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched", "jobqueue");
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
  const Outcome outcome = run_to_end(text, component, {"use.driver=" + driver_name, "driver.reset_limit=" + limit});
  CHECK(std::count(outcome.errors.at("hang").begin(), outcome.errors.at("hang").end(), Errno::ok) == 0);
  if (driver_name == "default" && limit == "0") CHECK(outcome.errors.at("waits") == Errors{Errno::ok});
}

// --- verdicts, kills -------------------------------------------------------------------------------------------------

TEST_CASE("timedout_job returns what the driver returns", "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched", "jobqueue");
  CAPTURE(component);
  const std::string text = clones(1, "2000");
  const std::vector<TimeoutVerdict> no_hang{TimeoutVerdict::no_hang};
  CHECK(run_to_end(text, component, driver("amdgpu_like")).verdicts() == no_hang);
  CHECK(run_to_end(text, component, driver("panthor_like")).verdicts() == std::vector{TimeoutVerdict::reset});
  // With xe's timeout of zero drm_sched asks once more before the free worker has freed the job.
  CHECK(run_to_end(text, component).verdicts() ==
        std::vector(component == "drm_sched" ? 2U : 1U, TimeoutVerdict::no_hang));
  CHECK(run_to_end(text, component, driver("xe_like")).verdicts().back() == TimeoutVerdict::no_hang);
}

TEST_CASE("an engine that is reset when it has just let go of its queue is reset under it all the same", "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched", "jobqueue");
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
  const Outcome outcome = run_to_end(text, component, {set});
  CHECK(outcome.count<trace::engine_reset>() == outcome.count<trace::reset_notify>());
}
