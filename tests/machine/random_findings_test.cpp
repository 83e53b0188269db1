// SPDX-License-Identifier: MIT
// What random scenarios have found in the driver, made small. All rules of the model are checked in each run.
#include <string>

#include "tests/support/catch.h"
#include "tests/support/machine/outcome.h"

using namespace gpusim;
using test::Outcome;
using test::run_to_end;

TEST_CASE("a handler that takes long signals no job before its start mark, and no mark twice", "[recovery]") {
  const Outcome outcome = run_to_end(R"(
[device.firmware]
wake_us = 41647
[driver]
irq_complete_us = 25756
[[client]]
name = "app"
workload = "wsim"
program = """
f,2.VCS2.27-563.f-1.0,1.BCS.44-565.s-1.0,d.353,0.VECS.9-211.0.0,d.490,1.DEFAULT.22-602.f-6.0,1.VCS1.32-378.s-5.0
3.RCS.22-577.s-2.0,0.VECS.38-370.0.0,0.DEFAULT.2-174.f-10.0,1.BCS.46-118.0.0
"""
repeats = 8
)",
                                     "drm_dep");
  CHECK(outcome.failed() == 0);
}

TEST_CASE("shared rings: a device that is pulled while a timeout is at work loses no job", "[rings]") {
  const std::string driver = GENERATE("amdgpu_ring", "v3d");
  const std::string when = GENERATE("2047", "2049", "2053", "2057", "2059", "513");
  CAPTURE(driver, when);
  const Outcome outcome =
      run_to_end("use = { driver = \"" + driver + "\" }\n[fault]\nhung_job = 1\nunplug_ms = " + when +
                     "\n[[client]]\nname = \"app\"\nworkload = \"loop\"\nengine = \"rcs\"\nwork_us = "
                     "100\njobs_per_cycle = 3\ncycles = 1\n",
                 "drm_sched");
  CHECK(outcome.jobs() == 3);
}

TEST_CASE("a device that survives no reset touches no memory that the driver has given back", "[reset]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  CAPTURE(component);
  const Outcome outcome = run_to_end(R"(
[device.firmware]
message_long_ms = 540
[driver]
no_room_timeout_ms = 1
[[client]]
name = "churn"
workload = "churn"
engine = "rcs"
work_us = 1
cycles = 7
hold_us = 1000000
[[client]]
name = "fan"
workload = "fan"
source_us = [38, 173]
branch_us = [75, 306]
sink_us = 178
clones = 4
width = 48
)",
                                     component);
  CHECK(outcome.count<trace::device_reset_begin>() == 3);
  CHECK(outcome.count<trace::device_gone>() == 1);
}

