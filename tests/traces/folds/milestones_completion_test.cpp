// SPDX-License-Identifier: MIT
// The way back: fence value, interrupt, signal, waiter.
#include "tests/traces/folds/milestones_run.h"

using namespace gpusim;
using namespace gpusim::trace;

TEST_CASE("a fence that becomes visible while its handler runs waits for no interrupt") {
  MilestonesRun fold;
  TraceScript& script = fold.script;
  fold.submit(1, 0);
  script.put(fetch_begin{.engine = 0, .job = JobId{1}}).put(job_end{.engine = 0, .job = JobId{1}});
  script.at_ns(5).put(irq_handler_entry{.vector = kVector});
  script.at_ns(10).put(fence_visible{.vector = kVector,
                                     .job = JobId{1},
                                     .address = 64,
                                     .value = 1,
                                     .completion = false});  // a start mark says nothing
  script.at_ns(12).put(
      fence_visible{.vector = kVector, .job = JobId{1}, .address = 64, .value = 1, .completion = true});
  script.at_ns(20).put(irq_handler_exit{.vector = kVector});
  fold.finish(1);
  CHECK(fold.spent(1, Cause::fence_write) == ns(12));
  CHECK(fold.spent(1, Cause::interrupt) == ns(0));
  CHECK(fold.spent(1, Cause::completion) == ns(8));
}

TEST_CASE("a handler of another vector is no news of a job") {
  MilestonesRun fold;
  TraceScript& script = fold.script;
  fold.submit(1, 0);
  script.put(fetch_begin{.engine = 0, .job = JobId{1}})
      .put(job_end{.engine = 0, .job = JobId{1}})
      .put(fence_visible{.vector = kVector, .job = JobId{1}, .address = 64, .value = 1, .completion = true});
  script.at_ns(5).put(irq_handler_entry{.vector = kVector + 1});
  script.at_ns(9).put(irq_handler_entry{.vector = kVector});
  script.at_ns(10);
  fold.finish(1);
  CHECK(fold.spent(1, Cause::interrupt) == ns(9));
  CHECK(fold.spent(1, Cause::completion) == ns(1));
}

TEST_CASE("a job that has signalled is woken by its waiter only, whatever still arrives for it") {
  MilestonesRun fold;
  TraceScript& script = fold.script;
  for (const std::uint64_t job : {1U, 2U}) {
    fold.push(job);
    script.put(dma_fence_wait_start{.job = JobId{job}})
        .put(drm_sched_job_run{.job = JobId{job}})
        .put(ring_write{.job = JobId{job}, .index = job - 1});
  }
  fold.finish(1);  // cancelled between ring and doorbell
  script.at_ns(3).put(doorbell_write{.job = JobId{2}, .write_index = 2});
  script.at_ns(4).put(doorbell_arrive{.write_index = 2}).put(queue_ready{.write_index = 2, .resident = true});
  script.put(fetch_begin{.engine = 0, .job = JobId{2}, .index = 1}).put(job_end{.engine = 0, .job = JobId{2}});
  script.put(fence_visible{.vector = kVector, .job = JobId{2}, .address = 64, .value = 1, .completion = true});
  script.at_ns(6);
  fold.finish(2);  // found by polling
  script.at_ns(8).put(irq_handler_entry{.vector = kVector});
  script.at_ns(11).put(dma_fence_wait_end{.job = JobId{1}}).put(dma_fence_wait_end{.job = JobId{2}});
  CHECK(fold.spent(1, Cause::wakeup) == ns(11));
  CHECK(fold.spent(2, Cause::interrupt) == ns(2));
  CHECK(fold.spent(2, Cause::completion) == ns(0));
  CHECK(fold.spent(2, Cause::wakeup) == ns(5));
}

TEST_CASE("a life ends with the first waiter that returns, or with the signal if nobody waits any more") {
  MilestonesRun fold;
  TraceScript& script = fold.script;
  fold.submit(1, 0);
  fold.submit(2, 1);
  script.put(dma_fence_wait_start{.job = JobId{1}})
      .put(dma_fence_wait_start{.job = JobId{1}})
      .put(dma_fence_wait_start{.job = JobId{2}});
  script.at_ns(5).put(dma_fence_wait_end{.job = JobId{2}});  // gave up
  script.at_ns(10);
  fold.finish(1);
  fold.finish(2);
  script.at_ns(13).put(dma_fence_wait_end{.job = JobId{1}});
  script.at_ns(19).put(dma_fence_wait_end{.job = JobId{1}});
  CHECK(fold.life(1).end == at(ns(13)));
  CHECK(fold.spent(1, Cause::wakeup) == ns(3));
  CHECK(fold.life(2).end == at(ns(10)));
  CHECK(fold.spent(2, Cause::wakeup) == ns(0));
}
