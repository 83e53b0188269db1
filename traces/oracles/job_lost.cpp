// SPDX-License-Identifier: MIT
#include "traces/oracles/job_lost.h"

#include <fmt/core.h>

#include "traces/event/handlers.h"

namespace gpusim::trace {

void JobLost::attach_to(Recorder& recorder) { attach_handlers(*this, recorder); }

void JobLost::on(const drm_sched_job_queue& event) {
  if (event.job != JobId{}) jobs_.find_or_insert(event.job).queue = event.queue;
}

void JobLost::on(const ring_write& event) {
  if (is_mapped_) jobs_.find_or_insert(event.job) = {.queue = event.queue, .rung = true};
}

void JobLost::on(const doorbell_write& event) {
  if (event.job == JobId{} || is_mapped_) return;
  Job& job = jobs_.find_or_insert(event.job);
  job.queue = event.queue;
  job.rung = true;
}

void JobLost::on(const job_end& event) {
  if (Job* job = jobs_.find(event.job)) job->ended = true;
}

void JobLost::on(const fence_visible& event) {
  if (!event.completion) return;
  if (Job* job = jobs_.find(event.job)) job->visible = true;
}

void JobLost::on(const dma_fence_signaled& event) {
  const Job* job = jobs_.find(event.job);
  if (job == nullptr) return;
  if (event.error == Errno::ok && job->rung && !(job->ended && job->visible)) {
    fail(event.time, fmt::format("the finished fence of {} of {} signalled without an error, but {}",
                                 job_text(event.job), queue_text(job->queue), missing(*job)));
  }
  jobs_.erase(event.job);
}

void JobLost::finish(SimTime now) {
  for (const std::uint64_t id : jobs_.ids()) {
    const Job& job = *jobs_.find(id);
    const bool on_device = job.rung && !(job.ended && job.visible);
    fail(now, fmt::format("{} of {} was lost: {}", job_text(JobId{id}), queue_text(job.queue),
                          on_device ? said() + missing(job) : "its finished fence never signalled"));
  }
}

std::string JobLost::said() const {
  return is_mapped_ ? "it was written into the ring, but " : "its doorbell was rung, but ";
}

std::string JobLost::missing(const Job& job) {
  return job.ended ? "its completion value never became visible" : "its work never ended";
}

}  // namespace gpusim::trace
