// SPDX-License-Identifier: MIT
// Gangs (an exec of several jobs, gang_submit) on their way to the rings: from the first of its jobs that is written to
// a ring until its leader has been scheduled, no job of another gang is; a leader runs only when all the others have
// been scheduled, or have ended; and where jobs run again after a reset, none of a gang is written a second time.
#pragma once

#include <cstdint>
#include <vector>

#include "base/fifo.h"
#include "base/id_window.h"
#include "traces/oracles/oracle.h"

namespace gpusim::trace {

class Gangs final : public Oracle {
 public:
  explicit Gangs(const Names& names) : Oracle{"gangs", names} {}
  void attach_to(Recorder& recorder) override;
  void on(const gang_submit& event);
  void on(const drm_sched_job_run& event);
  void on(const ring_write& event);
  void on(const dma_fence_signaled& event);

  /// After a reset run_job() is called again for what was in the rings. Without, the driver may write entries again.
  void on_resubmission() { resubmits_ = true; }

 private:
  struct Job {
    JobId leader;
    bool is_scheduled = false;
    bool is_written = false;
    std::vector<JobId> awaited;  ///< of a leader: those that have not been scheduled
    void recycle() {
      is_scheduled = false;
      is_written = false;
      awaited.clear();
    }
  };
  struct Unscheduled {
    std::uint64_t seqno;
    JobId job;
  };
  struct Context {
    Fifo<Unscheduled> jobs;
  };
  void schedule(JobId id);

  IdWindow<Job> jobs_;          ///< until their finished fences signal
  IdWindow<Context> contexts_;  ///< of scheduled fences, by context + 1
  JobId current_;               ///< leader of the gang of which a job is written, until it is scheduled; 0: none
  bool resubmits_ = false;
};

}  // namespace gpusim::trace
