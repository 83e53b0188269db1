// SPDX-License-Identifier: MIT
// What a job waits for on the device: the firmware, a slot, an engine.
#include "tests/traces/folds/milestones_run.h"

using namespace gpusim;
using namespace gpusim::trace;

TEST_CASE("a job that is fetched before its doorbell arrives goes on to work") {
  MilestonesRun fold;
  TraceScript& script = fold.script;
  fold.submit(1, 0);
  fold.push(2);
  script.put(drm_sched_job_run{.job = JobId{2}}).put(ring_write{.job = JobId{2}, .index = 1});
  script.at_ns(10).put(doorbell_write{.job = JobId{2}, .write_index = 2});
  script.at_ns(15).put(engine_assign{.engine = kEngine}).put(fetch_begin{.engine = kEngine, .job = JobId{1}});
  script.at_ns(20)
      .put(job_end{.engine = kEngine, .job = JobId{1}})
      .put(fetch_begin{.engine = kEngine, .job = JobId{2}, .index = 1});
  script.at_ns(25).put(doorbell_arrive{.write_index = 2}).put(queue_ready{.write_index = 2, .resident = true});
  script.at_ns(50).put(job_end{.engine = kEngine, .job = JobId{2}});
  fold.finish(1);
  fold.finish(2);
  CHECK(fold.spent(2, Cause::host_worker) == ns(10));
  CHECK(fold.spent(2, Cause::doorbell) == ns(10));
  CHECK(fold.spent(2, Cause::firmware) == ns(0));
  CHECK(fold.spent(2, Cause::work) == ns(30));
}

TEST_CASE("the firmware may know of a job whose doorbell has not been rung yet") {
  MilestonesRun fold;
  TraceScript& script = fold.script;
  fold.push(1);
  script.put(drm_sched_job_run{.job = JobId{1}}).put(ring_write{.job = JobId{1}, .index = 0});
  script.at_ns(10).put(queue_ready{.write_index = 1, .resident = true});
  script.at_ns(20).put(doorbell_write{.job = JobId{1}, .write_index = 1});
  script.at_ns(30).put(fetch_begin{.engine = kEngine, .job = JobId{1}});
  fold.finish(1);
  CHECK(fold.spent(1, Cause::host_worker) == ns(10));
  CHECK(fold.spent(1, Cause::doorbell) == ns(0));
  CHECK(fold.spent(1, Cause::firmware) == ns(20));
}

TEST_CASE("a queue without a slot waits for the run list whatever the engines do") {
  MilestonesRun fold;
  TraceScript& script = fold.script;
  fold.push(1);
  fold.ring(1, 0);
  script.put(queue_ready{.write_index = 1, .resident = false});
  script.at_ns(10).put(slot_grant{.slot = 2});
  script.at_ns(14).put(slot_evict{.slot = 2});
  script.at_ns(40).put(slot_grant{.slot = 2});
  script.at_ns(45).put(fetch_begin{.engine = kEngine, .job = JobId{1}});
  fold.finish(1);
  CHECK(fold.spent(1, Cause::run_list) == ns(10 + 26));
  CHECK(fold.spent(1, Cause::firmware) == ns(4 + 5));
}

TEST_CASE("an unassigned queue waits by what the engines it may use are doing") {
  MilestonesRun fold;
  TraceScript& script = fold.script;
  script.put(queue_create{.queue = QueueId{2}, .engine_mask = 0b011});
  script.put(queue_create{.queue = QueueId{3}, .engine_mask = 0b111});
  script.put(queue_create{.queue = QueueId{4}, .engine_mask = 0b110});
  script.on_queue(2);
  fold.submit(1, 0);
  script.on_queue(3);
  fold.submit(2, 0);
  script.at_ns(1).on_queue(3).put(engine_assign{.engine = 0});
  script.at_ns(11).on_queue(4).put(engine_assign{.engine = 1});  // both taken by others, neither does anything
  script.at_ns(14).put(context_restore_begin{.engine = 1});
  script.at_ns(30).on_queue(3).put(fetch_begin{.engine = 0, .job = JobId{2}});
  script.at_ns(60).on_queue(4).put(context_restore_end{.engine = 1});
  script.at_ns(70).on_queue(3).put(job_end{.engine = 0, .job = JobId{2}}).put(context_save_begin{.engine = 0});
  script.at_ns(75).put(context_save_end{.engine = 0});
  script.at_ns(76).put(engine_release{.engine = 0});
  script.at_ns(80).on_queue(2);
  fold.finish(1);
  CHECK(fold.spent(1, Cause::firmware) == ns(11 + 3 + 1 + 4));
  CHECK(fold.spent(1, Cause::context_switch) == ns(16 + 5));
  CHECK(fold.spent(1, Cause::engine_busy) == ns(40));
}

