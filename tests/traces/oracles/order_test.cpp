// SPDX-License-Identifier: MIT
// queue_fifo and dependency.
#include "tests/traces/oracles/oracle_run.h"

using namespace gpusim;
using namespace gpusim::trace;

TEST_CASE("queue_fifo: jobs of a queue begin to execute in the wrong order") {
  CHECK(spoken([](OracleRun& run) {
          run.exec(1, 1);
          run.exec(2, 2);
          run.push(1);
          run.push(2);
          run.assign();
          run.script.put(job_start{.engine = 0, .job = JobId{2}});
        }) ==
        "queue_fifo: at 0 ps: job 2 of queue 1 (game.0.rcs) began to execute before job 1, which was pushed first");
}

TEST_CASE("queue_fifo: jobs of a queue finish in the wrong order") {
  CHECK(spoken([](OracleRun& run) {
          run.script.put(exec_begin{.job = JobId{1}}).put(exec_begin{.job = JobId{2}});
          run.push(1);
          run.push(2);
          run.script.put(dma_fence_init{.context = 8, .seqno = 1})
              .put(dma_fence_signaled{.job = JobId{2}, .context = 8, .seqno = 1, .error = Errno::io});
        }) ==
        "queue_fifo: at 0 ps: the finished fence of job 2 of queue 1 (game.0.rcs) signalled before that of job 1, "
        "which was pushed first");
}

TEST_CASE("queue_fifo: where clients write into the rings, that is the order") {
  const auto swapped = [](bool is_mapped) {
    return spoken(
        [=](OracleRun& run) {
          if (is_mapped) run.oracles.on_user_queues();
          for (const std::uint64_t job : {1U, 2U}) {
            run.exec(job, job);
            run.script.put(ring_write{.job = JobId{job}, .index = job - 1, .free = 0, .capacity = kRing});
          }
          run.assign();
          run.script.put(job_start{.engine = 0, .job = JobId{2}});
        },
        false);
  };
  CHECK(swapped(true) ==
        "queue_fifo: at 0 ps: job 2 of queue 1 (game.0.rcs) began to execute before job 1, which was pushed first");
  CHECK(swapped(false) == "");
}

TEST_CASE("queue_fifo: a cancelled job need not execute, and after a reset the order begins anew") {
  CHECK(spoken(
            [](OracleRun& run) {
              for (const std::uint64_t job : {1U, 2U, 3U}) {
                run.exec(job, job);
                run.push(job);
              }
              run.signal(1, 1, Errno::canceled);
              for (const std::uint64_t job : {2U, 3U, 2U, 3U})
                run.script.put(job_start{.engine = 0, .job = JobId{job}});
            },
            false) == "");
}

TEST_CASE("queue_fifo: what a pipeline passes over ends with an error") {
  const auto passes_over = [](bool is_pipeline, Errno error) {
    return spoken(
        [=](OracleRun& run) {
          if (is_pipeline) run.oracles.on_pipelines();
          for (const std::uint64_t job : {1U, 2U}) {
            run.exec(job, job);
            run.push(job);
          }
          run.assign();
          run.script.put(job_start{.engine = 0, .job = JobId{2}});
          run.signal(1, 1, error);
        },
        false);
  };
  CHECK(passes_over(true, Errno::time) == "");
  CHECK(passes_over(true, Errno::ok) ==
        "queue_fifo: at 0 ps: job 1 of queue 1 (game.0.rcs) ended without an error; later ones began to execute, and "
        "it never did");
  CHECK(passes_over(false, Errno::time) != "");
}

TEST_CASE("queue_fifo: what a reset takes out of a shared ring ends with an error and is not executed") {
  const auto passes_over = [](bool executes, Errno error) {
    return spoken(
        [=](OracleRun& run) {
          run.oracles.on_shared_ring(QueueId{1}, QueueId{2});
          for (const std::uint64_t job : {1U, 2U}) {
            run.exec(job, job);
            run.push(job);
          }
          run.script.on_queue(2);
          run.assign();
          run.script.put(job_start{.engine = 0, .job = JobId{2}});
          if (executes) run.script.put(job_start{.engine = 0, .job = JobId{1}});
          run.script.on_queue(1);
          run.signal(1, 1, error);
        },
        false);
  };
  CHECK(passes_over(false, Errno::canceled) == "");
  CHECK(passes_over(false, Errno::ok) ==
        "queue_fifo: at 0 ps: job 1 of queue 1 (game.0.rcs) ended without an error; later ones began to execute, and "
        "it never did");
  CHECK(passes_over(true, Errno::canceled) ==
        "queue_fifo: at 0 ps: job 1 of queue 1 (game.0.rcs) began to execute after later ones");
}

