// SPDX-License-Identifier: MIT
// credits.
#include "tests/traces/oracles/oracle_run.h"

using namespace gpusim;
using namespace gpusim::trace;

TEST_CASE("credits: more in flight than the limit") {
  CHECK(spoken([](OracleRun& run) {
          for (const std::uint64_t job : {1U, 2U, 3U}) {
            run.exec(job, job);
            run.push(job);
            run.run_job(job, job);
          }
        }) == "credits: at 0 ps: job 3 ran and put 3 credits of queue 1 (game.0.rcs) in flight; the limit is 2");
}

TEST_CASE("credits: the queue's own count is wrong") {
  CHECK(spoken([](OracleRun& run) {
          run.exec(1, 1);
          run.push(1);
          run.run_job(1, 2);
        }) ==
        "credits: at 0 ps: queue 1 (game.0.rcs) counts 2 credits in flight after job 1; by what was taken and given "
        "back it is 1");
}

TEST_CASE("credits: a job gives back more or less than it took, or twice, or never") {
  const auto begin = [](OracleRun& run) {
    run.exec(1, 1, 2);
    run.push(1);
    run.run_job(1, 2);
  };
  CHECK(spoken([&](OracleRun& run) {
          begin(run);
          run.give_back(1, 1, 1);
        }) == "credits: at 0 ps: job 1 of queue 1 (game.0.rcs) gave back 1 credits; it had taken 2");
  CHECK(spoken([&](OracleRun& run) {
          begin(run);
          run.give_back(1, 2, 0);
          run.give_back(1, 2, 0);
        }) == "credits: at 0 ps: job 1 of queue 1 (game.0.rcs) gave back 2 credits that it did not have");
  CHECK(spoken([&](OracleRun& run) {
          begin(run);
          run.signal(1, 1);
        }) == "credits: at 0 ps: 2 credits of queue 1 (game.0.rcs) were never given back");
}

TEST_CASE("credits: a job takes at most the limit, and a domain shares its credits") {
  CHECK(spoken(
            [](OracleRun& run) {
              run.exec(1, 1, 100);
              run.push(1);
              run.run_job(1, 2);
              run.give_back(1, 2, 0);
              run.oracles.on_queue_limit(QueueId{2}, 3, 1);
              run.oracles.on_queue_limit(QueueId{3}, 3, 1);
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

TEST_CASE("credits: of several rings each has the limit, and a job is on one of them") {
  const auto balanced = [](std::uint64_t given_back) {
    return spoken(
        [given_back](OracleRun& run) {
          run.oracles.on_balanced_queues();
          run.oracles.on_queue_limit(QueueId{2}, 3, 1, 2);
          run.script.on_queue(2);
          run.exec(1, 1, 5);
          run.run_job(1, 3);
          run.exec(2, 2, 3);
          run.run_job(2, 6);
          run.give_back(1, given_back, 3);
          run.give_back(2, 3, 0);
        },
        false);
  };
  CHECK(balanced(3) == "");
  CHECK(balanced(5) != "");
}
