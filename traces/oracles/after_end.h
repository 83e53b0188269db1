// SPDX-License-Identifier: MIT
// Once a job's finished fence has signalled, or the job was released, nothing of it is on the device: no engine fetches
// its entry, begins it, goes on with it, preempts it or ends it. Whoever waited for the fence may by then have freed or
// overwritten what the job works on. This holds for a job that is banned or cancelled as well: where it had begun, and
// be it preempted, the device must have let go of its queue, or be in reset, before its fence signals.
//
// Job numbers of a queue ascend, and its fences signal in order, so the last one signalled says it for all before it.
#pragma once

#include <vector>

#include "traces/oracles/oracle.h"

namespace gpusim::trace {

class AfterEnd final : public Oracle {
 public:
  explicit AfterEnd(const Names& names) : Oracle{"after_end", names} {}
  void attach_to(Recorder& recorder) override;
  void on(const drm_sched_job_queue& event);
  void on(const dma_fence_signaled& event);
  void on(const job_released& event);
  void on(const fetch_begin& event);
  void on(const job_start& event);
  void on(const job_preempted& event);
  void on(const job_resumed& event);
  void on(const job_end& event);

 private:
  struct Queue {
    JobId last_pushed;
    JobId last_ended;
    std::vector<JobId> released;  ///< before their fences: later than last_ended
  };
  void check(SimTime now, QueueId id, JobId job, const char* what);

  std::vector<Queue> queues_;
};

}  // namespace gpusim::trace
