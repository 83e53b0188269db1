// SPDX-License-Identifier: MIT
#include "traces/oracles/job_lost.h"

namespace gpusim::trace {

EventSet JobLost::kinds() const {
  using K = EventKind;
  return events({K::drm_sched_job_queue, K::doorbell_write, K::job_end, K::fence_visible, K::dma_fence_signaled});
}

void JobLost::on_event(const Event& event) {
  if (event.job == 0) return;
  switch (event.kind) {
    case EventKind::drm_sched_job_queue:
      jobs_.find_or_insert(event.job).queue = event.queue;
      return;
    case EventKind::doorbell_write: {
      Job& job = jobs_.find_or_insert(event.job);
      job.queue = event.queue;
      job.rung = true;
      return;
    }
    case EventKind::job_end:
      if (Job* job = jobs_.find(event.job)) job->ended = true;
      return;
    case EventKind::fence_visible:
      if (event.c != 1) return;
      if (Job* job = jobs_.find(event.job)) job->visible = true;
      return;
    default:
      return on_signaled(event);
  }
}

void JobLost::on_signaled(const Event& event) {
  const Job* job = jobs_.find(event.job);
  if (job == nullptr) return;
  if (event.c == 0 && job->rung && !(job->ended && job->visible)) {
    fail(event, "the finished fence of " + job_text(event.job) + " of " + queue_text(job->queue) +
                    " signalled without an error, but " + missing(*job));
  }
  jobs_.erase(event.job);
}

void JobLost::finish(SimTime now) {
  for (const std::uint64_t id : jobs_.ids()) {
    const Job& job = *jobs_.find(id);
    const bool on_device = job.rung && !(job.ended && job.visible);
    fail(now, job_text(id) + " of " + queue_text(job.queue) + " was lost: " +
                  (on_device ? "its doorbell was rung, but " + missing(job) : "its finished fence never signalled"));
  }
}

std::string JobLost::missing(const Job& job) {
  return job.ended ? "its completion value never became visible" : "its work never ended";
}

}  // namespace gpusim::trace
