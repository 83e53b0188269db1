// SPDX-License-Identifier: MIT
// Which part of the wait for an engine is due to a queue's own earlier jobs.
#include "tests/traces/folds/milestones_run.h"

using namespace gpusim;
using namespace gpusim::trace;

namespace {

constexpr QueueId kOther{2};

/// A job of the other queue that the firmware knows, at this moment.
void submit_other(TraceScript& script, std::uint64_t job) {
  script.put(queue_create{.queue = kOther, .client = ClientId{1}, .engine_mask = 1});
  script.put(exec_begin{.queue = kOther, .job = JobId{job}, .client = ClientId{1}, .credits = 1})
      .put(drm_sched_job_queue{.queue = kOther, .job = JobId{job}})
      .put(drm_sched_job_run{.queue = kOther, .job = JobId{job}})
      .put(ring_write{.queue = kOther, .job = JobId{job}, .index = 0})
      .put(doorbell_write{.queue = kOther, .job = JobId{job}, .write_index = 1})
      .put(doorbell_arrive{.queue = kOther, .write_index = 1})
      .put(queue_ready{.queue = kOther, .write_index = 1, .resident = true});
}

}  // namespace

TEST_CASE("the wait behind a job of one's own queue is own backlog, and the wait behind another queue is not") {
  MilestonesRun fold;
  TraceScript& script = fold.script;
  fold.submit(1, 0);
  fold.submit(2, 1);
  submit_other(script, 3);
  script.put(engine_assign{.engine = kEngine}).put(fetch_begin{.engine = kEngine, .job = JobId{1}});
  script.at_ns(100)
      .put(job_end{.engine = kEngine, .job = JobId{1}})
      .put(fetch_begin{.engine = kEngine, .job = JobId{2}, .index = 1});
  script.at_ns(250).put(job_end{.engine = kEngine, .job = JobId{2}}).put(engine_release{.engine = kEngine});
  script.put(engine_assign{.queue = kOther, .engine = kEngine})
      .put(fetch_begin{.queue = kOther, .engine = kEngine, .job = JobId{3}});
  script.at_ns(300).put(job_end{.queue = kOther, .engine = kEngine, .job = JobId{3}});
  for (const std::uint64_t job : {1U, 2U, 3U}) fold.finish(job);
  CHECK(fold.spent(1, Cause::engine_busy) == ns(0));
  CHECK(fold.life(1).own_backlog == ns(0));
  CHECK(fold.spent(2, Cause::engine_busy) == ns(100));
  CHECK(fold.life(2).own_backlog == ns(100));
  CHECK(fold.spent(3, Cause::engine_busy) == ns(250));
  CHECK(fold.life(3).own_backlog == ns(0));
}

TEST_CASE("own backlog counts only while the job waits for the engine") {
  MilestonesRun fold;
  TraceScript& script = fold.script;
  fold.submit(1, 0);
  script.put(engine_assign{.engine = kEngine}).put(fetch_begin{.engine = kEngine, .job = JobId{1}});
  script.at_ns(40);
  fold.push(2);
  script.at_ns(70);
  fold.ring(2, 1);
  script.at_ns(90).put(queue_ready{.write_index = 2, .resident = true});
  script.at_ns(100)
      .put(job_end{.engine = kEngine, .job = JobId{1}})
      .put(fetch_begin{.engine = kEngine, .job = JobId{2}, .index = 1});
  script.at_ns(130).put(job_end{.engine = kEngine, .job = JobId{2}});
  fold.finish(1);
  fold.finish(2);
  CHECK(fold.spent(2, Cause::host_worker) == ns(30));
  CHECK(fold.life(2).own_backlog == ns(10));
}
