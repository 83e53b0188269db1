// SPDX-License-Identifier: MIT
// The part of a job's life from the ioctl to run_job: handlers of Milestones.
#include "base/grown.h"
#include "traces/folds/milestones.h"

namespace gpusim::trace {

void Milestones::on_exec_begin(const Event& event) {
  Job& job = jobs_.insert(event.job);
  job.life.job = event.job;
  job.life.queue = event.queue;
  job.life.client = static_cast<std::uint32_t>(event.a);
  job.life.begin = event.time;
  job.since = event.time;
}

/// An exec that fails leaves no job behind.
void Milestones::on_exec_end(const Event& event) {
  if (event.b == 0) return;
  const Job* job = jobs_.find(event.job);
  if (job != nullptr && job->stage == Stage::submitting) jobs_.erase(event.job);
}

void Milestones::on_submit_event(const Event& event, Cause cause) {
  Job* job = jobs_.find(event.job);
  if (job != nullptr && job->stage == Stage::submitting) enter(*job, Stage::submitting, cause, event.time);
}

void Milestones::on_job_queue(const Event& event) {
  if (Job* job = jobs_.find(event.job)) enter_shared(*job, Stage::queued, event.time);
}

/// Also when a job is run again after a reset, from whatever stage that found it in.
void Milestones::on_job_run(const Event& event) {
  Job* job = jobs_.find(event.job);
  if (job == nullptr) return;
  enter(*job, Stage::issuing, Cause::host_worker, event.time);
  if (grown(queues_, event.queue).blocked_head == event.job) head_goes_on(event.queue, event.time);
}

}  // namespace gpusim::trace