TEST_CASE("panthor: a job whose registration was lost has its time on the slot when that is made good", "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched", "jobqueue");
  CAPTURE(component);
  const Outcome outcome =
      run_to_end("use.device = \"mali_csf\"\nfault.dropped_message = 1\ndriver.timeout_not_begun = \"wait\"\n" +
                     test::loop_text("app", "work_us = 3600000000\ncycles = 1\n"),
                 component);
  CHECK(outcome.errors.at("app") == std::vector{Errno::timedout});
  // At 5 s, on the timer wheel 5.12 s, the job had not begun; so it has 5 s more.
  const auto verdicts = outcome.recording.all<trace::timeout_verdict>();
  REQUIRE(verdicts.size() == 2);
  CHECK(verdicts[0].time < SimTime{ms(5'121)});
  CHECK(verdicts[1].time > SimTime{ms(10'120)});
  CHECK(verdicts[1].time < SimTime{ms(10'500)});
}

TEST_CASE("xe: a reset for which the answer to a disable does not come costs that queue, and no later one", "[reset]") {
  const std::string component = GENERATE("drm_dep", "jobqueue");
  CAPTURE(component);
  const Outcome outcome = run_to_end(R"(
seed = 875
use.device = "xe_guc"
driver.reset_limit = 4
device.engines.rcs.context_restore_ms = 3600000
device.reset_ps = 1
device.firmware.message_long_ps = 1
[[client]]
name = "c0"
workload = "pipeline"
upload_us = 105
kernel_us = 97
readback_us = [418, 611]
start_us = 1902
[[client]]
name = "c1"
workload = "pipeline"
upload_us = [206, 217]
kernel_us = 173
readback_us = 468
clones = 3
)",
                                     component);
  CHECK(outcome.count<trace::device_reset_begin>() > 0);
}

TEST_CASE("shared rings: a job may be refused while one that it depends on is ahead of it on its ring", "[rings]") {
  const Outcome outcome = run_to_end(R"(
use.driver = "amdgpu_ring"
device.firmware.message_look_ms = 3600000
driver.message_ms = 3600000
[[client]]
name = "now_and_then"
workload = "poisson"
work_us = 1
mean_interval_us = 6423
[[client]]
name = "frames"
workload = "pipeline"
upload_us = 315
kernel_us = [164, 374]
readback_us = 296
copy_engine = "vcs"
compute_engine = "vcs"
frames = 5
[[client]]
name = "endless"
workload = "loop"
work_us = 3600000000
)",
                                     "drm_sched");
  CHECK(outcome.failed() > 0);
}

TEST_CASE("a worker that is woken late once in ten thousand times makes no timeout late", "[timeout]") {
  const Outcome outcome = run_to_end(R"(
use.device = "xe_guc"
device.firmware.message_short_us = 3
host.worker_wake_us = { p0 = 9, p50 = 11, p100 = 7835390 }
[[client]]
name = "app"
workload = "fan"
source_us = [31, 302]
branch_us = [470, 750]
sink_us = [2, 258]
width = 36
)",
                                     "drm_sched");
  CHECK(outcome.jobs() > 36);
}

TEST_CASE("panthor: a queue that is being taken off is not let go on by a timeout that runs beside it", "[recovery]") {
  const Outcome outcome = run_to_end(R"(
use.device = "xe_guc"
use.driver = "panthor_like"
driver.timeout_not_begun = "wait"
[[client]]
name = "c0"
workload = "churn"
work_us = [335, 335]
clones = 13
sync = false
cycles = 5
hold_us = 148
)",
                                     "drm_dep");
  CHECK(outcome.jobs() == 65);
}

TEST_CASE("panthor: a queue that was disabled while run_job had not rung its doorbell goes on", "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched", "jobqueue");
  CAPTURE(component);
  const Outcome outcome = run_to_end("driver.timeout_clock = \"on_slot\"\nhost.timer_op_ms = 3600000\n" +
                                         test::client_text("c0", "pipeline",
                                                           "upload_us = [120, 298]\nkernel_us = [128, "
                                                           "341]\nreadback_us = [331, 486]\nframes = 12\n"),
                                     component);
  CHECK(outcome.jobs() == 36);
}

TEST_CASE("shared rings: later jobs of a queue go on while those that a ring's reset took out wait for their turn",
          "[rings]") {
  const Outcome outcome = run_to_end(R"(
seed = 572
driver.rings = "shared"
driver.ring_entries = 4
driver.kill_way = "entity"
driver.ring_reset = true
[[client]]
name = "c0"
workload = "churn"
work_us = [147, 296]
[[client]]
name = "c1"
workload = "loop"
work_us = 57099202
sync = false
cycles = 8
)",
                                     "drm_sched");
  CHECK(outcome.errors.at("c1")[0] == Errno::time);
  CHECK(outcome.errors.at("c1")[1] == Errno::canceled);
}

TEST_CASE("panthor: a kill whose answer is lost asks drm_sched for no timeout", "[recovery]") {
  const Outcome outcome = run_to_end(R"(
use.driver = "xe_like"
fault.dropped_reply = 2
scheduler.timeout_ms = 100
driver.kill_way = "terminate"
[[client]]
name = "c0"
workload = "churn"
work_us = 1
jobs_per_cycle = 0
[[client]]
name = "c1"
workload = "churn"
work_us = [1, 28119]
sync = false
cycles = 10
jobs_per_cycle = 3
)",
                                     "drm_sched");
  CHECK(outcome.failed() > 0);
}

TEST_CASE("panthor: what the firmware forgot in a device reset is told again, and its begun head is not blamed",
          "[recovery]") {
  const Outcome outcome = run_to_end(R"(
use.device = "mali_csf"
device.firmware.policy = "round_robin"
device.quantum_ms = 10
driver.irq_path = "hard"
fault.dropped_message = 6
device.firmware.pick_ps = 72046036605517
driver.timeout_not_begun = "wait"
driver.run_job_ps = 150124980
driver.mmio_write_ps = 72917677441535
[[client]]
name = "c0"
workload = "churn"
work_us = [1, 2376]
jobs_per_cycle = 3
[[client]]
name = "c1"
workload = "churn"
work_us = [1, 152812805]
jobs_per_cycle = 0
)",
                                     "drm_dep");
  CHECK(outcome.count<trace::fault_injected>() == 1);
  CHECK(outcome.failed() == 0);
}

