// SPDX-License-Identifier: MIT
// What a job waits for on the host: the head of its queue, room in the ring, its doorbell.
#include "tests/traces/folds/milestones_run.h"

using namespace gpusim;
using namespace gpusim::trace;

TEST_CASE("all queued jobs wait for the dependency of their queue's head") {
  MilestonesRun fold;
  TraceScript& script = fold.script;
  script.at_ns(0)
      .put(exec_begin{.job = JobId{1}, .credits = 1})
      .put(drm_sched_job_add_dep{.job = JobId{1}, .dependency_context = 9, .dependency_seqno = 5});
  script.put(drm_sched_job_queue{.job = JobId{1}});
  script.at_ns(10).put(drm_sched_job_unschedulable{.job = JobId{1}, .dependency_context = 9, .dependency_seqno = 5});
  script.at_ns(15);
  fold.push(2);
  script.at_ns(40)
      .put(dma_fence_signaled{.context = 9, .seqno = 5})
      .put(dependency_ready{.job = JobId{1}, .dependency_context = 9, .dependency_seqno = 5});
  script.at_ns(42).put(drm_sched_job_run{.job = JobId{1}});
  script.at_ns(47).put(drm_sched_job_run{.job = JobId{2}});
  fold.finish(1);
  fold.finish(2);
  CHECK(fold.spent(1, Cause::dependency) == ns(30));
  CHECK(fold.spent(1, Cause::host_worker) == ns(10 + 2 + 5));
  CHECK(fold.spent(2, Cause::dependency) == ns(25));
  CHECK(fold.spent(2, Cause::host_worker) == ns(7));
}

TEST_CASE("a head that waits for another gang does not wait for a dependency, though drm_sched says so") {
  MilestonesRun fold;
  TraceScript& script = fold.script;
  fold.push(1);
  script.at_ns(10)
      .put(gang_wait{.job = JobId{1}, .context = 9, .seqno = 5})
      .put(drm_sched_job_unschedulable{.job = JobId{1}, .dependency_context = 9, .dependency_seqno = 5});
  script.at_ns(40).put(dependency_ready{.job = JobId{1}, .dependency_context = 9, .dependency_seqno = 5});
  script.at_ns(42).put(gang_switch{.job = JobId{1}, .leader = JobId{1}}).put(drm_sched_job_run{.job = JobId{1}});
  // The fence may have signalled before drm_sched waits for it.
  fold.push(2);
  script.at_ns(50).put(gang_wait{.job = JobId{2}, .context = 9, .seqno = 6});
  script.at_ns(51).put(gang_switch{.job = JobId{2}, .leader = JobId{2}}).put(drm_sched_job_run{.job = JobId{2}});
  // The next one does wait for a dependency.
  fold.push(3);
  script.put(drm_sched_job_add_dep{.job = JobId{3}, .dependency_context = 8, .dependency_seqno = 1});
  script.at_ns(60).put(drm_sched_job_unschedulable{.job = JobId{3}, .dependency_context = 8, .dependency_seqno = 1});
  script.at_ns(65).put(drm_sched_job_run{.job = JobId{3}});
  for (const std::uint64_t job : {1U, 2U, 3U}) fold.finish(job);
  CHECK(fold.spent(1, Cause::gang) == ns(30));
  CHECK(fold.spent(1, Cause::dependency) == ns(0));
  CHECK(fold.spent(1, Cause::host_worker) == ns(10 + 2 + 23));
  CHECK(fold.spent(2, Cause::gang) == ns(1));
  CHECK(fold.spent(3, Cause::gang) == ns(0));
  CHECK(fold.spent(3, Cause::dependency) == ns(5));
}

TEST_CASE("credits are short until enough have come back") {
  MilestonesRun fold;
  TraceScript& script = fold.script;
  for (const std::uint64_t job : {1U, 2U}) {
    fold.push(job);
    script.put(drm_sched_job_run{.job = JobId{job}});
  }
  script.at_ns(10).put(exec_begin{.job = JobId{3}, .credits = 2}).put(drm_sched_job_queue{.job = JobId{3}});
  script.at_ns(20).put(credit_blocked{.job = JobId{3}, .credits = 2, .in_flight = 2, .limit = 2});
  script.at_ns(30).put(credit_returned{.job = JobId{1}, .credits = 1, .in_flight = 1, .head_free = false});
  script.at_ns(50).put(credit_returned{.job = JobId{2}, .credits = 1, .in_flight = 0, .head_free = true});
  script.at_ns(55).put(drm_sched_job_run{.job = JobId{3}});
  fold.finish(3);
  CHECK(fold.spent(3, Cause::credit) == ns(30));
  CHECK(fold.spent(3, Cause::host_worker) == ns(10 + 5));
}

