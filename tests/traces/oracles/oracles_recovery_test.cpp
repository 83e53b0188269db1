// SPDX-License-Identifier: MIT
// Oracles about what goes wrong and how it is dealt with: timeouts, stop and kill, guilt.
#include <functional>
#include <string>

#include "tests/support/catch.h"
#include "tests/support/trace_script.h"
#include "tests/support/violation.h"
#include "traces/oracles/oracles.h"

using namespace gpusim;
using namespace gpusim::trace;
using K = EventKind;

namespace {

constexpr std::int64_t kTimeoutMs = 100;

struct Run {
  Run() {
    names.queues = {{}, {.name = "game.0.rcs"}, {.name = "video.0.vcs"}};
    oracles.on_timeout(ms(kTimeoutMs));
    oracles.attach_to(script.recorder);
  }
  TraceScript& at_ms(std::int64_t milliseconds) { return script.at_ns(milliseconds * 1'000'000); }
  /// The job goes to the hardware; finished fence and job have the same number.
  void run_job(std::uint64_t job, std::uint64_t in_flight) {
    script.put(K::exec_begin, job, 0, 1).put(K::dma_fence_init, job, script.queue, job);
    script.put(K::drm_sched_job_queue, job).put(K::exec_end, job).put(K::drm_sched_job_run, job, 0, 0, in_flight);
  }
  void end(std::uint64_t job, std::uint64_t in_flight, std::uint64_t error = 0) {
    script.put(K::credit_returned, job, 1, in_flight).put(K::dma_fence_signaled, job, script.queue, job, error);
  }

  Names names;
  OracleSet oracles{names};
  TraceScript script;
};

std::string spoken(const std::function<void(Run&)>& trace) {
  Run run;
  return test::violation_of([&] { trace(run); });
}

std::string timed_out_at(std::int64_t milliseconds, const std::function<void(Run&)>& before = {}) {
  return spoken([&](Run& run) {
    run.run_job(1, 1);
    run.run_job(2, 2);
    run.at_ms(10);
    run.end(1, 1);
    if (before) before(run);
    run.at_ms(milliseconds).put(K::job_timedout, 2);
  });
}

}  // namespace

TEST_CASE("timeout: the new head gets its whole timeout") {
  CHECK(timed_out_at(110) == "");
  CHECK(timed_out_at(109) == "");  // jiffies are counted from the one that has begun
  CHECK(timed_out_at(100) ==
        "timeout: at 100.000 ms: timedout_job was called for job 2 of queue 1 (game.0.rcs) 90.000 ms after it had "
        "become the head; its timeout is 100.000 ms");
}

TEST_CASE("timeout: one that somebody asked for may come at once") {
  for (const K asked : {K::queue_kill, K::engine_reset, K::reset_notify, K::device_gone}) {
    CHECK(timed_out_at(20, [&](Run& run) { run.script.put_on(0, asked); }) == "");
  }
  CHECK(timed_out_at(20, [](Run& run) { run.script.on_queue(2).put_on(0, K::queue_kill).on_queue(1); }) != "");
}

TEST_CASE("timeout: a verdict and a start give the head its time anew") {
  const auto again = [](std::int64_t second) {
    return timed_out_at(second, [](Run& run) { run.at_ms(110).put(K::job_timedout, 2).put(K::timeout_verdict, 2, 1); });
  };
  CHECK(again(210) == "");
  CHECK(again(200) != "");
  const auto started = [](Run& run) {
    run.script.put_on(0, K::queue_stop);
    run.at_ms(50).put_on(0, K::queue_start);
  };
  CHECK(timed_out_at(150, started) == "");
  CHECK(timed_out_at(110, started) != "");
}

