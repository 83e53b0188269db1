// SPDX-License-Identifier: MIT
// The part of a job's life from the ioctl to run_job: handlers of Milestones.
#include "base/grown.h"
#include "traces/event/event_table.h"
#include "traces/folds/milestones.h"

namespace gpusim::trace {
namespace {

// Queue::host, in the order of kHostCauses.
constexpr std::size_t kHostRunnable = 0;
constexpr std::size_t kHostDependency = 1;
constexpr std::size_t kHostCredit = 2;

}  // namespace

void Milestones::on(const queue_create& event) {
  device_.create_queue(event.queue.value(), event.engine_mask, event.time);
}

void Milestones::on(const exec_begin& event) {
  Job& job = jobs_.insert(event.job);
  job.life.job = event.job.value();
  job.life.queue = event.queue.value();
  job.life.client = event.client.value();
  job.life.begin = event.time;
  job.since = event.time;
}

void Milestones::on(const exec_lock_wait& event) { submitting(event.job, kOpens<exec_lock_wait>, event.time); }
void Milestones::on(const exec_lock_acquired& event) { submitting(event.job, kOpens<exec_lock_acquired>, event.time); }

void Milestones::submitting(JobId id, Cause cause, SimTime now) {
  Job* job = jobs_.find(id);
  if (job != nullptr && job->stage == Stage::submitting) enter(*job, Stage::submitting, cause, now);
}

/// An exec that fails leaves no job behind.
void Milestones::on(const exec_end& event) {
  if (event.error == Errno::ok) return;
  const Job* job = jobs_.find(event.job);
  if (job != nullptr && job->stage == Stage::submitting) jobs_.erase(event.job);
}

void Milestones::on(const drm_sched_job_queue& event) {
  if (Job* job = jobs_.find(event.job)) enter_shared(*job, Stage::queued, event.time);
}

void Milestones::on(const drm_sched_job_unschedulable& event) {
  head_waits(event.queue, event.job, kHostDependency, event.time);
}
void Milestones::on(const credit_blocked& event) { head_waits(event.queue, event.job, kHostCredit, event.time); }

/// All jobs queued behind the head share what it waits for.
void Milestones::head_waits(QueueId queue, JobId head, std::size_t host_state, SimTime now) {
  Queue& state = grown(queues_, queue);
  state.host.enter(host_state, now);
  state.blocked_head = head;
}

void Milestones::on(const dependency_ready& event) { head_goes_on(event.queue, event.time); }
void Milestones::on(const credit_returned& event) {
  if (event.head_free) head_goes_on(event.queue, event.time);
}

void Milestones::head_goes_on(QueueId queue, SimTime now) {
  Queue& state = grown(queues_, queue);
  state.host.enter(kHostRunnable, now);
  state.blocked_head = JobId{};
}

/// Also when a job is run again after a reset, from whatever stage that found it in.
void Milestones::on(const drm_sched_job_run& event) {
  Job* job = jobs_.find(event.job);
  if (job == nullptr) return;
  enter(*job, Stage::issuing, kOpens<drm_sched_job_run>, event.time);
  if (grown(queues_, event.queue).blocked_head == event.job) head_goes_on(event.queue, event.time);
}

}  // namespace gpusim::trace
