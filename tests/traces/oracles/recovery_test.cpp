// SPDX-License-Identifier: MIT
// stopped_queue, guilty, eviction, after_end, and dependency where a job fails.
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

TEST_CASE("stopped_queue: a queue that is made in a device reset runs a job, and was not stopped") {
  const auto made = [](RecoveryRun& run, bool is_stopped) {
    run.at_ms(1).put(device_reset_begin{}).put(queue_create{});
    if (is_stopped) run.script.put(queue_stop{}).put(queue_start{});
  };
  CHECK(
      spoken([&](RecoveryRun& run) {
        made(run, false);
        run.run_job(1, 1);
      }) ==
      "stopped_queue: at 1.000 ms: run_job was called for job 1 of queue 1 (game.0.rcs), which was made in the device "
      "reset under way and not stopped");
  CHECK(spoken([&](RecoveryRun& run) {
          made(run, true);
          run.run_job(1, 1);
        }) == "");
  CHECK(spoken([&](RecoveryRun& run) {
          run.oracles.on_shared_ring(QueueId{1}, QueueId{});  // its rings run until they are stopped
          made(run, false);
          run.run_job(1, 1);
        }) == "");
  CHECK(spoken([&](RecoveryRun& run) {
          made(run, false);
          run.script.put(device_reset_end{});
          run.run_job(1, 1);
        }) == "");
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

TEST_CASE(
    "stopped_queue: a killed queue that is drained runs its jobs, and puts at most the one in hand into the ring") {
  const auto drained = [](std::uint64_t written) {
    return spoken([&](RecoveryRun& run) {
      run.oracles.on_drained_kills();
      run.at_ms(1).put(queue_kill{.error = Errno::canceled});
      for (std::uint64_t job = 1; job <= 3; ++job) run.run_job(job, job);
      for (std::uint64_t job = 1; job <= written; ++job) {
        run.script.put(ring_write{.job = JobId{job}, .index = job - 1, .free = 8, .capacity = 16});
      }
    });
  };
  CHECK(drained(1) == "");
  CHECK(drained(2) ==
        "stopped_queue: at 1.000 ms: job 2 was put into the ring of queue 1 (game.0.rcs), which was killed at 1.000 "
        "ms");
}

namespace {

// Job 3 begins at once, runs for 20 ms and is preempted; at 100 ms the queue is banned.
std::string banned_for(std::uint64_t job, const BlameRules& rules,
                       const std::function<void(RecoveryRun&)>& before = {}) {
  return spoken([&](RecoveryRun& run) {
    run.oracles.on_blame_rules(rules);
    run.script.put(job_start{.engine = 0, .job = JobId{3}, .work_ps = 1'000'000'000'000});
    run.at_ms(20).put(job_preempted{.engine = 0, .job = JobId{3}, .done = ms(20)});
    run.at_ms(100);
    if (before) before(run);
    run.script.put(queue_banned{.job = JobId{job}});
  });
}

void time_out(RecoveryRun& run, std::uint64_t job) {
  run.script.put(job_timedout{.job = JobId{job}}).put(timeout_verdict{.job = JobId{job}, .verdict = 3});
}

}  // namespace

TEST_CASE("guilty: a queue is banned for a job that has not begun") {
  const std::string spoken = "guilty: at 100.000 ms: queue 1 (game.0.rcs) was banned for job 4, which had not begun";
  CHECK(banned_for(0, {}) == "");  // for nobody's fault
  CHECK(banned_for(4, {}) == spoken);
  CHECK(banned_for(4, {.not_begun = true}) == "");
  CHECK(banned_for(4, {}, [](RecoveryRun& run) { run.script.put(engine_reset{.engine = 0}); }) == "");
  // Resets and timeouts count up to the limit.
  const auto seen = [&](std::uint32_t limit) {
    return banned_for(4, {.reset_limit = limit}, [](RecoveryRun& run) {
      run.script.put(device_reset_begin{}).put(device_reset_end{});
      time_out(run, 4);
    });
  };
  CHECK(seen(0) == spoken);
  CHECK(seen(1) == "");
  CHECK(seen(2) == spoken);
  // A reset that is under way when the job becomes the head counts against it, one that is over does not.
  const auto becomes_head = [&](bool before_its_end) {
    return banned_for(4, {.reset_limit = 1}, [&](RecoveryRun& run) {
      run.script.put(device_reset_begin{});
      if (!before_its_end) run.script.put(device_reset_end{});
      run.script.put(dma_fence_init{.job = JobId{3}, .context = 1, .seqno = 3});
      run.script.put(dma_fence_signaled{.job = JobId{3}, .context = 1, .seqno = 3});
      if (before_its_end) run.script.put(device_reset_end{});
      time_out(run, 4);
    });
  };
  CHECK(becomes_head(true) == "");
  CHECK(becomes_head(false) == spoken);
  // A driver that bans first keeps the ban if the firmware does not answer.
  const auto unanswered = [](RecoveryRun& run) { run.script.put(message_abandoned{.shortage = 2}); };
  CHECK(banned_for(4, {}, unanswered) == spoken);
  CHECK(banned_for(4, {.bans_first = true}, unanswered) == "");
}

TEST_CASE("guilty: a queue is banned for a job that has not had its time") {
  const std::string spoken =
      "guilty: at 100.000 ms: queue 1 (game.0.rcs) was banned for job 3, which had run for 20.000 ms of 21.000 ms";
  CHECK(banned_for(3, {}) == "");  // the wall clock
  CHECK(banned_for(3, {.run_time = ms(20)}) == "");
  CHECK(banned_for(3, {.run_time = ms(21)}) == spoken);
  const auto resumed = [](RecoveryRun& run) {
    run.script.put(engine_assign{.engine = 0});
    run.script.put(job_resumed{.engine = 0, .job = JobId{3}, .done = ms(20)});
    run.at_ms(101);
  };
  CHECK(banned_for(3, {.run_time = ms(21)}, resumed) == "");
  // Stuck: it has not run between two timeouts.
  const auto twice = [](RecoveryRun& run) {
    time_out(run, 3);
    time_out(run, 3);
  };
  CHECK(banned_for(3, {.run_time = ms(21)}, twice) == spoken);
  CHECK(banned_for(3, {.run_time = ms(21), .stuck = true}, twice) == "");
  CHECK(banned_for(3, {.run_time = ms(21), .stuck = true}, [](RecoveryRun& run) { time_out(run, 3); }) == spoken);
  // In a device reset.
  const auto in_reset = [](RecoveryRun& run) { run.script.put(device_reset_begin{}); };
  CHECK(banned_for(3, {.run_time = ms(21)}, in_reset) == spoken);
  CHECK(banned_for(3, {.run_time = ms(21), .reset_takes_begun = true}, in_reset) == "");
  CHECK(banned_for(4, {.reset_takes_begun = true}, in_reset) != "");
  CHECK(banned_for(4, {.reset_takes_all = true}, in_reset) == "");
}

TEST_CASE(
    "guilty: a queue that did not leave its engine in time pays in the reset for that, though it has left since") {
  static constexpr Code kMissed = 7U;
  const auto told = [](Code message, std::uint32_t queue, int resets) {
    return banned_for(3, {.run_time = ms(21), .preempt_missed = kMissed}, [=](RecoveryRun& run) {
      run.script.on_queue(queue).put(message_reply{.action = message}).on_queue(1);
      for (int i = 0; i < resets; ++i) {
        if (i > 0) run.script.put(device_reset_end{});
        run.script.put(device_reset_begin{});
      }
    });
  };
  CHECK(told(kMissed, 1, 1) == "");
  CHECK(told(kMissed, 1, 0) != "");
  CHECK(told(kMissed, 1, 2) != "");  // one that comes later
  CHECK(told(kMissed, 2, 1) != "");
  CHECK(told(Code{6U}, 1, 1) != "");
}

TEST_CASE("guilty: something of a queue is executed after a page fault") {
  const auto after_fault = [](const std::function<void(RecoveryRun&)>& meanwhile, std::uint64_t job) {
    return spoken([&](RecoveryRun& run) {
      run.script.put(engine_assign{.engine = 0}).put(job_start{.engine = 0, .job = JobId{3}, .work_ps = 1'000});
      run.at_ms(1).put(page_fault{.engine = 0, .job = JobId{3}, .done = ps(10)});
      run.script.put(engine_reset{.engine = 0, .job = JobId{3}}).put(engine_release{.engine = 0});
      if (meanwhile) meanwhile(run);
      run.script.put(engine_assign{.engine = 0}).put(job_start{.engine = 0, .job = JobId{job}, .work_ps = 1'000});
    });
  };
  const auto text = [](int job) {
    return "guilty: at 1.000 ms: job " + std::to_string(job) +
           " of queue 1 (game.0.rcs) was executed after the page fault of job 3";
  };
  CHECK(after_fault({}, 3) == text(3));
  CHECK(after_fault({}, 4) == text(4));
  // A ring that clients share goes on without the job.
  const auto registered = [](RecoveryRun& run) { run.script.put(queue_registered{}); };
  CHECK(after_fault(registered, 3) == text(3));
  CHECK(after_fault(registered, 4) == "");
  // A device reset before anybody knew of it.
  CHECK(after_fault([](RecoveryRun& run) { run.script.put(device_reset_begin{}); }, 3) == "");
}

TEST_CASE("guilty: a job times out before it has been handed over for so long, where that counts") {
  const auto at_ms = [](std::int64_t timed_out, const std::function<void(RecoveryRun&)>& before) {
    return spoken([&](RecoveryRun& run) {
      run.oracles.on_timeout({});
      run.oracles.on_blame_rules({.not_begun = true, .since_run_job = ms(20)});
      run.at_ms(10);
      run.run_job(1, 1);
      run.at_ms(15);
      run.run_job(2, 2);
      run.at_ms(29);
      if (before) before(run);
      run.at_ms(timed_out).put(job_timedout{.job = JobId{2}});
    });
  };
  const auto first_ends = [](RecoveryRun& run) { run.end(1, 1); };
  CHECK(at_ms(35, first_ends) == "");
  CHECK(at_ms(34, first_ends) ==
        "guilty: at 34.000 ms: job 2 of queue 1 (game.0.rcs) timed out 19.000 ms after run_job(); its timeout is "
        "20.000 ms");
  const auto killed = [&](RecoveryRun& run) {
    run.script.put(queue_kill{.error = Errno::canceled});
    first_ends(run);
  };
  CHECK(at_ms(34, killed) == "");
}

TEST_CASE("guilty: a queue in user mode is banned before a fence of the kernel has had its time") {
  const auto at_ms = [](std::int64_t made, const std::function<void(RecoveryRun&)>& meanwhile) {
    return spoken([&](RecoveryRun& run) {
      run.oracles.on_blame_rules({.fence_timeout = ms(20)});
      run.at_ms(made).put(dma_fence_init{.context = 7, .seqno = 1});
      run.at_ms(99);
      if (meanwhile) meanwhile(run);
      run.at_ms(100).put(queue_banned{.job = JobId{3}});
    });
  };
  CHECK(at_ms(80, {}) == "");
  CHECK(
      at_ms(81, {}) ==
      "guilty: at 100.000 ms: queue 1 (game.0.rcs) was banned for job 3, after 19.000 ms of 20.000 ms with a fence on "
      "the hardware");
  CHECK(at_ms(81, [](RecoveryRun& run) { run.script.put(reset_notify{}); }) == "");
  CHECK(at_ms(81, [](RecoveryRun& run) { run.script.put(device_reset_begin{}); }) == "");
  // Off the hardware, or with a fence that came when another had signalled.
  CHECK(at_ms(10, [](RecoveryRun& run) { run.script.put(queue_restored{}); }) != "");
  CHECK(at_ms(10, [](RecoveryRun& run) {
          run.script.put(dma_fence_signaled{.context = 7, .seqno = 1}).put(dma_fence_init{.context = 8, .seqno = 1});
        }) != "");
}

TEST_CASE("eviction: a fence of the kernel is open for an evicted queue, or something of it runs") {
  const auto after = [](const std::function<void(TraceScript&)>& events) {
    return spoken([&](RecoveryRun& run) {
      run.oracles.on_user_queues();
      run.script.put(dma_fence_init{.context = 7, .seqno = 1}).put(dma_fence_signaled{.context = 7, .seqno = 1});
      run.script.put(engine_assign{.engine = 0});
      events(run.script);
    });
  };
  const std::string queue = "queue 1 (game.0.rcs)";
  CHECK(after([](TraceScript& script) { script.put(dma_fence_init{.context = 8, .seqno = 1}).put(queue_evicted{}); }) ==
        "eviction: at 0 ps: " + queue + " was evicted with 1 of its fences open");
  CHECK(after([](TraceScript& script) { script.put(queue_evicted{}).put(dma_fence_init{.context = 8, .seqno = 1}); }) ==
        "eviction: at 0 ps: fence 8:1 was made for " + queue + ", which is evicted");
  CHECK(after([](TraceScript& script) {
          script.put(queue_evicted{}).put(fetch_begin{.engine = 0, .job = JobId{3}});
        }) == "eviction: at 0 ps: job 3 runs, and " + queue + " is evicted");
  CHECK(after([](TraceScript& script) {
          script.put(queue_evicted{}).put(queue_restored{}).put(dma_fence_init{.context = 8, .seqno = 1});
          script.put(fetch_begin{.engine = 0, .job = JobId{3}});
        }) == "");
}

TEST_CASE("after_end: something of a job happens on the device after its fence has signalled") {
  // The event's job has begun; job 1 of queue 1 ends, or is released, at 1 ms; the event comes at 2 ms.
  const auto after = [](const Event& event, bool released) {
    return spoken([&](RecoveryRun& run) {
      run.script.put(drm_sched_job_queue{.job = JobId{1}});
      run.script.put(dma_fence_init{.job = JobId{1}, .context = 1, .seqno = 1});
      run.script.put(engine_assign{.queue = QueueId{event.queue}, .engine = 0});
      run.script.put(
          job_start{.queue = QueueId{event.queue}, .engine = 0, .job = JobId{event.job}, .work_ps = 2'000'000'000});
      run.at_ms(1);
      if (released) {
        run.script.put(job_released{.job = JobId{1}});
      } else {
        run.script.put(dma_fence_signaled{.job = JobId{1}, .context = 1, .seqno = 1, .error = Errno::io});
      }
      run.at_ms(2);
      run.script.recorder.emit(event);
    });
  };
  const QueueId queue{1};
  const JobId job{1};
  const std::string text = "after_end: at 2.000 ms: job 1 of queue 1 (game.0.rcs) was ";
  const std::string signalled = " after its finished fence had signalled";
  CHECK(after(fetch_begin{.queue = queue, .job = job}, false) == text + "fetched" + signalled);
  CHECK(after(fetch_begin{.queue = queue, .job = job}, true) == text + "fetched after it had been released");
  CHECK(after(job_start{.queue = queue, .job = job}, false) == text + "begun" + signalled);
  CHECK(after(job_preempted{.queue = queue, .job = job, .done = ms(2)}, false) == text + "preempted" + signalled);
  CHECK(after(job_end{.queue = queue, .job = job}, false) == text + "executed to its end" + signalled);
  CHECK(after(fetch_begin{.queue = queue, .job = JobId{2}}, false) == "");
  CHECK(after(fetch_begin{.queue = QueueId{2}, .job = job}, false) == "");
}

TEST_CASE("after_end: a job that was given up before its push was never there") {
  CHECK(spoken([](RecoveryRun& run) {
          run.script.put(drm_sched_job_queue{.job = JobId{1}});
          run.script.put(job_released{.job = JobId{2}});
          run.script.put(engine_assign{.engine = 0}).put(fetch_begin{.job = JobId{1}});
        }) == "");
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