TEST_CASE("shared rings: a ring that is written anew has forgotten the job that it was preempted in", "[rings]") {
  const Outcome outcome = run_to_end(R"(
use.driver = "amdgpu_ring"
device.slots = 1
device.preempt_timeout_ps = 229152
[[client]]
name = "c0"
workload = "wsim"
program = """
3.VCS2.29-545.0.1,P.1.1000,0.VCS2.19-789.-2.1,t.3
0.VECS.9-217.0.0,p.795,2.DEFAULT.13-357.0.0,1.RCS.50-554.-1.1
"""
[[client]]
name = "c1"
workload = "loop"
work_us = [1, 13471]
)",
                                     "drm_sched");
  CHECK(outcome.count<trace::job_resumed>() == 0);
  CHECK(outcome.errors.at("c1").front() == Errno::time);
}

TEST_CASE("xe: what a banned queue was still given ends when the device is pulled before its timeout", "[recovery]") {
  const std::string when = GENERATE("20000", "23000", "28000", "34000", "40000");
  CAPTURE(when);
  const Outcome outcome = run_to_end(R"(
host.queue_work_us = 1300
[[client]]
name = "app"
workload = "loop"
work_us = 2000
sync = false
cycles = 5
clones = 6
[fault]
reset_us = 2666
unplug_us = )" + when,
                                     "drm_sched");
  CHECK(outcome.jobs() == 30);
}

TEST_CASE("xe: a job that ends while its timeout waits for the workers is not taken for the one behind it",
          "[recovery]") {
  const Outcome outcome = run_to_end(R"(
seed = 828
scheduler.orchestrator = { slots = 3, policy = "rr", batch = 1 }
use.driver = "xe_vram_replies"
scheduler.fence_signal_ps = 25856641872755
[[client]]
name = "c0"
workload = "pipeline"
upload_us = [486, 486]
kernel_us = [36, 160]
readback_us = [272, 409]
clones = 4
[[client]]
name = "c1"
workload = "loop"
work_us = [361, 361]
clones = 2
jobs_per_cycle = 2
cycles = 12
)",
                                     "drm_sched");
  CHECK(outcome.jobs() > 0);
}

TEST_CASE("gang: where jobs run again, all jobs of a queue end in order, whoever of them is refused", "[gang]") {
  // The first registration takes the firmware so long that every ring has its timeout, several times.
  const Outcome outcome = run_to_end(R"(
[use]
driver = "amdgpu_ring"
[driver]
stop_way = "resubmit"
credit_limit = 0
[device.firmware]
message_long_ms = 10205
[[client]]
name = "pipe"
workload = "pipeline"
upload_us = 256
kernel_us = 353
readback_us = 128
copy_engine = "vecs"
[[client]]
name = "gangs"
workload = "steps"
program = """
submit vecs 85
gang vcs 258 bcs 142 vecs 273 rcs 231
gang bcs 316 vecs 367 vcs 438 rcs 379
"""
repeats = 3
)",
                                     "drm_sched");
  CHECK(outcome.count<trace::device_reset_begin>() > 1);
  CHECK(outcome.errors.at("gangs").size() == 27);
}

TEST_CASE("shared rings: a job begins though the guilty one that it is pipelined behind has not signalled yet",
          "[rings]") {
  // No end of a job reaches the driver, and a register write takes it longer than the device takes to begin.
  const Outcome outcome = run_to_end(R"(
[use]
driver = "amdgpu_ring"
[driver]
stop_way = "resubmit"
mmio_write_us = 53
[device.firmware]
engine_event_ms = 120000
[[client]]
name = "pipe"
workload = "pipeline"
upload_us = [478, 772]
kernel_us = [3, 162]
readback_us = 235
start_us = 564
compute_engine = "bcs"
[[client]]
name = "gangs"
workload = "steps"
program = """
sleep 112
gang bcs 44 rcs 182 vcs 136
sleep 143
submit bcs 479
gang vcs 398 rcs 338 bcs 236
"""
)",
                                     "drm_sched");
  CHECK(outcome.count<trace::device_reset_begin>() > 1);
  CHECK(outcome.errors.at("gangs").size() == 7);
}