TEST_CASE("a head that is cancelled while it waits leaves those behind it runnable") {
  MilestonesRun fold;
  TraceScript& script = fold.script;
  script.put(exec_begin{.job = JobId{1}, .credits = 1})
      .put(drm_sched_job_add_dep{.job = JobId{1}, .dependency_context = 9, .dependency_seqno = 5})
      .put(drm_sched_job_queue{.job = JobId{1}});
  script.put(drm_sched_job_unschedulable{.job = JobId{1}, .dependency_context = 9, .dependency_seqno = 5});
  fold.push(2);
  script.at_ns(10).put(dma_fence_signaled{.job = JobId{1}, .context = 1, .seqno = 1, .error = Errno::canceled});
  script.at_ns(30).put(drm_sched_job_run{.job = JobId{2}});
  fold.finish(2);
  CHECK(fold.life(1).error == 125);
  CHECK(fold.spent(1, Cause::dependency) == ns(10));
  CHECK(fold.spent(2, Cause::dependency) == ns(10));
  CHECK(fold.spent(2, Cause::host_worker) == ns(20));
}

TEST_CASE("a head that runs after all leaves those behind it runnable") {
  MilestonesRun fold;
  TraceScript& script = fold.script;
  script.put(dma_fence_init{.context = 9, .seqno = 5})
      .put(exec_begin{.job = JobId{1}, .credits = 1})
      .put(drm_sched_job_add_dep{.job = JobId{1}, .dependency_context = 9, .dependency_seqno = 5});
  script.put(drm_sched_job_queue{.job = JobId{1}})
      .put(drm_sched_job_unschedulable{.job = JobId{1}, .dependency_context = 9, .dependency_seqno = 5});
  fold.push(2);
  script.at_ns(10).put(drm_sched_job_run{.job = JobId{1}});
  script.at_ns(30).put(drm_sched_job_run{.job = JobId{2}});
  fold.finish(2);
  CHECK(fold.spent(2, Cause::dependency) == ns(10));
  CHECK(fold.spent(2, Cause::host_worker) == ns(20));
}

TEST_CASE("run_job waits for ring space until there is some") {
  MilestonesRun fold;
  TraceScript& script = fold.script;
  fold.push(1);
  script.put(drm_sched_job_run{.job = JobId{1}});
  script.at_ns(5).put(ring_full{.job = JobId{1}, .free = 0, .needed = 1});
  script.at_ns(25).put(ring_space{.job = JobId{1}});
  script.at_ns(26).put(ring_write{.job = JobId{1}, .index = 0}).put(doorbell_write{.job = JobId{1}, .write_index = 1});
  fold.finish(1);
  CHECK(fold.spent(1, Cause::ring_space) == ns(20));
  CHECK(fold.spent(1, Cause::host_worker) == ns(6));
}

TEST_CASE("one doorbell takes several jobs along") {
  MilestonesRun fold;
  TraceScript& script = fold.script;
  for (const std::uint64_t job : {1U, 2U}) {
    fold.push(job);
    script.put(drm_sched_job_run{.job = JobId{job}}).put(ring_write{.job = JobId{job}, .index = job - 1});
  }
  script.at_ns(10).put(doorbell_write{.job = JobId{2}, .write_index = 2});
  script.at_ns(30).put(doorbell_arrive{.write_index = 2});
  script.at_ns(60).put(queue_ready{.write_index = 2, .resident = true});
  fold.finish(1);
  fold.finish(2);
  for (const std::uint64_t job : {1U, 2U}) {
    CHECK(fold.spent(job, Cause::host_worker) == ns(10));
    CHECK(fold.spent(job, Cause::doorbell) == ns(20));
    CHECK(fold.spent(job, Cause::firmware) == ns(30));
  }
}

TEST_CASE("what was sent before a job was run again does not concern it any more") {
  MilestonesRun fold;
  TraceScript& script = fold.script;
  fold.push(1);
  script.put(drm_sched_job_run{.job = JobId{1}})
      .put(ring_write{.job = JobId{1}, .index = 0})
      .put(doorbell_write{.job = JobId{1}, .write_index = 1});
  script.at_ns(5).put(drm_sched_job_run{.job = JobId{1}}).put(ring_write{.job = JobId{1}, .index = 1});
  script.at_ns(7).put(doorbell_arrive{.write_index = 1});
  script.at_ns(9).put(queue_ready{.write_index = 1, .resident = true});
  script.at_ns(12).put(doorbell_write{.job = JobId{1}, .write_index = 2});
  script.at_ns(14).put(doorbell_arrive{.write_index = 2});
  fold.finish(1);
  CHECK(fold.spent(1, Cause::doorbell) == ns(5 + 2));
  CHECK(fold.spent(1, Cause::host_worker) == ns(7));
  CHECK(fold.spent(1, Cause::firmware) == ns(0));
}