TEST_CASE("a queue that has an engine waits by what that engine is doing") {
  MilestonesRun fold;
  TraceScript& script = fold.script;
  script.put(queue_create{.queue = QueueId{1}, .engine_mask = 0b11});
  fold.submit(1, 0);
  fold.submit(2, 1);
  script.at_ns(2).put(engine_assign{.engine = 0});
  script.at_ns(3).put(context_restore_begin{.engine = 0});
  script.at_ns(10).put(context_restore_end{.engine = 0});
  script.at_ns(12).put(fetch_begin{.engine = 0, .job = JobId{1}});
  script.at_ns(40).put(job_end{.engine = 0, .job = JobId{1}});
  script.at_ns(45).put(fetch_begin{.engine = 0, .job = JobId{2}, .index = 1});
  script.at_ns(50).put(job_end{.engine = 0, .job = JobId{2}});
  fold.finish(1);
  fold.finish(2);
  CHECK(fold.spent(2, Cause::firmware) == ns(3 + 2 + 5));
  CHECK(fold.spent(2, Cause::context_switch) == ns(7));
  CHECK(fold.spent(2, Cause::engine_busy) == ns(28));
}

TEST_CASE("from preemption to resumption a job is preempted") {
  MilestonesRun fold;
  TraceScript& script = fold.script;
  fold.submit(1, 0);
  script.put(engine_assign{.engine = 0}).put(fetch_begin{.engine = 0, .job = JobId{1}});
  script.at_ns(10).put(job_preempted{.engine = 0, .job = JobId{1}}).put(context_save_begin{.engine = 0});
  script.at_ns(15).put(context_save_end{.engine = 0}).put(engine_release{.engine = 0});
  script.at_ns(50).put(engine_assign{.engine = 0}).put(context_restore_begin{.engine = 0});
  script.at_ns(55).put(context_restore_end{.engine = 0}).put(job_resumed{.engine = 0, .job = JobId{1}});
  script.at_ns(80).put(job_end{.engine = 0, .job = JobId{1}});
  fold.finish(1);
  CHECK(fold.spent(1, Cause::work) == ns(10 + 25));
  CHECK(fold.spent(1, Cause::preempted) == ns(45));
}

TEST_CASE("a job that a reset takes off its engine is preempted until it is run again") {
  MilestonesRun fold;
  TraceScript& script = fold.script;
  fold.submit(1, 0);
  script.put(engine_assign{.engine = 0}).put(fetch_begin{.engine = 0, .job = JobId{1}});
  script.at_ns(10).put(engine_release{.engine = 0});
  script.at_ns(30);
  script.put(drm_sched_job_run{.job = JobId{1}}).put(ring_write{.job = JobId{1}, .index = 1});
  script.at_ns(33).put(doorbell_write{.job = JobId{1}, .write_index = 2});
  script.at_ns(37).put(doorbell_arrive{.write_index = 2}).put(queue_ready{.write_index = 2, .resident = true});
  script.at_ns(40).put(engine_assign{.engine = 0}).put(fetch_begin{.engine = 0, .job = JobId{1}, .index = 1});
  script.at_ns(60).put(job_end{.engine = 0, .job = JobId{1}});
  fold.finish(1);
  CHECK(fold.spent(1, Cause::work) == ns(10 + 20));
  CHECK(fold.spent(1, Cause::preempted) == ns(20));
  CHECK(fold.spent(1, Cause::host_worker) == ns(3));
  CHECK(fold.spent(1, Cause::doorbell) == ns(4));
  CHECK(fold.spent(1, Cause::firmware) == ns(3));
}
