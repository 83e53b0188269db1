// SPDX-License-Identifier: MIT
// Recovery is a cause of its own.
#include "tests/traces/folds/milestones_run.h"

using namespace gpusim;
using namespace gpusim::trace;

TEST_CASE("recovery: a job whose interrupt is lost waits for what makes that good", "[milestones]") {
  const bool before = GENERATE(false, true);  // the fence value is visible: without a window it is not yet
  MilestonesRun run;
  run.submit(1, 0);
  run.script.put(engine_assign{.engine = kEngine}).put(fetch_begin{.engine = kEngine, .job = JobId{1}});
  run.script.at_ns(100).put(job_end{.engine = kEngine, .job = JobId{1}});
  if (before) run.script.put(fault_injected{.unit = kVector, .fault = 0});
  run.script.at_ns(104).put(fence_visible{.vector = kVector, .job = JobId{1}, .completion = true});
  if (!before) run.script.put(fault_injected{.unit = kVector, .fault = 0});
  run.script.at_ns(1'000).put(job_timedout{.job = JobId{1}});
  run.script.at_ns(1'007);
  run.finish(1);
  run.script.at_ns(1'009).put(timeout_verdict{.job = JobId{1}, .verdict = 1});
  CHECK(run.spent(1, Cause::work) == ns(100));
  CHECK(run.spent(1, Cause::fence_write) == ns(4));
  CHECK(run.spent(1, Cause::interrupt) == ns(0));
  CHECK(run.spent(1, Cause::recovery) == ns(903));
}

TEST_CASE("recovery: a lost doorbell and a lost message, until the firmware learns of the job after all",
          "[milestones]") {
  for (const std::uint64_t fault : {1, 7}) {
    CAPTURE(fault);
    MilestonesRun run;
    run.script.put(queue_registered{});
    run.push(1);
    run.script.put(drm_sched_job_run{.job = JobId{1}})
        .put(ring_write{.job = JobId{1}, .index = 0})
        .put(doorbell_write{.job = JobId{1}, .write_index = 1});
    run.script.at_ns(3).put(doorbell_arrive{.write_index = 1});
    if (fault == 7) run.script.at_ns(5);
    run.script.put(fault_injected{.fault = fault});
    run.script.at_ns(65).put(queue_ready{.write_index = 1, .resident = true});
    run.script.at_ns(70);
    run.finish(1);
    CHECK(run.spent(1, Cause::doorbell) == ns(3));
    CHECK(run.spent(1, Cause::recovery) == ns(fault == 7 ? 60 : 62));
    CHECK(run.spent(1, Cause::firmware) == ns(fault == 7 ? 2 + 5 : 5));
  }
}

TEST_CASE("recovery: a lost registration, until the firmware knows the queue after all", "[milestones]") {
  MilestonesRun run;
  run.push(1);
  run.script.put(drm_sched_job_run{.job = JobId{1}}).at_ns(2).put(fault_injected{.fault = 7});
  run.script.at_ns(4)
      .put(ring_write{.job = JobId{1}, .index = 0})
      .put(doorbell_write{.job = JobId{1}, .write_index = 1});
  run.script.at_ns(7).put(doorbell_arrive{.write_index = 1});
  run.script.at_ns(65).put(queue_registered{}).at_ns(67).put(queue_ready{.write_index = 1, .resident = true});
  run.script.at_ns(70);
  run.finish(1);
  CHECK(run.spent(1, Cause::recovery) >= ns(58));
  CHECK(run.spent(1, Cause::firmware) <= ns(5));
}

TEST_CASE("recovery: a timeout that finds a job at work takes only what is no work", "[milestones]") {
  MilestonesRun run;
  run.submit(1, 0);
  run.submit(2, 1);
  run.push(3);
  run.script.put(engine_assign{.engine = kEngine}).put(fetch_begin{.engine = kEngine, .job = JobId{1}});
  run.script.at_ns(100).put(job_timedout{.job = JobId{1}});
  run.script.at_ns(110).put(job_preempted{.engine = kEngine, .job = JobId{1}});
  run.script.put(engine_release{.engine = kEngine, .work_left = true});
  run.script.at_ns(130).put(timeout_verdict{.job = JobId{1}, .verdict = 1});
  run.script.at_ns(135).put(engine_assign{.engine = kEngine}).put(job_resumed{.engine = kEngine, .job = JobId{1}});
  run.script.at_ns(150).put(job_end{.engine = kEngine, .job = JobId{1}});
  run.finish(1);
  run.finish(2);
  run.finish(3);
  CHECK(run.spent(1, Cause::work) == ns(110 + 15));
  CHECK(run.spent(1, Cause::recovery) == ns(20));
  CHECK(run.spent(1, Cause::preempted) == ns(5));
  // One that waits on the device, and one that waits on the host.
  CHECK(run.spent(2, Cause::recovery) == ns(30));
  CHECK(run.spent(2, Cause::engine_busy) == ns(100 + 15));
  CHECK(run.spent(2, Cause::firmware) == ns(5));
  CHECK(run.spent(3, Cause::recovery) == ns(30));
  CHECK(run.spent(3, Cause::host_worker) == ns(120));
}

TEST_CASE("recovery: a device reset is everybody's, and of queues that come meanwhile", "[milestones]") {
  MilestonesRun run;
  run.submit(1, 0);
  run.script.put(engine_assign{.engine = kEngine}).put(fetch_begin{.engine = kEngine, .job = JobId{1}});
  run.script.at_ns(40).put(device_reset_begin{});
  run.script.at_ns(42).put(engine_release{.engine = kEngine});
  run.script.on_queue(2).put(queue_create{.engine_mask = 1});
  run.push(2);
  run.script.at_ns(90).put(device_reset_end{});
  run.script.at_ns(95).on_queue(1);
  run.finish(1);
  run.script.on_queue(2);
  run.finish(2);
  run.script.on_queue(1);
  CHECK(run.spent(1, Cause::work) == ns(42));
  CHECK(run.spent(1, Cause::recovery) == ns(48));
  CHECK(run.spent(1, Cause::preempted) == ns(5));
  CHECK(run.spent(2, Cause::recovery) == ns(48));
  CHECK(run.spent(2, Cause::host_worker) == ns(5));
}

TEST_CASE("recovery: from the reset of its engine to its end nothing else happens to a job, and a ban lasts",
          "[milestones]") {
  MilestonesRun run;
  run.submit(1, 0);
  run.push(2);
  run.script.put(engine_assign{.engine = kEngine}).put(fetch_begin{.engine = kEngine, .job = JobId{1}});
  run.script.at_ns(10).put(engine_reset{.engine = kEngine}).put(engine_release{.engine = kEngine});
  run.script.at_ns(20).put(queue_banned{.job = JobId{1}});
  run.script.at_ns(25).put(timeout_verdict{.job = JobId{1}, .verdict = 0});
  run.script.at_ns(30);
  run.finish(1);
  run.script.at_ns(33);
  run.finish(2);
  CHECK(run.spent(1, Cause::work) == ns(10));
  CHECK(run.spent(1, Cause::recovery) == ns(20));
  CHECK(run.spent(2, Cause::host_worker) == ns(10));
  CHECK(run.spent(2, Cause::recovery) == ns(23));
}
