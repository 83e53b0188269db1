// SPDX-License-Identifier: MIT
// The part of a job's life from run_job to the return of its waiter: handlers of Milestones.
#include "base/grown.h"
#include "traces/folds/milestones.h"

namespace gpusim::trace {

/// Without a submission component it is the caller himself who waits for room.
void Milestones::on_ring_event(const Event& event, Cause cause) {
  Job* job = jobs_.find(event.job);
  if (job == nullptr || job->stage > Stage::issuing) return;
  if (job->stage == Stage::submitting && cause == Cause::host_worker) cause = Cause::syscall;
  enter(*job, job->stage, cause, event.time);
}

void Milestones::on_ring_write(const Event& event) {
  Job* job = jobs_.find(event.job);
  if (job == nullptr) return;
  job->ring_index = event.a;
  grown(queues_, event.queue).transit.written(event.job, event.a);
}

void Milestones::on_doorbell_write(const Event& event) {
  grown(queues_, event.queue).transit.rung(event.a, [&](const RingTransit::Entry& entry) {
    Job* job = jobs_.find(entry.job);
    if (job == nullptr || job->ring_index != entry.index || job->stage > Stage::issuing) return;
    enter(*job, Stage::ringing, Cause::doorbell, event.time);
  });
}

void Milestones::on_doorbell_arrive(const Event& event) {
  grown(queues_, event.queue).transit.arrived(event.a, [&](const RingTransit::Entry& entry) {
    Job* job = jobs_.find(entry.job);
    if (job == nullptr || job->ring_index != entry.index || job->stage > Stage::ringing) return;
    enter(*job, Stage::arrived, Cause::firmware, event.time);
  });
}

/// The firmware reads the write index from memory: it may know of an entry before that entry's own doorbell arrives.
void Milestones::on_queue_ready(const Event& event) {
  device_.set_slot(event.queue, event.b != 0, event.time);
  grown(queues_, event.queue).transit.announced(event.a, [&](const RingTransit::Entry& entry) {
    Job* job = jobs_.find(entry.job);
    if (job == nullptr || job->ring_index != entry.index || job->stage > Stage::arrived) return;
    enter_shared(*job, Stage::device_wait, event.time);
  });
}

/// Fetched or resumed. A job may be fetched before its doorbell arrived or the firmware announced it.
void Milestones::on_job_on_engine(const Event& event) {
  device_.begin_job(event.unit, event.time);
  Job* job = jobs_.find(event.job);
  if (job == nullptr) return;
  enter(*job, Stage::started, Cause::work, event.time);
  job->engine = event.unit;
  grown(engines_, event.unit).job = event.job;
  if (job->ring_index == kNotWritten) return;
  queues_[event.queue].transit.announced(job->ring_index + 1, [](const RingTransit::Entry&) {});
}

void Milestones::on_job_off_engine(const Event& event, Stage stage, Cause cause) {
  device_.end_job(event.unit, event.time);
  if (Job* job = jobs_.find(event.job)) enter(*job, stage, cause, event.time);
}

/// A job that a reset takes off its engine is started and not on an engine.
void Milestones::on_engine_release(const Event& event) {
  device_.release(event.unit, event.time);
  Job* job = jobs_.find(grown(engines_, event.unit).job);
  if (job == nullptr || job->stage != Stage::started || job->engine != event.unit) return;
  if (job->cause == Cause::work) enter(*job, Stage::started, Cause::preempted, event.time);
}

void Milestones::on_fence_visible(const Event& event) {
  Job* job = jobs_.find(event.job);
  if (job == nullptr || event.c != 1 || job->stage != Stage::writing_fence) return;
  Vector& vector = grown(vectors_, event.unit);
  if (vector.handlers > 0) {
    enter(*job, Stage::completing, Cause::completion, event.time);
    return;
  }
  if (vector.visible == 0) vector.jobs.clear();
  vector.jobs.push_back(event.job);
  ++vector.visible;
  job->vector = event.unit;
  enter(*job, Stage::visible, Cause::interrupt, event.time);
}

void Milestones::on_irq_entry(const Event& event) {
  Vector& vector = grown(vectors_, event.unit);
  ++vector.handlers;
  for (const std::uint64_t id : vector.jobs) {
    Job* job = jobs_.find(id);
    if (job == nullptr || job->stage != Stage::visible || job->vector != event.unit) continue;
    enter(*job, Stage::completing, Cause::completion, event.time);
  }
  vector.jobs.clear();
}

void Milestones::on_irq_exit(const Event& event) {
  Vector& vector = grown(vectors_, event.unit);
  if (vector.handlers > 0) --vector.handlers;
}

/// From any stage: a job that is cancelled or fails ends here, too.
void Milestones::on_signaled(const Event& event) {
  Job* job = jobs_.find(event.job);
  if (job == nullptr || job->stage == Stage::waking) return;
  job->life.error = event.c;
  enter(*job, Stage::waking, Cause::wakeup, event.time);
  Queue& queue = grown(queues_, job->life.queue);
  if (queue.blocked_head == event.job) head_goes_on(job->life.queue, event.time);
  if (job->waiters == 0) end(event.job, *job, event.time);
}

void Milestones::on_wait_start(const Event& event) {
  if (Job* job = jobs_.find(event.job)) ++job->waiters;
}

void Milestones::on_wait_end(const Event& event) {
  Job* job = jobs_.find(event.job);
  if (job == nullptr || job->waiters == 0) return;
  --job->waiters;
  if (job->stage == Stage::waking) end(event.job, *job, event.time);
}

}  // namespace gpusim::trace
