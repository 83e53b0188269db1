// SPDX-License-Identifier: MIT
// timeout and lone_timeout.
#include "tests/traces/oracles/recovery_run.h"

using namespace gpusim;
using namespace gpusim::trace;

namespace {

std::string timed_out_at(std::int64_t milliseconds, const std::function<void(RecoveryRun&)>& before = {}) {
  return spoken([&](RecoveryRun& run) {
    run.run_job(1, 1);
    run.run_job(2, 2);
    run.at_ms(10);
    run.end(1, 1);
    if (before) before(run);
    run.at_ms(milliseconds).put(job_timedout{.job = JobId{2}});
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

TEST_CASE("timeout: where queues choose among rings nothing is held, whenever the timeout is said") {
  const auto ends_late = [](bool timeout_said_last) {
    return spoken([&](RecoveryRun& run) {
      run.oracles.on_balanced_queues();
      if (timeout_said_last) run.oracles.on_timeout(ms(kTimeoutMs));
      run.run_job(1, 1);
      run.at_ms(5'000);
      run.end(1, 0);
    });
  };
  CHECK(ends_late(true) == "");
  CHECK(ends_late(false) == "");
}

TEST_CASE("timeout: one that somebody asked for may come at once") {
  const QueueId queue{1};
  for (const Event& asked : std::initializer_list<Event>{queue_kill{.queue = queue}, engine_reset{.queue = queue},
                                                         reset_notify{.queue = queue}, device_gone{}}) {
    CHECK(timed_out_at(20, [&](RecoveryRun& run) { run.script.recorder.emit(asked); }) == "");
  }
  CHECK(timed_out_at(20, [](RecoveryRun& run) { run.script.on_queue(2).put(queue_kill{}).on_queue(1); }) != "");
}

TEST_CASE("timeout: a verdict and a start give the head its time anew") {
  const auto again = [](std::int64_t second) {
    return timed_out_at(second, [](RecoveryRun& run) {
      run.at_ms(110).put(job_timedout{.job = JobId{2}}).put(timeout_verdict{.job = JobId{2}, .verdict = 1});
    });
  };
  CHECK(again(210) == "");
  CHECK(again(200) != "");
  const auto started = [](RecoveryRun& run) {
    run.script.put(queue_stop{});
    run.at_ms(50).put(queue_start{});
  };
  CHECK(timed_out_at(150, started) == "");
  CHECK(timed_out_at(110, started) != "");
}

TEST_CASE("timeout: the verdict on another job gives the head no new time") {
  // Job 1 is being judged until 105 ms and ends meanwhile; job 2, the head since 20 ms, is judged right after it.
  CHECK(spoken([](RecoveryRun& run) {
          run.run_job(1, 1);
          run.run_job(2, 2);
          run.at_ms(100).put(job_timedout{.job = JobId{1}});
          run.at_ms(102);
          run.end(1, 1);
          run.at_ms(210).put(timeout_verdict{.job = JobId{1}, .verdict = 3}).put(job_timedout{.job = JobId{2}});
        }) == "");
}

TEST_CASE("timeout: a start within timedout_job() may be what gives the head its time anew") {
  // Judged from 100 to 120 ms and started at 110 ms. A component that leaves a running timer alone asks at 210 ms.
  const auto started_at_110 = [](bool left_running, std::int64_t asked) {
    return spoken([&](RecoveryRun& run) {
      if (left_running) run.oracles.on_timers_left_running();
      run.run_job(1, 1);
      run.at_ms(100).put(job_timedout{.job = JobId{1}}).put(queue_stop{});
      run.at_ms(110).put(queue_start{});
      run.at_ms(120).put(timeout_verdict{.job = JobId{1}, .verdict = 3});
      run.at_ms(asked).put(job_timedout{.job = JobId{1}});
    });
  };
  CHECK(started_at_110(true, 210) == "");
  CHECK(started_at_110(true, 208) != "");
  CHECK(started_at_110(false, 220) == "");
  CHECK(started_at_110(false, 210) != "");
}

TEST_CASE("timeout: where handlers run one after the other, one may wait for another queue's") {
  const auto waits = [](bool serial) {
    return spoken([&](RecoveryRun& run) {
      if (serial) run.oracles.on_serial_handlers();
      run.run_job(1, 1);
      run.script.on_queue(2);
      run.run_job(1, 1);
      run.at_ms(100).put(job_timedout{.job = JobId{1}});
      run.at_ms(5'100).put(timeout_verdict{.job = JobId{1}, .verdict = 3});
      run.script.on_queue(1).put(job_timedout{.job = JobId{1}});
    });
  };
  CHECK(waits(true) == "");
  CHECK(waits(false) != "");
}

TEST_CASE("timeout: one that comes too late, or only for the end of the job") {
  CHECK(timed_out_at(1'120) == "");
  CHECK(timed_out_at(1'130) ==
        "timeout: at 1.130 s: job 2 of queue 1 (game.0.rcs) timed out at last; timedout_job was due 1.020 s before");
  CHECK(spoken([](RecoveryRun& run) {
          run.run_job(1, 1);
          run.at_ms(1'200);
          run.end(1, 0);
        }) == "timeout: at 1.200 s: job 1 of queue 1 (game.0.rcs) ended at last; timedout_job was due 1.100 s before");
}

TEST_CASE("timeout: what a killed queue has on the hardware is dealt with at once") {
  const auto killed = [](std::int64_t end) {
    return spoken([&](RecoveryRun& run) {
      run.oracles.on_timeout(ms(100'000));
      run.run_job(1, 1);
      run.at_ms(5).put(queue_kill{});
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

TEST_CASE("timeout: a killed queue's head that the driver was asked about may have its whole timeout after that") {
  const auto killed = [](bool asked_once, std::uint64_t asked_about, std::int64_t end) {
    return spoken([&](RecoveryRun& run) {
      if (asked_once) run.oracles.on_killed_heads_asked_once();
      run.oracles.on_timeout(ms(8'000));
      for (std::uint64_t job = 1; job <= asked_about; ++job) run.run_job(job, job);
      run.at_ms(5).put(queue_kill{});
      run.script.put(job_timedout{.job = JobId{1}}).put(timeout_verdict{.job = JobId{1}, .verdict = 3});
      if (asked_about == 2) run.end(1, 1);
      run.at_ms(end);
      run.end(asked_about, 0);
    });
  };
  CHECK(killed(true, 1, 10'005) == "");  // 8 s, an eighth, and a second
  CHECK(killed(true, 1, 10'006) != "");
  CHECK(killed(false, 1, 1'006) != "");
  CHECK(killed(true, 2, 1'006) != "");  // asked about the one before
}

TEST_CASE("timeout: where a kill leaves the hardware alone, a killed queue's job has its whole timeout") {
  const auto killed = [](std::int64_t timed_out) {
    return spoken([&](RecoveryRun& run) {
      run.oracles.on_kills_of_queued_jobs_only();
      run.run_job(1, 1);
      run.at_ms(5).put(queue_kill{});
      run.at_ms(timed_out).put(job_timedout{.job = JobId{1}});
    });
  };
  CHECK(killed(100) == "");
  CHECK(killed(50) != "");
}

TEST_CASE("timeout: a queue that is stopped or being judged may take its time, and a job that never ran") {
  CHECK(spoken([](RecoveryRun& run) {
          run.run_job(1, 1);
          run.script.put(queue_stop{});
          run.at_ms(5'000);
          run.end(1, 0);
        }) == "");
  CHECK(spoken([](RecoveryRun& run) {
          run.run_job(1, 1);
          run.at_ms(100).put(job_timedout{.job = JobId{1}});
          run.at_ms(5'000);
          run.end(1, 0);
        }) == "");
  CHECK(spoken([](RecoveryRun& run) {
          run.script.put(dma_fence_init{.job = JobId{1}, .context = 1, .seqno = 1})
              .put(drm_sched_job_queue{.job = JobId{1}});
          run.at_ms(5'000);
          run.script.put(dma_fence_signaled{.job = JobId{1}, .context = 1, .seqno = 1, .error = Errno::canceled});
        }) == "");
}

TEST_CASE("lone_timeout: a timeout without a cause, where none can be") {
  const auto trace = [](bool enabled, const std::function<void(RecoveryRun&)>& before) {
    return spoken([&](RecoveryRun& run) {
      if (enabled) run.oracles.forbid_lone_timeouts();
      run.run_job(1, 1);
      if (before) before(run);
      run.at_ms(100).put(job_timedout{.job = JobId{1}});
    });
  };
  CHECK(trace(true, {}) ==
        "lone_timeout: at 100.000 ms: timedout_job is called for job 1 of queue 1 (game.0.rcs), and nothing had gone "
        "wrong: no fault, no reset, no kill; something was lost on its way");
  CHECK(trace(false, {}) == "");
  for (const Event& cause : std::initializer_list<Event>{
           fault_injected{}, device_reset_begin{}, device_gone{}, queue_kill{.queue = QueueId{1}},
           queue_banned{.queue = QueueId{1}}, engine_reset{.queue = QueueId{1}}}) {
    CHECK(trace(true, [&](RecoveryRun& run) { run.script.recorder.emit(cause); }) == "");
  }
  CHECK(trace(true, [](RecoveryRun& run) { run.script.on_queue(2).put(queue_kill{}).on_queue(1); }) != "");
}

TEST_CASE("lone_timeout: a job that works, or waits for what others have, needs no other cause") {
  const auto trace = [](const std::function<void(RecoveryRun&)>& before) {
    return spoken([&](RecoveryRun& run) {
      run.oracles.forbid_lone_timeouts();
      run.oracles.on_slot_count(1);
      run.script.put(queue_create{.engine_mask = 2});
      run.run_job(1, 1);
      if (before) before(run);
      run.at_ms(100).put(job_timedout{.job = JobId{1}});
    });
  };
  const auto begins = [](RecoveryRun& run) {
    run.script.put(slot_grant{.slot = 0});
    run.script.put(engine_assign{.engine = 1}).put(job_start{.engine = 1, .job = JobId{1}, .work_ps = 0});
  };
  const auto other = [](std::uint32_t engine, std::uint32_t released_at) {
    return [=](RecoveryRun& run) {
      run.script.put(slot_grant{.slot = 0}).on_queue(2).put(engine_assign{.engine = engine});
      if (released_at != 0) run.at_ms(released_at).put(engine_release{.engine = engine});
      run.script.on_queue(1);
    };
  };
  CHECK(trace(begins) == "");
  CHECK(trace([&](RecoveryRun& run) {  // preempted, and nobody has the engine
          begins(run);
          run.script.put(job_preempted{.engine = 1, .job = JobId{1}}).put(engine_release{.engine = 1});
        }) != "");
  CHECK(trace([&](RecoveryRun& run) {
          begins(run);
          run.script.put(job_end{.engine = 1, .job = JobId{1}});
        }) != "");
  CHECK(trace(other(1, 0)) == "");
  CHECK(trace(other(0, 0)) != "");   // not an engine of its own
  CHECK(trace(other(1, 95)) == "");  // between two queues
  CHECK(trace(other(1, 50)) != "");
  const auto then_own = [&](std::uint32_t assigned_at) {
    return [&, assigned_at](RecoveryRun& run) {
      other(1, 45)(run);
      run.at_ms(assigned_at).put(engine_assign{.engine = 1});
    };
  };
  CHECK(trace(then_own(95)) == "");  // its context is being loaded
  CHECK(trace(then_own(50)) != "");
  CHECK(trace([](RecoveryRun& run) { run.script.on_queue(2).put(slot_grant{.slot = 0}).on_queue(1); }) == "");
}

TEST_CASE("lone_timeout: who waits in its ring for a value that is not there needs no other cause") {
  const auto trace = [](std::uint64_t written, std::uint32_t at) {
    return spoken([&](RecoveryRun& run) {
      run.oracles.forbid_lone_timeouts();
      run.script.put(ring_wait_write{.job = JobId{1}, .address = 64, .value = 5});
      run.run_job(1, 1);
      run.at_ms(at).on_queue(2).put(
          fence_visible{.job = JobId{9}, .address = 64, .value = written, .completion = true});
      run.script.on_queue(1);
      run.at_ms(100).put(job_timedout{.job = JobId{1}});
    });
  };
  CHECK(trace(4, 50) == "");
  CHECK(trace(5, 95) == "");  // the firmware may be about to see it
  CHECK(trace(5, 50).starts_with("lone_timeout: "));
  CHECK(trace(6, 50).starts_with("lone_timeout: "));
}

TEST_CASE("lone_timeout: what another queue had until a moment ago still counts") {
  // Two timers of one tick: the first handler bans queue 2, queue 1 has the engine for some us when the second looks.
  const auto looks_at = [](std::int64_t milliseconds, const std::function<void(RecoveryRun&)>& before) {
    return spoken([&](RecoveryRun& run) {
      run.oracles.forbid_lone_timeouts();
      run.oracles.on_slot_count(1);
      run.script.put(queue_create{.engine_mask = 1});
      run.run_job(1, 1);
      before(run);
      run.at_ms(milliseconds).put(job_timedout{.job = JobId{1}});
    });
  };
  const auto engine_changes_hands = [](RecoveryRun& run) {
    run.script.on_queue(1).put(engine_assign{}).put(engine_release{});
    run.script.on_queue(2).put(engine_assign{});
    run.at_ms(95).put(engine_release{}).on_queue(1).put(engine_assign{});
  };
  CHECK(looks_at(104, engine_changes_hands) == "");
  CHECK(looks_at(105, engine_changes_hands) != "");
  const auto comes_and_goes = [&](RecoveryRun& run) {
    engine_changes_hands(run);
    run.script.put(engine_release{});
  };
  CHECK(looks_at(104, comes_and_goes) == "");
  CHECK(looks_at(105, comes_and_goes) != "");
  const auto slow_firmware = [&](RecoveryRun& run) {
    run.oracles.on_slow_firmware(ms(15));
    engine_changes_hands(run);
  };
  CHECK(looks_at(109, slow_firmware) == "");
  CHECK(looks_at(110, slow_firmware) != "");
  const auto slot_changes_hands = [](RecoveryRun& run) {
    run.script.on_queue(2).put(slot_grant{.slot = 0});
    run.at_ms(95).put(slot_evict{.slot = 0}).on_queue(1).put(slot_grant{.slot = 0});
  };
  CHECK(looks_at(104, slot_changes_hands) == "");
  CHECK(looks_at(105, slot_changes_hands) != "");
  // The interrupt of a job that took as long as its timeout is on its way.
  const auto has_just_ended = [](RecoveryRun& run) {
    run.script.put(engine_assign{}).put(job_start{.job = JobId{1}, .work_ps = 95'000'000'000});
    run.at_ms(95).put(job_end{.job = JobId{1}});
  };
  CHECK(looks_at(104, has_just_ended) == "");
  CHECK(looks_at(105, has_just_ended) != "");
  // On a slow machine the handler may be at the jobs of others for longer.
  const auto slowly = [&](RecoveryRun& run) {
    run.oracles.on_slow_steps(ms(20));
    has_just_ended(run);
  };
  CHECK(looks_at(114, slowly) == "");
  CHECK(looks_at(115, slowly) != "");
}
