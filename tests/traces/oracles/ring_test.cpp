// SPDX-License-Identifier: MIT
// ring_overrun and job_lost.
#include "tests/traces/oracles/oracle_run.h"

using namespace gpusim;
using namespace gpusim::trace;

TEST_CASE("ring_overrun: an entry is written over one whose job has not ended") {
  const auto trace = [](std::uint64_t jobs_ended) {
    return [=](OracleRun& run) {
      run.oracles.on_queue_limit(QueueId{1}, 100);
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
            [](OracleRun& run) {
              for (std::uint64_t job = 1; job <= kRing; ++job) {
                run.exec(job, job);
                run.push(job);
                run.ring(job, job - 1);
              }
              run.signal(1, 1, Errno::canceled);
              run.ring(2, kRing);
              run.ring(3, kRing + 1);
              run.ring(4, kRing + 2);
            },
            false) == "");
}

TEST_CASE("job_lost: a job that was rung or pushed never comes to its end") {
  const auto begin = [](OracleRun& run) {
    run.exec(1, 1);
    run.push(1);
  };
  CHECK(spoken(begin) ==
        "job_lost: at 0 ps: job 1 of queue 1 (game.0.rcs) was lost: its finished fence never signalled");
  CHECK(spoken([&](OracleRun& run) {
          begin(run);
          run.ring(1, 0);
        }) ==
        "job_lost: at 0 ps: job 1 of queue 1 (game.0.rcs) was lost: its doorbell was rung, but its work never ended");
  CHECK(spoken([&](OracleRun& run) {
          begin(run);
          run.ring(1, 0);
          run.assign();
          run.execute(1);
        }) ==
        "job_lost: at 10.000 ns: job 1 of queue 1 (game.0.rcs) was lost: its doorbell was rung, but its completion "
        "value never became visible");
  CHECK(spoken(begin, false) == "");
}

TEST_CASE("job_lost: what a client has written into its ring may end before its doorbell is written") {
  const auto begin = [](OracleRun& run) {
    run.oracles.on_user_queues();
    run.exec(1, 1);
    run.script.put(ring_write{.job = JobId{1}, .index = 0, .free = 0, .capacity = kRing});
  };
  CHECK(spoken([&](OracleRun& run) {
          begin(run);
          run.assign();
          run.execute(1);
          run.visible(1, 1);
          run.signal(1, 1);
          run.release();
          run.script.put(doorbell_write{.job = JobId{1}, .write_index = 1});
        }) == "");
  CHECK(spoken(begin) ==
        "job_lost: at 0 ps: job 1 of queue 1 (game.0.rcs) was lost: it was written into the ring, but its work never "
        "ended");
  CHECK(spoken([&](OracleRun& run) {
          begin(run);
          run.signal(1, 1);
        }) ==
        "job_lost: at 0 ps: the finished fence of job 1 of queue 1 (game.0.rcs) signalled without an error, but its "
        "work never ended");
}

TEST_CASE("job_lost: a fence signals without an error for a job that has not ended") {
  CHECK(spoken([](OracleRun& run) {
          run.exec(1, 1);
          run.push(1);
          run.ring(1, 0);
          run.signal(1, 1);
        }) ==
        "job_lost: at 0 ps: the finished fence of job 1 of queue 1 (game.0.rcs) signalled without an error, but its "
        "work never ended");
  CHECK(spoken([](OracleRun& run) {
          run.exec(1, 1);
          run.push(1);
          run.ring(1, 0);
          run.signal(1, 1, Errno::time);
        }) == "");
}
