// SPDX-License-Identifier: MIT
// gangs.
#include <cstdint>
#include <string>

#include "base/invariant.h"
#include "tests/support/catch.h"
#include "tests/support/trace_script.h"
#include "traces/event/make.h"
#include "traces/oracles/gangs.h"

using namespace gpusim;
using namespace gpusim::trace;

namespace {

/// Jobs 1 and 2 on queues 1 and 2 are the gang of 2, jobs 3 and 4 that of 4. The scheduled fences of a queue have its
/// number as context.
struct GangRun {
  explicit GangRun(bool resubmits) {
    names.queues = {{}, {.name = "game.ccs"}, {.name = "game.rcs"}, {.name = "ccs0.ring"}, {.name = "rcs0.ring"}};
    if (resubmits) oracle.on_resubmission();
    oracle.attach_to(script.recorder);
    for (std::uint64_t job = 1; job <= 4; ++job) {
      on(queue_of(job))
          .put(gang_submit{
              .job = JobId{job}, .context = queue_of(job), .seqno = (job + 1) / 2, .leader = JobId{(job + 1) / 2 * 2}});
    }
  }
  static std::uint32_t queue_of(std::uint64_t job) { return job % 2 == 1 ? 1 : 2; }
  void runs(std::uint64_t job) { on(queue_of(job)).put(drm_sched_job_run{.job = JobId{job}, .in_flight = 0}); }
  void writes(std::uint64_t job) {
    on(queue_of(job) + 2).put(ring_write{.job = JobId{job}, .index = 0, .free = 3, .capacity = 4});
  }
  void scheduled(std::uint64_t job) {
    on(queue_of(job)).put(dma_fence_signaled{.context = queue_of(job), .seqno = (job + 1) / 2});
  }
  void finished(std::uint64_t job) {
    on(queue_of(job)).put(dma_fence_signaled{.job = JobId{job}, .context = queue_of(job) + 10, .seqno = (job + 1) / 2});
  }
  void hand_over(std::uint64_t job) {
    runs(job);
    writes(job);
    scheduled(job);
  }
  TraceScript& on(std::uint32_t queue) { return script.on_queue(queue); }

  Names names;
  Gangs oracle{names};
  TraceScript script;
};

template <class Steps>
std::string spoken_of(Steps steps, bool resubmits = false) {
  try {
    GangRun run{resubmits};
    steps(run);
  } catch (const InvariantViolation& violation) {
    return violation.what();
  }
  return {};
}

}  // namespace

TEST_CASE("gangs: a job of one is written while another is on its way") {
  CHECK(spoken_of([](GangRun& run) {
          run.hand_over(1);
          run.hand_over(3);
        }) ==
        "gangs: at 0 ps: job 3 was written to queue 3 (ccs0.ring) while the gang of job 2 was on its way to the "
        "rings");
}

TEST_CASE("gangs: a leader runs before the others have been scheduled") {
  CHECK(spoken_of([](GangRun& run) { run.runs(2); }) ==
        "gangs: at 0 ps: job 2 of queue 2 (game.rcs), which leads a gang, ran before job 1 of its gang had been "
        "scheduled");
  CHECK(spoken_of([](GangRun& run) {
          run.runs(1);
          run.writes(1);
          run.runs(2);
        }).starts_with("gangs: at 0 ps: job 2 of queue 2"));
}

TEST_CASE("gangs: a job runs again without the others") {
  const auto again = [](GangRun& run) {
    run.hand_over(1);
    run.hand_over(2);
    run.writes(1);
  };
  CHECK(spoken_of(again, true) ==
        "gangs: at 0 ps: job 1 of a gang was written to queue 3 (ccs0.ring) again, without the others");
  // The reset of a ring writes entries again that are others'.
  CHECK(spoken_of(again).empty());
}

TEST_CASE("gangs: one after the other, with jobs of none between, and after one that has ended unrun") {
  CHECK(spoken_of([](GangRun& run) {
          run.hand_over(1);
          run.on(3).put(ring_write{.job = JobId{9}, .index = 0, .free = 3, .capacity = 4});
          run.hand_over(2);
          run.hand_over(3);
          run.finished(1);
          run.finished(2);
          run.hand_over(4);
        }).empty());
  // Killed: scheduled and finished, in any order of the two.
  CHECK(spoken_of([](GangRun& run) {
          run.hand_over(1);
          run.finished(2);
          run.hand_over(3);
          run.hand_over(4);
        }).empty());
  // Refused: scheduled, and never written.
  CHECK(spoken_of([](GangRun& run) {
          run.runs(1);
          run.scheduled(1);
          run.hand_over(3);
          run.runs(2);
          run.scheduled(2);
        }).empty());
}
