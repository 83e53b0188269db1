// SPDX-License-Identifier: MIT
// The part of a job's life from run_job to the return of its waiter: handlers of Milestones.
#include "base/grown.h"
#include "traces/event/event_table.h"
#include "traces/folds/milestones.h"

namespace gpusim::trace {

void Milestones::on(const ring_full& event) { at_ring(event.job, kOpens<ring_full>, event.time); }
void Milestones::on(const ring_space& event) { at_ring(event.job, kOpens<ring_space>, event.time); }

/// Without a submission component, the caller itself waits for room.
void Milestones::at_ring(JobId id, Cause cause, SimTime now) {
  Job* job = jobs_.find(id);
  if (job == nullptr || job->stage > Stage::issuing) return;
  if (job->stage == Stage::submitting && cause == Cause::host_worker) cause = Cause::syscall;
  enter(*job, job->stage, cause, now);
}

void Milestones::on(const ring_write& event) {
  Job* job = jobs_.find(event.job);
  if (job == nullptr) return;
  job->ring_index = event.index;
  grown(queues_, event.queue).transit.written(event.job, event.index);
}

void Milestones::on(const doorbell_write& event) {
  grown(queues_, event.queue).transit.rung(event.write_index, [&](const RingTransit::Entry& entry) {
    Job* job = jobs_.find(entry.job);
    if (job == nullptr || job->ring_index != entry.index || job->stage > Stage::issuing) return;
    enter(*job, Stage::ringing, kOpens<doorbell_write>, event.time);
  });
}

void Milestones::on(const doorbell_arrive& event) {
  grown(queues_, event.queue).transit.arrived(event.write_index, [&](const RingTransit::Entry& entry) {
    Job* job = jobs_.find(entry.job);
    if (job == nullptr || job->ring_index != entry.index || job->stage > Stage::ringing) return;
    enter(*job, Stage::arrived, kOpens<doorbell_arrive>, event.time);
  });
}

/// The firmware reads the write index from memory: it may know of an entry before that entry's own doorbell arrives.
void Milestones::on(const queue_ready& event) {
  knows(event.queue, event.time);
  device_.set_slot(event.queue.value(), event.resident, event.time);
  grown(queues_, event.queue).transit.announced(event.write_index, [&](const RingTransit::Entry& entry) {
    Job* job = jobs_.find(entry.job);
    if (job == nullptr || job->ring_index != entry.index || job->stage > Stage::arrived) return;
    enter_shared(*job, Stage::device_wait, event.time);
  });
}

void Milestones::on(const ring_wait_begin& event) { device_.set_waiting(event.queue.value(), true, event.time); }
void Milestones::on(const ring_wait_end& event) { device_.set_waiting(event.queue.value(), false, event.time); }
void Milestones::on(const slot_grant& event) { device_.set_slot(event.queue.value(), true, event.time); }
void Milestones::on(const slot_evict& event) { device_.set_slot(event.queue.value(), false, event.time); }

void Milestones::on(const engine_assign& event) { device_.assign(event.engine, event.queue.value(), event.time); }
void Milestones::on(const context_restore_begin& event) { device_.set_switching(event.engine, true, event.time); }
void Milestones::on(const context_restore_end& event) { device_.set_switching(event.engine, false, event.time); }
void Milestones::on(const context_save_begin& event) { device_.set_switching(event.engine, true, event.time); }
void Milestones::on(const context_save_end& event) { device_.set_switching(event.engine, false, event.time); }

void Milestones::on(const fetch_begin& event) {
  on_engine(event.engine, event.queue, event.job, kOpens<fetch_begin>, event.time);
}
void Milestones::on(const job_resumed& event) {
  on_engine(event.engine, event.queue, event.job, kOpens<job_resumed>, event.time);
}

/// A job may be fetched before its doorbell arrived or the firmware announced it.
void Milestones::on_engine(std::uint32_t engine, QueueId queue, JobId id, Cause cause, SimTime now) {
  device_.begin_job(engine, now);
  Job* job = jobs_.find(id);
  if (job == nullptr) return;
  enter(*job, Stage::started, cause, now);
  job->engine = engine;
  grown(engines_, engine).job = id;
  if (job->ring_index == kNotWritten) return;
  queues_[queue.value()].transit.announced(job->ring_index + 1, [](const RingTransit::Entry&) {});
}

void Milestones::on(const job_preempted& event) {
  off_engine(event.engine, event.job, Stage::started, kOpens<job_preempted>, event.time);
}
void Milestones::on(const job_end& event) {
  off_engine(event.engine, event.job, Stage::writing_fence, kOpens<job_end>, event.time);
}

void Milestones::off_engine(std::uint32_t engine, JobId id, Stage stage, Cause cause, SimTime now) {
  device_.end_job(engine, now);
  if (Job* job = jobs_.find(id)) enter(*job, stage, cause, now);
}

/// After a reset a job has started but is on no engine.
void Milestones::on(const engine_release& event) {
  device_.release(event.engine, event.time);
  Job* job = jobs_.find(grown(engines_, event.engine).job);
  if (job == nullptr || job->stage != Stage::started || job->engine != event.engine) return;
  if (job->cause == Cause::work) enter(*job, Stage::started, Cause::preempted, event.time);
}

void Milestones::on(const fence_visible& event) {
  Job* job = jobs_.find(event.job);
  if (job == nullptr || !event.completion || job->stage != Stage::writing_fence) return;
  Vector& vector = grown(vectors_, event.vector);
  if (vector.handlers > 0) {
    enter(*job, Stage::completing, Cause::completion, event.time);
    return;
  }
  if (vector.visible == 0) vector.jobs.clear();
  vector.jobs.push_back(event.job);
  ++vector.visible;
  job->vector = event.vector;
  // An interrupt is raised, and lost, behind the write of the fence value, which is in flight then.
  enter(*job, Stage::visible, vector.lost ? Cause::recovery : kOpens<fence_visible>, event.time);
}

void Milestones::on(const interrupt_raise& event) { grown(vectors_, event.vector).lost = false; }

void Milestones::on(const irq_handler_entry& event) {
  Vector& vector = grown(vectors_, event.vector);
  vector.lost = false;
  ++vector.handlers;
  for (const JobId id : vector.jobs) {
    Job* job = jobs_.find(id);
    if (job == nullptr || job->stage != Stage::visible || job->vector != event.vector) continue;
    enter(*job, Stage::completing, kOpens<irq_handler_entry>, event.time);
  }
  vector.jobs.clear();
}

void Milestones::on(const irq_handler_exit& event) {
  Vector& vector = grown(vectors_, event.vector);
  if (vector.handlers > 0) --vector.handlers;
}

/// From any stage: a job that is cancelled or fails ends here, too.
void Milestones::on(const dma_fence_signaled& event) {
  Job* job = jobs_.find(event.job);
  if (job == nullptr || job->stage == Stage::waking) return;
  job->life.error = static_cast<std::uint64_t>(event.error);
  enter(*job, Stage::waking, kOpens<dma_fence_signaled>, event.time);
  const QueueId queue{job->life.queue};
  if (grown(queues_, queue).blocked_head == event.job) head_goes_on(queue, event.time);
  if (job->waiters == 0) end(event.job, *job, event.time);
}

void Milestones::on(const dma_fence_wait_start& event) {
  if (Job* job = jobs_.find(event.job)) ++job->waiters;
}

void Milestones::on(const dma_fence_wait_end& event) {
  Job* job = jobs_.find(event.job);
  if (job == nullptr || job->waiters == 0) return;
  --job->waiters;
  if (job->stage == Stage::waking) end(event.job, *job, event.time);
}

}  // namespace gpusim::trace