TEST_CASE("queue_fifo: the order holds for the repetition, too") {
  CHECK(spoken([](OracleRun& run) {
          for (const std::uint64_t job : {1U, 2U, 3U}) {
            run.exec(job, job);
            run.push(job);
          }
          for (const std::uint64_t job : {1U, 2U, 3U, 1U, 3U})
            run.script.put(job_start{.engine = 0, .job = JobId{job}});
        }) ==
        "queue_fifo: at 0 ps: job 3 of queue 1 (game.0.rcs) began to execute before job 2, which was pushed first");
}

TEST_CASE("dependency: a job executes before the fence that it waits for has signalled") {
  const auto trace = [](bool signals) {
    return [signals](OracleRun& run) {
      run.script.put(dma_fence_init{.context = 9, .seqno = 4});
      run.exec(1, 1);
      run.script.put(drm_sched_job_add_dep{.job = JobId{1}, .dependency_context = 9, .dependency_seqno = 4});
      run.push(1);
      if (signals) run.script.put(dma_fence_signaled{.context = 9, .seqno = 4});
      run.script.put(job_start{.engine = 0, .job = JobId{1}});
    };
  };
  CHECK(spoken(trace(true), false) == "");
  CHECK(
      spoken(trace(false), false) ==
      "dependency: at 0 ps: job 1 of queue 1 (game.0.rcs) began to execute before fence 9:4, on which it depends, had "
      "signalled");
}

TEST_CASE("dependency: a client that submits in user mode has to wait, too") {
  CHECK(spoken([](OracleRun& run) {
          run.exec(1, 1);
          run.script.put(user_dependency{.job = JobId{1}, .dependency_context = 7, .dependency_seqno = 3});
          run.assign();
          run.script.put(job_start{.engine = 0, .job = JobId{1}});
        }) ==
        "dependency: at 0 ps: job 1 of queue 1 (game.0.rcs) began to execute before fence 7:3, on which it "
        "depends, had signalled");
}

TEST_CASE("dependency: the end of a job's work suffices on its own queue, in one domain, or where the device waits") {
  const auto trace = [](std::uint32_t second_queue, std::uint32_t domain, bool device_waits) {
    return [=](OracleRun& run) {
      if (domain != 0) {
        run.oracles.on_queue_limit(QueueId{1}, 0, domain);
        run.oracles.on_queue_limit(QueueId{2}, 0, domain);
      }
      if (device_waits) run.oracles.allow_device_waits();
      run.exec(1, 1);
      run.push(1);
      run.script.on_queue(second_queue);
      run.exec(2, 2);
      run.script.put(drm_sched_job_add_dep{.job = JobId{2}, .dependency_context = 1, .dependency_seqno = 1});
      run.push(2);
      run.script.on_queue(1);
      run.assign();
      run.execute(1);
      run.release();
      run.script.on_queue(second_queue).put(job_start{.engine = 0, .job = JobId{2}});
    };
  };
  CHECK(spoken(trace(1, 0, false), false) == "");
  CHECK(spoken(trace(2, 5, false), false) == "");
  CHECK(spoken(trace(2, 0, true), false) == "");
  CHECK(spoken(trace(2, 0, false), false) ==
        "dependency: at 10.000 ns: job 2 of queue 2 (video.0.vcs) began to execute before fence 1:1 of queue 1 "
        "(game.0.rcs), on which it depends, had signalled");
}