TEST_CASE("timeout: one that comes too late, or only for the end of the job") {
  CHECK(timed_out_at(1'120) == "");
  CHECK(timed_out_at(1'130) ==
        "timeout: at 1.130 s: job 2 of queue 1 (game.0.rcs) timed out at last; timedout_job was due 1.020 s before");
  CHECK(spoken([](Run& run) {
          run.run_job(1, 1);
          run.at_ms(1'200);
          run.end(1, 0);
        }) == "timeout: at 1.200 s: job 1 of queue 1 (game.0.rcs) ended at last; timedout_job was due 1.100 s before");
}

TEST_CASE("timeout: what a killed queue has on the hardware is dealt with at once") {
  const auto killed = [](std::int64_t end) {
    return spoken([&](Run& run) {
      run.oracles.on_timeout(ms(100'000));
      run.run_job(1, 1);
      run.at_ms(5).put_on(0, K::queue_kill);
      run.at_ms(end);
      run.end(1, 0);
    });
  };
  CHECK(killed(1'000) == "");
  CHECK(
      killed(1'010) ==
      "timeout: at 1.010 s: job 1 of queue 1 (game.0.rcs) ended at last; timedout_job was due 1.005 s before, because "
      "the queue was killed");
}

TEST_CASE("timeout: a queue that is stopped or being judged may take its time, and a job that never ran") {
  CHECK(spoken([](Run& run) {
          run.run_job(1, 1);
          run.script.put_on(0, K::queue_stop);
          run.at_ms(5'000);
          run.end(1, 0);
        }) == "");
  CHECK(spoken([](Run& run) {
          run.run_job(1, 1);
          run.at_ms(100).put(K::job_timedout, 1);
          run.at_ms(5'000);
          run.end(1, 0);
        }) == "");
  CHECK(spoken([](Run& run) {
          run.script.put(K::dma_fence_init, 1, 1, 1).put(K::drm_sched_job_queue, 1);
          run.at_ms(5'000);
          run.script.put(K::dma_fence_signaled, 1, 1, 1, 125);
        }) == "");
}

TEST_CASE("lone_timeout: a timeout without a cause, where none can be") {
  const auto trace = [](bool enabled, const std::function<void(Run&)>& before) {
    return spoken([&](Run& run) {
      if (enabled) run.oracles.forbid_lone_timeouts();
      run.run_job(1, 1);
      if (before) before(run);
      run.at_ms(100).put(K::job_timedout, 1);
    });
  };
  CHECK(trace(true, {}) ==
        "lone_timeout: at 100.000 ms: timedout_job is called for job 1 of queue 1 (game.0.rcs), and nothing had gone "
        "wrong: no fault, no reset, no kill; something was lost on its way");
  CHECK(trace(false, {}) == "");
  for (const K cause : {K::fault_injected, K::device_reset_begin, K::device_gone, K::queue_kill}) {
    CHECK(trace(true, [&](Run& run) { run.script.put_on(0, cause); }) == "");
  }
  CHECK(trace(true, [](Run& run) { run.script.on_queue(2).put_on(0, K::queue_kill).on_queue(1); }) != "");
}

TEST_CASE("stopped_queue: a job is run between stop and start") {
  CHECK(spoken([](Run& run) {
          run.script.put_on(0, K::queue_stop).put_on(0, K::queue_start);
          run.run_job(1, 1);
        }) == "");
  CHECK(spoken([](Run& run) {
          run.at_ms(1).put_on(0, K::queue_stop).put_on(0, K::queue_stop).put_on(0, K::queue_start);
          run.run_job(1, 1);
        }) ==
        "stopped_queue: at 1.000 ms: run_job was called for job 1 of queue 1 (game.0.rcs), which was stopped at "
        "1.000 ms");
  CHECK(spoken([](Run& run) { run.script.put_on(0, K::queue_start); }) ==
        "stopped_queue: at 0 ps: queue 1 (game.0.rcs) was started and had not been stopped");
}

TEST_CASE("stopped_queue: after a kill only the job in hand is run") {
  const auto killed = [](std::uint64_t jobs) {
    return spoken([&](Run& run) {
      run.at_ms(1).put(K::queue_kill, 0, 125);
      for (std::uint64_t job = 1; job <= jobs; ++job) run.run_job(job, job);
    });
  };
  CHECK(killed(1) == "");
  CHECK(killed(2) ==
        "stopped_queue: at 1.000 ms: run_job was called for job 2 of queue 1 (game.0.rcs), which was killed at 1.000 "
        "ms");
}

TEST_CASE("guilty: a queue is banned for a job that has not begun") {
  const auto banned_for = [](std::uint64_t job, const std::function<void(Run&)>& before = {}) {
    return spoken([&](Run& run) {
      run.script.put_on(0, K::job_start, 3, 1'000);
      if (before) before(run);
      run.script.put(K::queue_banned, job);
    });
  };
  CHECK(banned_for(3) == "");
  CHECK(banned_for(0) == "");  // for nobody's fault
  CHECK(banned_for(4) == "guilty: at 0 ps: queue 1 (game.0.rcs) was banned for job 4, which had not begun");
  CHECK(banned_for(4, [](Run& run) { run.script.put_on(0, K::engine_reset); }) == "");
}

TEST_CASE("dependency: a job fails before what it depends on") {
  const auto trace = [](bool satisfied, bool early) {
    return spoken([&](Run& run) {
      if (early) run.oracles.allow_early_kills();
      run.script.put(K::dma_fence_init, 0, 7, 1);
      run.script.put(K::dma_fence_init, 1, 1, 1).put(K::drm_sched_job_queue, 1);
      run.script.put(K::drm_sched_job_add_dep, 1, 7, 1).put(K::exec_end, 1);
      if (satisfied) run.script.put(K::dma_fence_signaled, 0, 7, 1);
      run.script.put(K::dma_fence_signaled, 1, 1, 1, 125);
    });
  };
  CHECK(trace(true, false) == "");
  CHECK(trace(false, true) == "");
  CHECK(
      trace(false, false) ==
      "dependency: at 0 ps: job 1 of queue 1 (game.0.rcs) ended unsuccessfully before fence 7:1, on which it depends, "
      "had signalled");
}
