// SPDX-License-Identifier: MIT
// stopped_queue, guilty, and dependency where a job fails.
#include "tests/traces/oracles/recovery_run.h"

using namespace gpusim;
using namespace gpusim::trace;

TEST_CASE("stopped_queue: a job is run between stop and start") {
  CHECK(spoken([](RecoveryRun& run) {
          run.script.put(queue_stop{}).put(queue_start{});
          run.run_job(1, 1);
        }) == "");
  CHECK(spoken([](RecoveryRun& run) {
          run.at_ms(1).put(queue_stop{}).put(queue_stop{}).put(queue_start{});
          run.run_job(1, 1);
        }) ==
        "stopped_queue: at 1.000 ms: run_job was called for job 1 of queue 1 (game.0.rcs), which was stopped at "
        "1.000 ms");
  CHECK(spoken([](RecoveryRun& run) { run.script.put(queue_start{}); }) ==
        "stopped_queue: at 0 ps: queue 1 (game.0.rcs) was started and had not been stopped");
}

TEST_CASE("stopped_queue: after a kill only the job in hand is run") {
  const auto killed = [](std::uint64_t jobs) {
    return spoken([&](RecoveryRun& run) {
      run.at_ms(1).put(queue_kill{.error = Errno::canceled});
      for (std::uint64_t job = 1; job <= jobs; ++job) run.run_job(job, job);
    });
  };
  CHECK(killed(1) == "");
  CHECK(killed(2) ==
        "stopped_queue: at 1.000 ms: run_job was called for job 2 of queue 1 (game.0.rcs), which was killed at 1.000 "
        "ms");
}

TEST_CASE("guilty: a queue is banned for a job that has not begun") {
  const auto banned_for = [](std::uint64_t job, const std::function<void(RecoveryRun&)>& before = {}) {
    return spoken([&](RecoveryRun& run) {
      run.script.put(job_start{.engine = 0, .job = JobId{3}, .work_ps = 1'000});
      if (before) before(run);
      run.script.put(queue_banned{.job = JobId{job}});
    });
  };
  CHECK(banned_for(3) == "");
  CHECK(banned_for(0) == "");  // for nobody's fault
  CHECK(banned_for(4) == "guilty: at 0 ps: queue 1 (game.0.rcs) was banned for job 4, which had not begun");
  CHECK(banned_for(4, [](RecoveryRun& run) { run.script.put(engine_reset{.engine = 0}); }) == "");
}

TEST_CASE("dependency: a job fails before what it depends on") {
  const auto trace = [](bool satisfied, bool early) {
    return spoken([&](RecoveryRun& run) {
      if (early) run.oracles.allow_early_kills();
      run.script.put(dma_fence_init{.context = 7, .seqno = 1});
      run.script.put(dma_fence_init{.job = JobId{1}, .context = 1, .seqno = 1})
          .put(drm_sched_job_queue{.job = JobId{1}});
      run.script.put(drm_sched_job_add_dep{.job = JobId{1}, .dependency_context = 7, .dependency_seqno = 1})
          .put(exec_end{.job = JobId{1}});
      if (satisfied) run.script.put(dma_fence_signaled{.context = 7, .seqno = 1});
      run.script.put(dma_fence_signaled{.job = JobId{1}, .context = 1, .seqno = 1, .error = Errno::canceled});
    });
  };
  CHECK(trace(true, false) == "");
  CHECK(trace(false, true) == "");
  CHECK(
      trace(false, false) ==
      "dependency: at 0 ps: job 1 of queue 1 (game.0.rcs) ended unsuccessfully before fence 7:1, on which it depends, "
      "had signalled");
}
