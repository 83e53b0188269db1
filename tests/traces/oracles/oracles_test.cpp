// SPDX-License-Identifier: MIT
#include "traces/oracles/oracles.h"

#include <functional>
#include <string>

#include "base/invariant.h"
#include "tests/support/catch.h"
#include "tests/support/trace_script.h"

using namespace gpusim;
using namespace gpusim::trace;
using K = EventKind;

namespace {

constexpr std::uint64_t kRing = 4;
constexpr std::uint64_t kAddress = 4096;

/// All oracles on a hand-made trace. The steps below make a job's events as a sound machine would.
struct Run {
  Run() {
    names.queues = {{}, {.name = "game.0.rcs"}, {.name = "video.0.vcs"}};
    names.engines = {{.name = "rcs0"}, {.name = "vcs0"}};
    oracles.attach_to(script.recorder);
    oracles.on_queue_limit(1, 2);
  }

  /// exec of a job with its finished fence 1:seqno (context and queue have the same number).
  void exec(std::uint64_t job, std::uint64_t seqno, std::uint64_t credits = 1) {
    script.put(K::exec_begin, job, 0, credits).put(K::dma_fence_init, job, script.queue, seqno);
  }
  void push(std::uint64_t job) { script.put(K::drm_sched_job_queue, job).put(K::exec_end, job); }
  void run_job(std::uint64_t job, std::uint64_t in_flight) { script.put(K::drm_sched_job_run, job, 0, 0, in_flight); }
  void ring(std::uint64_t job, std::uint64_t index) {
    script.put(K::ring_write, job, index, 0, kRing).put(K::doorbell_write, job, index + 1);
  }
  void assign() { script.put_on(0, K::engine_assign); }
  void release() { script.put_on(0, K::engine_release); }
  /// 10 ns of work.
  void execute(std::uint64_t job) {
    script.put_on(0, K::fetch_begin, job).put_on(0, K::job_start, job, 10'000);
    pass_ns(10);
    script.put_on(0, K::job_end, job);
  }
  void visible(std::uint64_t job, std::uint64_t value) { script.put(K::fence_visible, job, kAddress, value, 1); }
  void give_back(std::uint64_t job, std::uint64_t credits, std::uint64_t in_flight) {
    script.put(K::credit_returned, job, credits, in_flight);
  }
  void signal(std::uint64_t job, std::uint64_t seqno, std::uint64_t error = 0) {
    script.put(K::dma_fence_signaled, job, script.queue, seqno, error);
  }
  void pass_ns(std::int64_t nanoseconds) { script.at_ns(to_ps(script.now()) / 1'000 + nanoseconds); }

  /// One job from beginning to end, alone on its queue.
  void whole_job(std::uint64_t job, std::uint64_t seqno) {
    exec(job, seqno);
    push(job);
    run_job(job, 1);
    ring(job, seqno - 1);
    assign();
    execute(job);
    release();
    visible(job, seqno);
    give_back(job, 1, 0);
    signal(job, seqno);
  }

  Names names;
  OracleSet oracles{names};
  TraceScript script;
};

/// Runs it to a complete end; the sentence of the oracle that speaks, "" if none does.
std::string spoken(const std::function<void(Run&)>& trace, bool complete = true) {
  Run run;
  try {
    trace(run);
    run.oracles.finish(run.script.now(), complete);
  } catch (const InvariantViolation& violation) {
    CHECK(std::string{violation.what()}.rfind(violation.oracle() + ": at ", 0) == 0);
    return violation.what();
  }
  return "";
}

}  // namespace

TEST_CASE("oracles have nothing to say about a sound run") {
  CHECK(spoken([](Run& run) {
          for (std::uint64_t job = 1; job <= 20; ++job) run.whole_job(job, job);
        }) == "");
}

TEST_CASE("fence_signalled_once: a fence signals again") {
  CHECK(spoken([](Run& run) {
          run.whole_job(1, 1);
          run.pass_ns(5);
          run.script.put(K::dma_fence_signaled, 0, 1, 1);
        }) ==
        "fence_signalled_once: at 15.000 ns: fence 1:1 of queue 1 (game.0.rcs) signalled again; the first time was "
        "at 10.000 ns");
}

TEST_CASE("fence_signalled_once: a fence signals that nobody initialised") {
  CHECK(spoken([](Run& run) { run.script.put(K::dma_fence_signaled, 0, 7, 1); }) ==
        "fence_signalled_once: at 0 ps: fence 7:1 of queue 1 (game.0.rcs) signalled and was never initialised");
}

TEST_CASE("fence_signalled_once: fences of a context signal out of order") {
  CHECK(
      spoken([](Run& run) {
        run.script.put(K::dma_fence_init, 0, 7, 1).put(K::dma_fence_init, 0, 7, 2).put(K::dma_fence_signaled, 0, 7, 2);
        run.script.put(K::dma_fence_signaled, 0, 7, 1);
      }) ==
      "fence_signalled_once: at 0 ps: fence 7:1 of queue 1 (game.0.rcs) signalled after fence 7:2, which signalled "
      "at 0 ps: out of order, or for a second time");
}

TEST_CASE("fence_signalled_once: a sequence number is given out twice") {
  CHECK(spoken([](Run& run) { run.script.put(K::dma_fence_init, 0, 7, 2).put(K::dma_fence_init, 0, 7, 2); }) ==
        "fence_signalled_once: at 0 ps: fence 7:2 of queue 1 (game.0.rcs) was initialised after fence 7:2");
}

TEST_CASE("queue_fifo: jobs of a queue begin to execute in the wrong order") {
  CHECK(spoken([](Run& run) {
          run.exec(1, 1);
          run.exec(2, 2);
          run.push(1);
          run.push(2);
          run.assign();
          run.script.put_on(0, K::job_start, 2);
        }) ==
        "queue_fifo: at 0 ps: job 2 of queue 1 (game.0.rcs) began to execute before job 1, which was pushed first");
}

TEST_CASE("queue_fifo: jobs of a queue finish in the wrong order") {
  CHECK(spoken([](Run& run) {
          run.script.put(K::exec_begin, 1).put(K::exec_begin, 2);
          run.push(1);
          run.push(2);
          run.script.put(K::dma_fence_init, 0, 8, 1).put(K::dma_fence_signaled, 2, 8, 1, 5);
        }) ==
        "queue_fifo: at 0 ps: the finished fence of job 2 of queue 1 (game.0.rcs) signalled before that of job 1, "
        "which was pushed first");
}

TEST_CASE("queue_fifo: a cancelled job need not execute, and after a reset the order begins anew") {
  CHECK(spoken(
            [](Run& run) {
              for (const std::uint64_t job : {1U, 2U, 3U}) {
                run.exec(job, job);
                run.push(job);
              }
              run.signal(1, 1, 125);
              for (const std::uint64_t job : {2U, 3U, 2U, 3U}) run.script.put_on(0, K::job_start, job);
            },
            false) == "");
}

TEST_CASE("queue_fifo: the order holds for the repetition, too") {
  CHECK(spoken([](Run& run) {
          for (const std::uint64_t job : {1U, 2U, 3U}) {
            run.exec(job, job);
            run.push(job);
          }
          for (const std::uint64_t job : {1U, 2U, 3U, 1U, 3U}) run.script.put_on(0, K::job_start, job);
        }) ==
        "queue_fifo: at 0 ps: job 3 of queue 1 (game.0.rcs) began to execute before job 2, which was pushed first");
}

TEST_CASE("dependency: a job executes before the fence that it waits for has signalled") {
  const auto trace = [](bool signals) {
    return [signals](Run& run) {
      run.script.put(K::dma_fence_init, 0, 9, 4);
      run.exec(1, 1);
      run.script.put(K::drm_sched_job_add_dep, 1, 9, 4);
      run.push(1);
      if (signals) run.script.put(K::dma_fence_signaled, 0, 9, 4);
      run.script.put_on(0, K::job_start, 1);
    };
  };
  CHECK(spoken(trace(true), false) == "");
  CHECK(
      spoken(trace(false), false) ==
      "dependency: at 0 ps: job 1 of queue 1 (game.0.rcs) began to execute before fence 9:4, on which it depends, had "
      "signalled");
}

TEST_CASE("dependency: the end of a job's work suffices on its own queue, in one domain, or where the device waits") {
  const auto trace = [](std::uint32_t second_queue, std::uint32_t domain, bool device_waits) {
    return [=](Run& run) {
      if (domain != 0) {
        run.oracles.on_queue_limit(1, 0, domain);
        run.oracles.on_queue_limit(2, 0, domain);
      }
      if (device_waits) run.oracles.allow_device_waits();
      run.exec(1, 1);
      run.push(1);
      run.script.on_queue(second_queue);
      run.exec(2, 2);
      run.script.put(K::drm_sched_job_add_dep, 2, 1, 1);
      run.push(2);
      run.script.on_queue(1);
      run.assign();
      run.execute(1);
      run.release();
      run.script.on_queue(second_queue).put_on(0, K::job_start, 2);
    };
  };
  CHECK(spoken(trace(1, 0, false), false) == "");
  CHECK(spoken(trace(2, 5, false), false) == "");
  CHECK(spoken(trace(2, 0, true), false) == "");
  CHECK(spoken(trace(2, 0, false), false) ==
        "dependency: at 10.000 ns: job 2 of queue 2 (video.0.vcs) began to execute before fence 1:1 of queue 1 "
        "(game.0.rcs), on which it depends, had signalled");
}

TEST_CASE("credits: more in flight than the limit") {
  CHECK(spoken([](Run& run) {
          for (const std::uint64_t job : {1U, 2U, 3U}) {
            run.exec(job, job);
            run.push(job);
            run.run_job(job, job);
          }
        }) == "credits: at 0 ps: job 3 ran and put 3 credits of queue 1 (game.0.rcs) in flight; the limit is 2");
}

TEST_CASE("credits: the queue's own count is wrong") {
  CHECK(spoken([](Run& run) {
          run.exec(1, 1);
          run.push(1);
          run.run_job(1, 2);
        }) ==
        "credits: at 0 ps: queue 1 (game.0.rcs) counts 2 credits in flight after job 1; by what was taken and given "
        "back it is 1");
}

TEST_CASE("credits: a job gives back more or less than it took, or twice, or never") {
  const auto begin = [](Run& run) {
    run.exec(1, 1, 2);
    run.push(1);
    run.run_job(1, 2);
  };
  CHECK(spoken([&](Run& run) {
          begin(run);
          run.give_back(1, 1, 1);
        }) == "credits: at 0 ps: job 1 of queue 1 (game.0.rcs) gave back 1 credits; it had taken 2");
  CHECK(spoken([&](Run& run) {
          begin(run);
          run.give_back(1, 2, 0);
          run.give_back(1, 2, 0);
        }) == "credits: at 0 ps: job 1 of queue 1 (game.0.rcs) gave back 2 credits that it did not have");
  CHECK(spoken([&](Run& run) {
          begin(run);
          run.signal(1, 1);
        }) == "credits: at 0 ps: 2 credits of queue 1 (game.0.rcs) were never given back");
}

TEST_CASE("credits: a job takes at most the limit, and a domain shares its credits") {
  CHECK(spoken(
            [](Run& run) {
              run.exec(1, 1, 100);
              run.push(1);
              run.run_job(1, 2);
              run.give_back(1, 2, 0);
              run.oracles.on_queue_limit(2, 3, 1);
              run.oracles.on_queue_limit(3, 3, 1);
              run.script.on_queue(2);
              run.exec(2, 1);
              run.run_job(2, 1);
              run.script.on_queue(3);
              run.exec(3, 1, 2);
              run.run_job(3, 3);
              run.script.on_queue(2);
              run.give_back(2, 1, 2);
            },
            false) == "");
}

TEST_CASE("ring_overrun: an entry is written over one whose job has not ended") {
  const auto trace = [](std::uint64_t jobs_ended) {
    return [=](Run& run) {
      run.oracles.on_queue_limit(1, 100);
      for (std::uint64_t job = 1; job <= kRing; ++job) {
        run.exec(job, job);
        run.push(job);
        run.ring(job, job - 1);
      }
      run.assign();
      for (std::uint64_t job = 1; job <= jobs_ended; ++job) run.execute(job);
      run.exec(kRing + 1, kRing + 1);
      run.ring(kRing + 1, kRing);
    };
  };
  CHECK(spoken(trace(1), false) == "");
  CHECK(
      spoken(trace(0), false) ==
      "ring_overrun: at 0 ps: entry 4 of queue 1 (game.0.rcs), written for job 5, overwrote entry 0, whose job had not "
      "ended; the ring holds 4");
}

TEST_CASE("ring_overrun: entries of jobs that were given up or written anew are free") {
  CHECK(spoken(
            [](Run& run) {
              for (std::uint64_t job = 1; job <= kRing; ++job) {
                run.exec(job, job);
                run.push(job);
                run.ring(job, job - 1);
              }
              run.signal(1, 1, 125);
              run.ring(2, kRing);
              run.ring(3, kRing + 1);
              run.ring(4, kRing + 2);
            },
            false) == "");
}

TEST_CASE("job_lost: a job that was rung or pushed never comes to its end") {
  const auto begin = [](Run& run) {
    run.exec(1, 1);
    run.push(1);
  };
  CHECK(spoken(begin) ==
        "job_lost: at 0 ps: job 1 of queue 1 (game.0.rcs) was lost: its finished fence never signalled");
  CHECK(spoken([&](Run& run) {
          begin(run);
          run.ring(1, 0);
        }) ==
        "job_lost: at 0 ps: job 1 of queue 1 (game.0.rcs) was lost: its doorbell was rung, but its work never ended");
  CHECK(spoken([&](Run& run) {
          begin(run);
          run.ring(1, 0);
          run.assign();
          run.execute(1);
        }) ==
        "job_lost: at 10.000 ns: job 1 of queue 1 (game.0.rcs) was lost: its doorbell was rung, but its completion "
        "value never became visible");
  CHECK(spoken(begin, false) == "");
}

TEST_CASE("job_lost: a fence signals without an error for a job that has not ended") {
  CHECK(spoken([](Run& run) {
          run.exec(1, 1);
          run.push(1);
          run.ring(1, 0);
          run.signal(1, 1);
        }) ==
        "job_lost: at 0 ps: the finished fence of job 1 of queue 1 (game.0.rcs) signalled without an error, but its "
        "work never ended");
  CHECK(spoken([](Run& run) {
          run.exec(1, 1);
          run.push(1);
          run.ring(1, 0);
          run.signal(1, 1, 62);
        }) == "");
}

TEST_CASE("fence_value: the value at an address goes back") {
  CHECK(spoken([](Run& run) {
          run.visible(1, 5);
          run.visible(2, 5);
          run.script.put(K::fence_visible, 2, kAddress + 64, 1, 0);
          run.script.on_queue(2);
          run.visible(3, 4);
        }) ==
        "fence_value: at 0 ps: the fence value of queue 2 (video.0.vcs) at address 4096 went back from 5 to 4 with "
        "job 3");
}

TEST_CASE("fence_value: each address of a queue is looked at for itself") {
  const auto trace = [](std::uint64_t last) {
    return [=](Run& run) {
      for (const std::uint64_t value : {5U, 6U}) {
        run.script.put(K::fence_visible, 1, kAddress, value, 1);
        run.script.put(K::fence_visible, 1, kAddress + 64, value - 5, 1);
      }
      run.script.put(K::fence_visible, 1, kAddress, last, 1);
    };
  };
  CHECK(spoken(trace(6)) == "");
  CHECK(
      spoken(trace(5)) ==
      "fence_value: at 0 ps: the fence value of queue 1 (game.0.rcs) at address 4096 went back from 6 to 5 with job 1");
}

TEST_CASE("slots: given twice, to one who has one, more than there are, or taken from another") {
  CHECK(spoken([](Run& run) { run.script.put_on(1, K::slot_grant).on_queue(2).put_on(1, K::slot_grant); }) ==
        "slots: at 0 ps: slot 1 was granted to queue 2 (video.0.vcs) while queue 1 (game.0.rcs) held it");
  CHECK(spoken([](Run& run) { run.script.put_on(1, K::slot_grant).put_on(2, K::slot_grant); }) ==
        "slots: at 0 ps: slot 2 was granted to queue 1 (game.0.rcs), which holds slot 1");
  CHECK(spoken([](Run& run) {
          run.oracles.on_slot_count(2);
          run.script.put_on(0, K::slot_grant).on_queue(2).put_on(2, K::slot_grant);
        }) == "slots: at 0 ps: slot 2 was granted to queue 2 (video.0.vcs) with 2 in use; the device has 2");
  CHECK(spoken([](Run& run) { run.script.put_on(1, K::slot_grant).on_queue(2).put_on(1, K::slot_evict); }) ==
        "slots: at 0 ps: slot 1 was taken from queue 2 (video.0.vcs), but queue 1 (game.0.rcs) held it");
  CHECK(spoken([](Run& run) {
          run.oracles.on_slot_count(2);
          for (int i = 0; i < 5; ++i) run.script.put_on(1, K::slot_grant).put_on(1, K::slot_evict);
        }) == "");
}

TEST_CASE("engine_exclusive: an engine of two queues, a queue with two engines, work for another") {
  CHECK(spoken([](Run& run) {
          run.assign();
          run.script.on_queue(2);
          run.assign();
        }) ==
        "engine_exclusive: at 0 ps: rcs0 was assigned to queue 2 (video.0.vcs) while it belonged to queue 1 "
        "(game.0.rcs)");
  CHECK(spoken([](Run& run) {
          run.assign();
          run.script.put_on(1, K::engine_assign);
        }) == "engine_exclusive: at 0 ps: queue 1 (game.0.rcs) got vcs0 while it had rcs0");
  CHECK(spoken([](Run& run) { run.release(); }) ==
        "engine_exclusive: at 0 ps: rcs0 was released by queue 1 (game.0.rcs), but belonged to nobody");
  CHECK(spoken([](Run& run) {
          run.assign();
          run.script.on_queue(2).put_on(0, K::fetch_begin, 3);
        }) ==
        "engine_exclusive: at 0 ps: rcs0 worked on job 3 of queue 2 (video.0.vcs), but belonged to queue 1 "
        "(game.0.rcs)");
}

TEST_CASE("work_done: a job ends after too little or too much") {
  const auto trace = [](std::uint64_t work, std::int64_t executed) {
    return [=](Run& run) {
      run.script.put_on(0, K::job_start, 1, work);
      run.pass_ns(executed);
      run.script.put_on(0, K::job_end, 1);
    };
  };
  CHECK(spoken(trace(7'000, 7)) == "");
  CHECK(spoken(trace(~std::uint64_t{0}, 7)) == "");
  CHECK(spoken(trace(8'000, 7)) ==
        "work_done: at 7.000 ns: job 1 of queue 1 (game.0.rcs) ended on rcs0 after 7.000 ns of execution; its work is "
        "8.000 ns");
}

TEST_CASE("work_done: the pieces of a preempted job add up, and what is said to be done is done") {
  const auto trace = [](std::uint64_t said, std::uint64_t resumed_at, std::int64_t rest) {
    return [=](Run& run) {
      run.assign();
      run.script.put_on(0, K::job_start, 1, 10'000);
      run.pass_ns(4);
      run.script.put_on(0, K::job_preempted, 1, said);
      run.pass_ns(100);
      run.script.put_on(0, K::job_resumed, 1, resumed_at);
      run.pass_ns(rest);
      run.script.put_on(0, K::job_end, 1);
    };
  };
  CHECK(spoken(trace(4'000, 4'000, 6)) == "");
  CHECK(
      spoken(trace(4'000, 4'000, 7)) ==
      "work_done: at 111.000 ns: job 1 of queue 1 (game.0.rcs) ended on rcs0 after 11.000 ns of execution; its work is "
      "10.000 ns");
  CHECK(spoken(trace(5'000, 5'000, 5)) ==
        "work_done: at 4.000 ns: job 1 of queue 1 (game.0.rcs) was preempted on rcs0 with 5.000 ns said to be done; it "
        "had executed for 4.000 ns");
  CHECK(spoken(trace(4'000, 0, 10)) ==
        "work_done: at 104.000 ns: job 1 of queue 1 (game.0.rcs) was resumed on rcs0 with 0 ps said to be done; it had "
        "executed for 4.000 ns");
}

TEST_CASE("firmware_id: an id is registered for another queue before it is given back") {
  CHECK(
      spoken([](Run& run) { run.script.put_on(1, K::queue_registered).on_queue(2).put_on(1, K::queue_registered); }) ==
      "firmware_id: at 0 ps: firmware id 1 was registered for queue 2 (video.0.vcs) while queue 1 (game.0.rcs) had "
      "it");
  CHECK(spoken([](Run& run) {
          run.script.put_on(1, K::queue_registered).put_on(1, K::queue_deregistered);
          run.script.on_queue(2).put_on(1, K::queue_registered);
        }) == "");
}

TEST_CASE("oracles are known by their names") {
  const Names names;
  CHECK(OracleSet{names}.names() ==
        std::vector<std::string_view>{"fence_signalled_once", "queue_fifo", "dependency", "credits", "ring_overrun",
                                      "job_lost", "fence_value", "slots", "engine_exclusive", "work_done",
                                      "firmware_id", "stopped_queue", "guilty", "timeout", "lone_timeout"});
}
