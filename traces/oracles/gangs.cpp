// SPDX-License-Identifier: MIT
#include "traces/oracles/gangs.h"

#include <fmt/core.h>

#include "traces/event/handlers.h"

namespace gpusim::trace {

void Gangs::attach_to(Recorder& recorder) { attach_handlers(*this, recorder); }

// The leader's is the last of a gang's.
void Gangs::on(const gang_submit& event) {
  jobs_.find_or_insert(event.job).leader = event.leader;
  if (event.job != event.leader) jobs_.find_or_insert(event.leader).awaited.push_back(event.job);
  contexts_.find_or_insert(event.context + 1).jobs.push_back({event.seqno, event.job});
}

void Gangs::on(const drm_sched_job_run& event) {
  const Job* job = jobs_.find(event.job);
  if (job == nullptr || job->awaited.empty()) return;
  fail(event.time, fmt::format("{} of {}, which leads a gang, ran before {} of its gang had been scheduled",
                               job_text(event.job), queue_text(event.queue), job_text(job->awaited.front())));
}

void Gangs::on(const ring_write& event) {
  Job* job = jobs_.find(event.job);
  if (job == nullptr) return;
  if (job->is_written) {
    if (!resubmits_) return;
    fail(event.time, fmt::format("{} of a gang was written to {} again, without the others", job_text(event.job),
                                 queue_text(event.queue)));
  }
  job->is_written = true;
  const JobId leader = job->leader;
  if (current_ != JobId{} && current_ != leader) {
    fail(event.time, fmt::format("{} was written to {} while the gang of {} was on its way to the rings",
                                 job_text(event.job), queue_text(event.queue), job_text(current_)));
  }
  const Job* its_leader = jobs_.find(leader);
  if (its_leader != nullptr && !its_leader->is_scheduled) current_ = leader;
}

void Gangs::on(const dma_fence_signaled& event) {
  if (event.job != JobId{}) {
    if (jobs_.find(event.job) == nullptr) return;
    schedule(event.job);
    jobs_.erase(event.job);
    return;
  }
  Context* context = contexts_.find(event.context + 1);
  if (context == nullptr) return;
  while (!context->jobs.empty() && context->jobs.front().seqno <= event.seqno) schedule(context->jobs.pop_front().job);
}

void Gangs::schedule(JobId id) {
  Job* job = jobs_.find(id);
  if (job == nullptr || job->is_scheduled) return;
  job->is_scheduled = true;
  if (current_ == id) current_ = JobId{};
  if (Job* leader = jobs_.find(job->leader)) std::erase(leader->awaited, id);
}

}  // namespace gpusim::trace
