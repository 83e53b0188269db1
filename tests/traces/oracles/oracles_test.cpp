// SPDX-License-Identifier: MIT
// All oracles together.
#include <cstdint>
#include <ctime>

#include "tests/traces/oracles/oracle_run.h"
#include "traces/folds/milestones.h"
#include "traces/folds/statistics.h"

using namespace gpusim;
using namespace gpusim::trace;

namespace {

/// CPU time for so many queues, one after the other, of one job each, with everything that listens in a run.
[[nodiscard]] double seconds_for(std::uint32_t queues) {
  OracleRun run;
  Milestones milestones;
  Statistics statistics;
  milestones.attach_to(run.script.recorder);
  milestones.add_listener(statistics);
  statistics.attach_to(run.script.recorder);
  const std::clock_t start = std::clock();
  for (std::uint32_t queue = 1; queue <= queues; ++queue) {
    run.script.queue = queue;
    run.script.put(queue_create{.engine_mask = 1});
    run.oracles.on_queue_limit(QueueId{queue}, 2);
    run.exec(queue, 1);
    run.push(queue);
    run.run_job(queue, 1);
    run.ring(queue, 0);
    run.assign();
    run.execute(queue);
    run.release();
    const std::uint64_t address = kAddress + std::uint64_t{64} * (queue % 1'000);
    run.script.put(fence_visible{.job = JobId{queue}, .address = address, .value = 1, .completion = true});
    run.give_back(queue, 1, 0);
    run.signal(queue, 1);
    run.script.put(queue_fini{}).put(queue_destroyed{});
  }
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

}  // namespace

TEST_CASE("what listens costs the same for the last of many queues as for the first") {
  static_cast<void>(seconds_for(1'000));
  const double few = seconds_for(4'000);
  const double many = seconds_for(64'000);
  INFO(few << " s and " << many << " s");
  CHECK(many < few * 16 * 4);  // sixteen times as many; what is quadratic takes some two hundred times as long
}

TEST_CASE("oracles have nothing to say about a sound run") {
  CHECK(spoken([](OracleRun& run) {
          for (std::uint64_t job = 1; job <= 20; ++job) run.whole_job(job, job);
        }) == "");
}

TEST_CASE("oracles are known by their names") {
  const Names names;
  CHECK(OracleSet{names}.names() ==
        std::vector<std::string_view>{"fence_signalled_once", "queue_fifo", "dependency", "credits", "ring_overrun",
                                      "job_lost", "fence_value", "slots", "engine_exclusive", "work_done",
                                      "firmware_id", "stopped_queue", "guilty", "timeout", "lone_timeout", "after_end",
                                      "tokens", "token_turns", "gangs"});
}
