// SPDX-License-Identifier: MIT
#include "traces/folds/work_counters.h"

#include "base/grown.h"

namespace gpusim::trace {

namespace {

[[nodiscard]] std::uint64_t between(SimTime from, SimTime to) {
  return static_cast<std::uint64_t>((to - from).count());
}

}  // namespace

void WorkCounters::attach_to(Recorder& recorder) {
  using K = EventKind;
  recorder.attach(*this, events({K::client_start,
                                 K::client_finish,
                                 K::queue_create,
                                 K::queue_create_failed,
                                 K::queue_close,
                                 K::queue_closed,
                                 K::queue_fini,
                                 K::queue_destroyed,
                                 K::exec_begin,
                                 K::exec_end,
                                 K::drm_sched_job_queue,
                                 K::drm_sched_job_run,
                                 K::drm_sched_job_done,
                                 K::job_released,
                                 K::drm_sched_job_add_dep,
                                 K::doorbell_write,
                                 K::sched_wakeup,
                                 K::sched_switch,
                                 K::irq_handler_entry,
                                 K::irq_handler_exit,
                                 K::workqueue_execute_start}));
}

void WorkCounters::on_event(const Event& event) {
  switch (event.kind) {
    case EventKind::exec_begin:
    case EventKind::exec_end:
    case EventKind::drm_sched_job_queue:
    case EventKind::drm_sched_job_add_dep:
    case EventKind::drm_sched_job_run:
    case EventKind::doorbell_write:
    case EventKind::drm_sched_job_done:
    case EventKind::job_released:
      return on_job(event);
    case EventKind::sched_wakeup:
    case EventKind::sched_switch:
    case EventKind::irq_handler_entry:
    case EventKind::irq_handler_exit:
    case EventKind::workqueue_execute_start:
      return on_host(event);
    default:
      return on_queue(event);
  }
}

void WorkCounters::on_job(const Event& event) {
  if (event.job == 0) return;
  if (event.kind == EventKind::exec_begin) {
    end_close(event);
    JobState& fresh = jobs_.find_or_insert(event.job);
    fresh.exec_begin = event.time;
    fresh.thread = event.thread;
    fresh.in_ioctl = true;
    return;
  }
  JobState* job = jobs_.find(event.job);
  if (job == nullptr) return;
  switch (event.kind) {
    case EventKind::exec_end:
      job->in_ioctl = false;
      if (event.b == 0) ioctl_time_.add(between(job->exec_begin, event.time));
      return retire_if_over(event.job, *job);
    case EventKind::drm_sched_job_queue:
      return enter(*job);
    case EventKind::drm_sched_job_add_dep:
      if (!job->is_dependent) ++jobs_dependent_;
      job->is_dependent = true;
      return;
    case EventKind::drm_sched_job_run:
      if (job->has_run) return;  // once more after a reset
      enter(*job);
      job->has_run = true;
      ++jobs_run_;
      if (event.thread == job->thread && job->in_ioctl) ++jobs_run_by_caller_;
      return;
    case EventKind::doorbell_write:
      if (job->has_rung) return;
      job->has_rung = true;
      return ioctl_to_doorbell_.add(between(job->exec_begin, event.time));
    case EventKind::drm_sched_job_done:
      grown(threads_, event.thread).takes_part = true;
      job->done = event.time;
      return;
    default:  // job_released
      job->is_released = true;
      if (job->is_queued) live_jobs_.down();
      if (job->done != kNever) residency_.add(between(job->done, event.time));
      return retire_if_over(event.job, *job);
  }
}

void WorkCounters::enter(JobState& job) {
  if (job.is_queued) return;
  job.is_queued = true;
  ++jobs_queued_;
  live_jobs_.up();
}

void WorkCounters::retire_if_over(std::uint64_t job, const JobState& state) {
  if (!state.in_ioctl && (state.is_released || !state.is_queued)) jobs_.erase(job);
}

void WorkCounters::on_host(const Event& event) {
  switch (event.kind) {
    case EventKind::sched_wakeup:
      ++grown(threads_, event.a).wakeups;
      return;
    case EventKind::sched_switch:
      ++grown(threads_, event.b).switches;
      return;
    case EventKind::irq_handler_entry:
      ++interrupts_;
      grown(irq_since_, event.cpu) = event.time;
      return;
    case EventKind::irq_handler_exit:
      hard_irq_time_ += between(grown(irq_since_, event.cpu), event.time);
      return;
    default: {  // workqueue_execute_start
      ThreadState& thread = grown(threads_, event.thread);
      thread.takes_part = true;
      thread.is_worker = true;
      ++work_items_;
      return;
    }
  }
}

void WorkCounters::on_queue(const Event& event) {
  switch (event.kind) {
    case EventKind::client_start:
      grown(threads_, event.thread).takes_part = true;
      return;
    case EventKind::queue_close:
      end_close(event);
      grown(threads_, event.thread).closing = event.time;
      return;
    case EventKind::queue_create:
      end_close(event);
      return ids_.up();
    case EventKind::queue_create_failed:
      ++create_failures_;
      return end_close(event);
    case EventKind::queue_fini:
      grown(is_zombie_, event.queue) = 1;
      return zombies_.up();
    case EventKind::queue_destroyed:
      if (grown(is_zombie_, event.queue) != 0) zombies_.down();
      is_zombie_[event.queue] = 0;
      return ids_.down();
    default:  // queue_closed, client_finish
      return end_close(event);
  }
}

void WorkCounters::end_close(const Event& event) {
  ThreadState& thread = grown(threads_, event.thread);
  if (thread.closing == kNever) return;
  close_time_.add(between(thread.closing, event.time));
  thread.closing = kNever;
}

std::uint64_t WorkCounters::wakeups() const {
  std::uint64_t sum = 0;
  for (std::size_t i = 1; i < threads_.size(); ++i) sum += threads_[i].takes_part ? threads_[i].wakeups : 0;
  return sum;
}

std::uint64_t WorkCounters::worker_wakeups() const {
  std::uint64_t sum = 0;
  for (std::size_t i = 1; i < threads_.size(); ++i) sum += threads_[i].is_worker ? threads_[i].wakeups : 0;
  return sum;
}

std::uint64_t WorkCounters::switches() const {
  std::uint64_t sum = 0;
  for (std::size_t i = 1; i < threads_.size(); ++i) sum += threads_[i].takes_part ? threads_[i].switches : 0;
  return sum;
}

}  // namespace gpusim::trace
