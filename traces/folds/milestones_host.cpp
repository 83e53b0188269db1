// SPDX-License-Identifier: MIT
// The part of a job's life from the ioctl to run_job: handlers of Milestones.
#include <cstdint>
#include <utility>

#include "base/grown.h"
#include "traces/event/event_table.h"
#include "traces/event/faults.h"
#include "traces/folds/milestones.h"

namespace gpusim::trace {
namespace {

// Queue::host, in the order of kHostCauses.
constexpr std::size_t kHostRunnable = 0;
constexpr std::size_t kHostDependency = 1;
constexpr std::size_t kHostCredit = 2;
constexpr std::size_t kHostGang = 3;
constexpr std::size_t kHostToken = 4;
constexpr std::size_t kHostRecovery = 5;

}  // namespace

void Milestones::on(const queue_create& event) {
  device_.create_queue(event.queue.value(), event.engine_mask, event.time);
  static_cast<void>(grown(queues_, event.queue));  // a reset is of all that exist
  if (device_resets_) set_trouble(event.queue, device_resets, true, event.time);
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

void Milestones::on(const user_dependency& event) { submitting(event.job, kOpens<user_dependency>, event.time); }
void Milestones::on(const user_dependency_reached& event) {
  submitting(event.job, kOpens<user_dependency_reached>, event.time);
}

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

/// drm_sched says of every fence that it waits for it, also of the one that prepare_job has just named.
void Milestones::on(const drm_sched_job_unschedulable& event) {
  const Queue& state = grown(queues_, event.queue);
  if (state.host_state == kHostGang && state.blocked_head == event.job) return;
  head_waits(event.queue, event.job, kHostDependency, event.time);
}
void Milestones::on(const gang_wait& event) { head_waits(event.queue, event.job, kHostGang, event.time); }
void Milestones::on(const credit_blocked& event) { head_waits(event.queue, event.job, kHostCredit, event.time); }

void Milestones::on(const token_wait& event) { head_waits(event.queue, event.job, kHostToken, event.time); }
void Milestones::on(const token_granted& event) { head_goes_on(event.queue, event.time); }
void Milestones::on(const token_withdrawn& event) { head_goes_on(event.queue, event.time); }

/// All jobs queued behind the head share what it waits for.
void Milestones::head_waits(QueueId queue, JobId head, std::size_t host_state, SimTime now) {
  Queue& state = grown(queues_, queue);
  enter_host_state(state, host_state, now);
  state.blocked_head = head;
}

void Milestones::enter_host_state(Queue& queue, std::size_t state, SimTime now) {
  queue.host_state = state;
  queue.host.enter(queue.trouble == 0 ? state : kHostRecovery, now);
}

/// Only what would have moved a job on is lost: a later one of its kind may do that, too.
void Milestones::on(const fault_injected& event) {
  const auto lost = [&](JobId id, Stage stage) {
    Job* job = jobs_.find(id);
    if (job == nullptr || job->stage != stage) return;
    enter(*job, stage, Cause::recovery, event.time);
  };
  switch (event.fault.as<Fault>()) {
    case Fault::lost_interrupt:
      grown(vectors_, event.unit).lost = true;
      for (const JobId id : grown(vectors_, event.unit).jobs) lost(id, Stage::visible);
      break;
    case Fault::lost_doorbell:  // right behind its arrival; those that arrived before are still to be served
      grown(queues_, event.queue).transit.for_each_arrived([&](const RingTransit::Entry& entry) {
        const Job* job = jobs_.find(entry.job);
        if (job != nullptr && job->since == event.time) lost(entry.job, Stage::arrived);
      });
      break;
    case Fault::hung_job:
      if (Job* job = jobs_.find(event.job)) job->hangs = true;
      break;
    case Fault::dropped_message:
      grown(queues_, event.queue).transit.for_each_arrived([&](const RingTransit::Entry& entry) {
        lost(entry.job, Stage::arrived);
      });
      if (!grown(queues_, event.queue).is_known) set_trouble(event.queue, unknown, true, event.time);
      break;
    default:
      break;
  }
}

void Milestones::set_trouble(QueueId queue, Trouble trouble, bool is_on, SimTime now) {
  Queue& state = grown(queues_, queue);
  const bool was_recovered = state.trouble != 0;
  state.trouble = static_cast<std::uint8_t>(is_on ? state.trouble | trouble : state.trouble & ~trouble);
  const bool is_recovered = state.trouble != 0;
  if (was_recovered == is_recovered) return;
  any_trouble_ = true;
  state.recovery.enter(is_recovered ? 1 : 0, now);
  state.host.enter(is_recovered ? kHostRecovery : state.host_state, now);
  device_.set_recovering(queue.value(), is_recovered, now);
}

void Milestones::on(const job_timedout& event) { set_trouble(event.queue, timed_out, true, event.time); }
void Milestones::on(const timeout_verdict& event) {
  set_trouble(event.queue, timed_out, false, event.time);
  set_trouble(event.queue, engine_was_reset, false, event.time);
}
void Milestones::on(const engine_reset& event) { set_trouble(event.queue, engine_was_reset, true, event.time); }
void Milestones::on(const queue_registered& event) {
  set_trouble(event.queue, engine_was_reset, false, event.time);
  knows(event.queue, event.time);
}

/// The firmware does.
void Milestones::knows(QueueId queue, SimTime now) {
  if (std::exchange(grown(queues_, queue).is_known, true)) return;
  set_trouble(queue, unknown, false, now);
}
void Milestones::on(const queue_banned& event) { set_trouble(event.queue, banned, true, event.time); }
void Milestones::on(const queue_evicted& event) { set_trouble(event.queue, evicted, true, event.time); }
void Milestones::on(const queue_restored& event) { set_trouble(event.queue, evicted, false, event.time); }

void Milestones::on(const device_reset_begin& event) {
  device_resets_ = true;
  for (std::uint32_t queue = 1; queue < queues_.size(); ++queue) {
    set_trouble(QueueId{queue}, device_resets, true, event.time);
  }
}

void Milestones::on(const device_reset_end& event) {
  device_resets_ = false;
  for (std::uint32_t queue = 1; queue < queues_.size(); ++queue) {
    set_trouble(QueueId{queue}, device_resets, false, event.time);
  }
}

void Milestones::on(const dependency_ready& event) { head_goes_on(event.queue, event.time); }
void Milestones::on(const credit_returned& event) {
  if (event.head_free) head_goes_on(event.queue, event.time);
}

void Milestones::head_goes_on(QueueId queue, SimTime now) {
  Queue& state = grown(queues_, queue);
  enter_host_state(state, kHostRunnable, now);
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
