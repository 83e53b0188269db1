// SPDX-License-Identifier: MIT
#include "traces/folds/milestones.h"

#include "base/grown.h"
#include "base/invariant.h"

namespace gpusim::trace {
namespace {

constexpr std::size_t kHostRunnable = 0;
constexpr std::size_t kHostDependency = 1;
constexpr std::size_t kHostCredit = 2;

}  // namespace

void Milestones::attach_to(Recorder& recorder) {
  using K = EventKind;
  recorder.attach(*this, events({K::queue_create,
                                 K::exec_begin,
                                 K::exec_lock_wait,
                                 K::exec_lock_acquired,
                                 K::exec_end,
                                 K::dma_fence_wait_start,
                                 K::dma_fence_wait_end,
                                 K::drm_sched_job_queue,
                                 K::drm_sched_job_unschedulable,
                                 K::dependency_ready,
                                 K::credit_blocked,
                                 K::credit_returned,
                                 K::drm_sched_job_run,
                                 K::dma_fence_signaled,
                                 K::irq_handler_entry,
                                 K::irq_handler_exit,
                                 K::ring_full,
                                 K::ring_space,
                                 K::ring_write,
                                 K::doorbell_write,
                                 K::doorbell_arrive,
                                 K::queue_ready,
                                 K::slot_grant,
                                 K::slot_evict,
                                 K::engine_assign,
                                 K::context_restore_begin,
                                 K::context_restore_end,
                                 K::context_save_begin,
                                 K::context_save_end,
                                 K::engine_release,
                                 K::fetch_begin,
                                 K::job_preempted,
                                 K::job_resumed,
                                 K::job_end,
                                 K::fence_visible}));
}

void Milestones::on_event(const Event& event) {
  using K = EventKind;
  switch (event.kind) {
    case K::queue_create:
      return device_.create_queue(event.queue, event.b, event.time);
    case K::exec_begin:
      return on_exec_begin(event);
    case K::exec_lock_wait:
      return on_submit_event(event, Cause::lock);
    case K::exec_lock_acquired:
      return on_submit_event(event, Cause::syscall);
    case K::exec_end:
      return on_exec_end(event);
    case K::drm_sched_job_queue:
      return on_job_queue(event);
    case K::drm_sched_job_unschedulable:
      return head_waits(event, kHostDependency);
    case K::credit_blocked:
      return head_waits(event, kHostCredit);
    case K::dependency_ready:
      return head_goes_on(event.queue, event.time);
    case K::credit_returned:
      if (event.c == 1) head_goes_on(event.queue, event.time);
      return;
    case K::drm_sched_job_run:
      return on_job_run(event);
    case K::ring_full:
      return on_ring_event(event, Cause::ring_space);
    case K::ring_space:
      return on_ring_event(event, Cause::host_worker);
    case K::ring_write:
      return on_ring_write(event);
    case K::doorbell_write:
      return on_doorbell_write(event);
    case K::doorbell_arrive:
      return on_doorbell_arrive(event);
    case K::queue_ready:
      return on_queue_ready(event);
    case K::slot_grant:
      return device_.set_slot(event.queue, true, event.time);
    case K::slot_evict:
      return device_.set_slot(event.queue, false, event.time);
    case K::engine_assign:
      return device_.assign(event.unit, event.queue, event.time);
    case K::engine_release:
      return on_engine_release(event);
    case K::context_restore_begin:
    case K::context_save_begin:
      return device_.set_switching(event.unit, true, event.time);
    case K::context_restore_end:
    case K::context_save_end:
      return device_.set_switching(event.unit, false, event.time);
    case K::fetch_begin:
    case K::job_resumed:
      return on_job_on_engine(event);
    case K::job_preempted:
      return on_job_off_engine(event, Stage::started, Cause::preempted);
    case K::job_end:
      return on_job_off_engine(event, Stage::writing_fence, Cause::fence_write);
    case K::fence_visible:
      return on_fence_visible(event);
    case K::irq_handler_entry:
      return on_irq_entry(event);
    case K::irq_handler_exit:
      return on_irq_exit(event);
    case K::dma_fence_wait_start:
      return on_wait_start(event);
    case K::dma_fence_wait_end:
      return on_wait_end(event);
    case K::dma_fence_signaled:
      return on_signaled(event);
    default:
      return;
  }
}

std::vector<JobLife> Milestones::finish(SimTime now) {
  std::vector<JobLife> open;
  for (const std::uint64_t id : jobs_.ids()) {
    Job& job = *jobs_.find(id);
    settle(job, now);
    job.life.end = now;
    check_tiles(job.life);
    open.push_back(job.life);
  }
  return open;
}

/// Books the time since the job's last change, which the queue's clock divides among causes.
void Milestones::settle_shared(Job& job, SimTime now) {
  if (job.stage == Stage::queued) {
    const auto& reading = grown(queues_, job.life.queue).host.at(now);
    for (std::size_t i = 0; i < kHostCauses.size(); ++i) {
      job.life[kHostCauses[i]] += reading[i] - job.reading_at_entry[i];
      job.reading_at_entry[i] = reading[i];
    }
  } else {
    const DeviceWait::Reading& reading = device_.read(job.life.queue, now);
    for (std::size_t i = 0; i < DeviceWait::kCauses.size(); ++i) {
      job.life[DeviceWait::kCauses[i]] += reading[i] - job.reading_at_entry[i];
    }
    job.reading_at_entry = reading;
  }
}

/// Stage is queued or device_wait.
void Milestones::enter_shared(Job& job, Stage stage, SimTime now) {
  enter(job, stage, job.cause, now);
  if (stage == Stage::queued) {
    const auto& reading = grown(queues_, job.life.queue).host.at(now);
    for (std::size_t i = 0; i < reading.size(); ++i) job.reading_at_entry[i] = reading[i];
  } else {
    job.reading_at_entry = device_.read(job.life.queue, now);
  }
}

/// All jobs queued behind the head share what it waits for.
void Milestones::head_waits(const Event& event, std::size_t host_state) {
  Queue& queue = grown(queues_, event.queue);
  queue.host.enter(host_state, event.time);
  queue.blocked_head = event.job;
}

void Milestones::head_goes_on(std::uint32_t queue, SimTime now) {
  Queue& state = grown(queues_, queue);
  state.host.enter(kHostRunnable, now);
  state.blocked_head = 0;
}

void Milestones::end(std::uint64_t id, Job& job, SimTime now) {
  enter(job, Stage::waking, Cause::wakeup, now);
  job.life.end = now;
  check_tiles(job.life);
  for (JobLifeListener* listener : listeners_) listener->on_job_life(job.life);
  jobs_.erase(id);
}

void Milestones::check_tiles(const JobLife& life) {
  Picoseconds sum{0};
  for (const Picoseconds part : life.causes) sum += part;
  if (sum == life.length()) return;
  violate("milestones_tile", "at " + format_duration(life.end.time_since_epoch()) + ": the causes of job " +
                                 std::to_string(life.job) + " add up to " + format_duration(sum) + ", it lived " +
                                 format_duration(life.length()));
}

}  // namespace gpusim::trace
