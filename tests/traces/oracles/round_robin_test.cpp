// SPDX-License-Identifier: MIT
// round_robin.
#include <cstdint>
#include <string>

#include "base/invariant.h"
#include "tests/support/catch.h"
#include "tests/support/trace_script.h"
#include "traces/event/make.h"
#include "traces/oracles/round_robin.h"

using namespace gpusim;
using namespace gpusim::trace;

namespace {

/// The oracle alone: the traces here have little else that is sound. Queues 1 and 2 share ring 9, queue 3 has ring 8.
struct TurnRun {
  TurnRun() {
    names.queues = {{}, {.name = "game.0.rcs"}, {.name = "desktop.0.rcs"}, {.name = "copy.0.bcs"}};
    oracle.enable();
    oracle.attach_to(script.recorder);
    for (const std::uint32_t queue : {1U, 2U, 3U}) {
      on(queue).put(queue_create{.engine_mask = 1, .priority = 1});
      oracle.on_shared_ring(QueueId{queue}, QueueId{queue == 3 ? 8U : 9U});
    }
  }

  TraceScript& on(std::uint32_t queue) {
    script.on_queue(queue);
    return script;
  }
  void pushes(std::uint32_t queue, std::uint64_t queued = 0) {
    on(queue).put(drm_sched_job_queue{.job = JobId{++jobs}, .queued = queued, .in_flight = 0});
  }
  void returns(std::uint32_t queue) { on(queue).put(exec_end{.job = JobId{jobs}}); }
  void runs(std::uint32_t queue, std::uint64_t left, int times = 1) {
    for (; times > 0; --times) {
      on(queue).put(drm_sched_job_run{.job = JobId{100}, .queued = left, .in_flight = 0});
    }
  }

  Names names;
  RoundRobin oracle{names};
  TraceScript script;
  std::uint64_t jobs = 0;
};

template <class Steps>
std::string said_after(Steps steps) {
  TurnRun run;
  try {
    steps(run);
  } catch (const InvariantViolation& violation) {
    return violation.what();
  }
  return {};
}

const std::string kThird =
    "round_robin: at 0 ps: job 100 of queue 1 (game.0.rcs) is the third job that is run while queue 2 (desktop.0.rcs), "
    "whose head could run, waits";

}  // namespace

TEST_CASE("round_robin: a queue is ready when the exec of its first job returns, and the third job ahead is too many") {
  CHECK(said_after([](TurnRun& run) {
          run.pushes(2);
          run.returns(2);
          run.runs(1, 5, 3);
        }) == kThird);
  CHECK(said_after([](TurnRun& run) {
          run.pushes(2);
          run.returns(2);
          run.runs(1, 5, 2);
        }).empty());
  // Not before: the push may not have got to the run queue.
  CHECK(said_after([](TurnRun& run) {
          run.pushes(2);
          run.runs(1, 5, 9);
        }).empty());
}

TEST_CASE("round_robin: a queue that has more jobs is ready from its last job's start") {
  CHECK(said_after([](TurnRun& run) {
          run.runs(2, 1);
          run.runs(1, 5, 3);
        }) == kThird);
  CHECK(said_after([](TurnRun& run) {
          run.runs(2, 0);
          run.runs(1, 5, 9);
        }).empty());
}

TEST_CASE("round_robin: a head that waits for a dependency is not ready until that has signalled") {
  CHECK(said_after([](TurnRun& run) {
          run.runs(2, 1);
          run.on(2).put(drm_sched_job_unschedulable{.job = JobId{1}});
          run.runs(1, 5, 9);
        }).empty());
  CHECK(said_after([](TurnRun& run) {
          run.on(2).put(drm_sched_job_unschedulable{.job = JobId{1}});
          run.on(2).put(dependency_ready{.job = JobId{1}});
          run.runs(1, 5, 3);
        }) == kThird);
}

TEST_CASE("round_robin: turns are of one ring, and begin anew when one of its queues is killed") {
  CHECK(said_after([](TurnRun& run) {
          run.runs(3, 1);
          run.runs(1, 5, 9);
        }).empty());
  CHECK(said_after([](TurnRun& run) {
          run.runs(2, 1);
          run.runs(1, 5, 2);
          run.on(1).put(queue_kill{.error = Errno::canceled});
          run.runs(1, 5, 2);
        }).empty());
}
