// SPDX-License-Identifier: MIT
// Milestones on a hand-made trace, with short words for what many of its tests begin with.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/cause_check.h"
#include "tests/support/trace_script.h"
#include "traces/event/make.h"
#include "traces/folds/milestones.h"

namespace gpusim::trace {

inline constexpr std::uint32_t kEngine = 0;
inline constexpr std::uint32_t kVector = 3;

/// Each run is checked by the second opinion as well.
struct MilestonesRun {
  MilestonesRun() {
    milestones.attach_to(script.recorder);
    milestones.add_listener(kept);
    script.put(queue_create{.engine_mask = 1});
  }
  ~MilestonesRun() {
    std::vector<JobLife> all = kept.lives;
    for (const JobLife& life : milestones.finish(script.now())) all.push_back(life);
    for (const std::string& sentence : test::check_causes(script.kept(), all)) FAIL_CHECK(sentence);
  }

  [[nodiscard]] const JobLife& life(std::uint64_t job) const {
    for (const JobLife& life : kept.lives) {
      if (life.job == job) return life;
    }
    FAIL("job " << job << " has not ended");
    return kept.lives.front();
  }
  [[nodiscard]] Picoseconds spent(std::uint64_t job, Cause cause) const { return life(job)[cause]; }

  /// exec and push of a job, at this moment.
  void push(std::uint64_t job) {
    script.put(exec_begin{.job = JobId{job}, .credits = 1}).put(drm_sched_job_queue{.job = JobId{job}});
  }
  /// run_job of a job, its doorbell sent and arrived, at this moment.
  void ring(std::uint64_t job, std::uint64_t index) {
    script.put(drm_sched_job_run{.job = JobId{job}})
        .put(ring_write{.job = JobId{job}, .index = index})
        .put(doorbell_write{.job = JobId{job}, .write_index = index + 1});
    script.put(doorbell_arrive{.write_index = index + 1});
  }
  /// All of the above and the firmware knows.
  void submit(std::uint64_t job, std::uint64_t index) {
    push(job);
    ring(job, index);
    script.put(queue_ready{.write_index = index + 1, .resident = true});
  }
  void finish(std::uint64_t job) { script.put(dma_fence_signaled{.job = JobId{job}}); }

  TraceScript script;
  KeptLives kept;
  Milestones milestones;
};

}  // namespace gpusim::trace