TEST_CASE("dependency: what was thrown away with a ring and is not written again keeps nobody in that ring back") {
  // Job 2, behind job 1 in its ring, is written again after the ring was lost; job 1 only if it is innocent.
  enum class Innocent : std::uint8_t { no, yes, too_late };
  const auto trace = [](bool loses_ring, Innocent is_innocent, bool ran_before) {
    return [=](OracleRun& run) {
      run.oracles.on_queue_limit(QueueId{1}, 0, 5);
      run.oracles.on_queue_limit(QueueId{2}, 0, 5);
      run.exec(1, 1);
      run.push(1);
      run.script.on_queue(2);
      run.exec(2, 2);
      run.script.put(drm_sched_job_add_dep{.job = JobId{2}, .dependency_context = 1, .dependency_seqno = 1});
      run.push(2);
      run.script.on_queue(1);
      if (ran_before) run.script.put(drm_sched_job_run{.job = JobId{1}, .in_flight = 1});
      if (loses_ring) run.script.put(queue_deregistered{.id = 1});
      if (!ran_before) run.script.put(drm_sched_job_run{.job = JobId{1}, .in_flight = 1});
      const auto write = [&](std::uint64_t job) {
        run.script.put(ring_write{.job = JobId{job}, .index = 0, .free = 8, .capacity = kRing});
      };
      if (is_innocent == Innocent::yes) write(1);
      write(2);
      run.script.on_queue(2).put(job_start{.engine = 0, .job = JobId{2}});
      if (is_innocent == Innocent::too_late) write(1);
    };
  };
  const std::string fault =
      "dependency: at 0 ps: job 2 of queue 2 (video.0.vcs) began to execute before fence 1:1 of queue 1 "
      "(game.0.rcs), on which it depends, had signalled";
  CHECK(spoken(trace(true, Innocent::no, true), false) == "");
  CHECK(spoken(trace(false, Innocent::no, true), false) == fault);
  CHECK(spoken(trace(true, Innocent::yes, true), false) == fault);
  CHECK(spoken(trace(true, Innocent::no, false), false) == fault);
  // Written again after all, but behind what was pipelined behind it.
  CHECK(spoken(trace(true, Innocent::too_late, true), false) == fault);
}

TEST_CASE("dependency: a job that the driver refuses fails after those that it is behind on its ring have been run") {
  const auto trace = [](std::uint32_t domain, bool is_run) {
    return [=](OracleRun& run) {
      run.oracles.on_queue_limit(QueueId{1}, 0, domain);
      run.oracles.on_queue_limit(QueueId{2}, 0, domain);
      run.exec(1, 1);
      run.push(1);
      run.script.on_queue(2);
      run.exec(2, 2);
      run.script.put(drm_sched_job_add_dep{.job = JobId{2}, .dependency_context = 1, .dependency_seqno = 1});
      run.push(2);
      if (is_run) run.script.on_queue(1).put(drm_sched_job_run{.job = JobId{1}, .in_flight = 1});
      run.script.on_queue(2);
      run.signal(2, 2, Errno::canceled);
    };
  };
  const std::string fault =
      "dependency: at 0 ps: job 2 of queue 2 (video.0.vcs) ended unsuccessfully before fence 1:1 of queue 1 "
      "(game.0.rcs), on which it depends, had signalled";
  CHECK(spoken(trace(5, true), false) == "");
  CHECK(spoken(trace(5, false), false) == fault);
  CHECK(spoken(trace(0, true), false) == fault);
}

TEST_CASE("dependency: a point of a timeline is reached when all fences up to it have signalled") {
  // Points 1 and 2 of timeline 7 are software fences 8:1 and 9:1; a job depends on point 2, or on point 1.
  const auto begins = [](std::uint64_t point, bool first, bool second) {
    return spoken(
        [=](OracleRun& run) {
          run.script.put(dma_fence_init{.context = 8, .seqno = 1}).put(dma_fence_init{.context = 9, .seqno = 1});
          for (const std::uint64_t seqno : {1U, 2U}) {
            run.script.put(dma_fence_init{.context = 7, .seqno = seqno})
                .put(syncobj_point{.context = 7, .seqno = seqno, .fence_context = 7 + seqno, .fence_seqno = 1});
          }
          run.exec(1, 1);
          run.script.put(drm_sched_job_add_dep{.job = JobId{1}, .dependency_context = 7, .dependency_seqno = point});
          run.push(1);
          if (first) run.script.put(dma_fence_signaled{.context = 8, .seqno = 1});
          if (second) run.script.put(dma_fence_signaled{.context = 9, .seqno = 1});
          run.assign();
          run.script.put(job_start{.engine = 0, .job = JobId{1}});
        },
        false);
  };
  const std::string early =
      "dependency: at 0 ps: job 1 of queue 1 (game.0.rcs) began to execute before fence 7:2, on which it depends, had "
      "signalled";
  CHECK(begins(2, true, true) == "");
  CHECK(begins(1, true, false) == "");
  CHECK(begins(2, false, true) == early);
  CHECK(begins(2, true, false) == early);
  CHECK(begins(2, false, false) == early);
}
