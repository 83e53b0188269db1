// SPDX-License-Identifier: MIT
// Whole lives: a plain job, jobs that fail or are cut off, many jobs.
#include "tests/traces/folds/milestones_run.h"

using namespace gpusim;
using namespace gpusim::trace;

TEST_CASE("each step of a plain job's way is booked to its cause") {
  MilestonesRun fold;
  TraceScript& script = fold.script;
  script.at_ns(100).put(exec_begin{.job = JobId{1}, .client = ClientId{7}, .credits = 1});
  script.at_ns(101).put(exec_lock_wait{.job = JobId{1}});
  script.at_ns(103).put(exec_lock_acquired{.job = JobId{1}});
  script.at_ns(106).put(drm_sched_job_queue{.job = JobId{1}});
  script.put(exec_end{.job = JobId{1}}).put(dma_fence_wait_start{.job = JobId{1}});
  script.at_ns(110).put(drm_sched_job_run{.job = JobId{1}}).put(ring_write{.job = JobId{1}, .index = 0});
  script.at_ns(115).put(doorbell_write{.doorbell = 5, .job = JobId{1}, .write_index = 1});
  script.at_ns(121).put(doorbell_arrive{.doorbell = 5, .write_index = 1});
  script.at_ns(128).put(queue_ready{.write_index = 1, .resident = true});
  script.at_ns(136).put(engine_assign{.engine = kEngine}).put(context_restore_begin{.engine = kEngine});
  script.at_ns(145).put(context_restore_end{.engine = kEngine});
  script.at_ns(155).put(fetch_begin{.engine = kEngine, .job = JobId{1}});
  script.at_ns(166).put(job_end{.engine = kEngine, .job = JobId{1}});
  script.at_ns(178).put(
      fence_visible{.vector = kVector, .job = JobId{1}, .address = 64, .value = 1, .completion = true});
  script.at_ns(191).put(irq_handler_entry{.vector = kVector});
  script.at_ns(205).put(dma_fence_signaled{.job = JobId{1}});
  script.at_ns(220).put(dma_fence_wait_end{.job = JobId{1}});

  const JobLife& life = fold.life(1);
  CHECK(life.queue == 1);
  CHECK(life.client == 7);
  CHECK(life.error == 0);
  CHECK(life.begin == at(ns(100)));
  CHECK(life.end == at(ns(220)));
  CHECK(life[Cause::syscall] == ns(1 + 3));
  CHECK(life[Cause::lock] == ns(2));
  CHECK(life[Cause::host_worker] == ns(4 + 5));
  CHECK(life[Cause::doorbell] == ns(6));
  CHECK(life[Cause::firmware] == ns(7 + 8 + 10));  // event, decision, after the restore
  CHECK(life[Cause::context_switch] == ns(9));
  CHECK(life[Cause::work] == ns(11));
  CHECK(life[Cause::fence_write] == ns(12));
  CHECK(life[Cause::interrupt] == ns(13));
  CHECK(life[Cause::completion] == ns(14));
  CHECK(life[Cause::wakeup] == ns(15));
}

TEST_CASE("an exec that fails leaves no life, and jobs open at the end are cut off") {
  MilestonesRun fold;
  TraceScript& script = fold.script;
  script.put(exec_begin{.job = JobId{1}, .credits = 1});
  script.at_ns(10).put(exec_end{.job = JobId{1}, .error = Errno::nomem});
  fold.push(2);
  script.at_ns(30);
  CHECK(fold.kept.lives.empty());
  const std::vector<JobLife> open = fold.milestones.finish(script.now());
  REQUIRE(open.size() == 1);
  CHECK(open[0].job == 2);
  CHECK(open[0].length() == ns(20));
  CHECK(open[0][Cause::host_worker] == ns(20));
}

TEST_CASE("without a submission component the caller's time up to the doorbell is the ioctl's") {
  MilestonesRun fold;
  TraceScript& script = fold.script;
  script.put(exec_begin{.job = JobId{1}, .credits = 1});
  script.at_ns(2).put(ring_full{.job = JobId{1}});
  script.at_ns(6).put(ring_space{.job = JobId{1}}).put(ring_write{.job = JobId{1}, .index = 0});
  script.at_ns(7).put(doorbell_write{.job = JobId{1}, .write_index = 1});
  script.at_ns(9).put(doorbell_arrive{.write_index = 1});
  fold.finish(1);
  CHECK(fold.spent(1, Cause::syscall) == ns(2 + 1));
  CHECK(fold.spent(1, Cause::ring_space) == ns(4));
  CHECK(fold.spent(1, Cause::doorbell) == ns(2));
}

TEST_CASE("jobs of many queues retire in any order") {
  MilestonesRun fold;
  TraceScript& script = fold.script;
  constexpr std::uint64_t kJobs = 1'000;
  for (std::uint64_t job = 1; job <= kJobs; ++job) {
    script.at_ns(static_cast<std::int64_t>(job)).put(exec_begin{.job = JobId{job}, .credits = 1});
  }
  for (std::uint64_t job = 1; job <= kJobs; ++job) fold.finish(job * 3 % 1'001);
  CHECK(fold.kept.lives.size() == kJobs);
  CHECK(fold.spent(3, Cause::syscall) == ns(997));
}
