// SPDX-License-Identifier: MIT
#include "traces/folds/work_counters.h"

#include <algorithm>

#include "base/grown.h"
#include "traces/event/faults.h"
#include "traces/event/handlers.h"

namespace gpusim::trace {

namespace {

[[nodiscard]] std::uint64_t between(SimTime from, SimTime to) {
  return static_cast<std::uint64_t>((to - from).count());
}

}  // namespace

void WorkCounters::attach_to(Recorder& recorder) { attach_handlers(*this, recorder); }

// --- jobs ------------------------------------------------------------------------------------------------------------

void WorkCounters::on(const exec_begin& event) {
  if (event.job == JobId{}) return;
  end_close(event.thread, event.time);
  JobState& fresh = jobs_.find_or_insert(event.job);
  fresh.exec_begin = event.time;
  fresh.thread = event.thread;
  fresh.in_ioctl = true;
  fresh.is_endless = event.work_ps == kEndlessWork;
}

void WorkCounters::on(const exec_end& event) {
  JobState* job = jobs_.find(event.job);
  if (job == nullptr) return;
  job->in_ioctl = false;
  if (event.error == Errno::ok) ioctl_time_.add(between(job->exec_begin, event.time));
  retire_if_over(event.job, *job);
}

void WorkCounters::on(const drm_sched_job_queue& event) {
  JobState* job = jobs_.find(event.job);
  if (job == nullptr) return;
  enter(*job);
  job->finished = {event.context, event.seqno};
}

bool WorkCounters::has_signaled(const FenceName& fence) const {
  const auto signaled = signaled_.find(fence.first);
  return signaled != signaled_.end() && signaled->second >= fence.second;
}

void WorkCounters::on(const drm_sched_job_add_dep& event) {
  JobState* job = jobs_.find(event.job);
  const FenceName fence{event.dependency_context, event.dependency_seqno};
  if (job == nullptr || has_signaled(fence)) return;
  if (!job->is_dependent) ++jobs_dependent_;
  job->is_dependent = true;
  waited_for_[fence].push_back(event.job);
  edges_[fence].push_back(event.job);
}

void WorkCounters::on(const native_dependency& event) {
  const FenceName fence{event.dependency_context, event.dependency_seqno};
  if (jobs_.find(event.job) != nullptr && !has_signaled(fence)) edges_[fence].push_back(event.job);
}

void WorkCounters::on(const dependency_ready& /*event*/) { ++dependency_kicks_; }

void WorkCounters::on(const dma_fence_signaled& event) {
  std::uint64_t& latest = signaled_[event.context];
  latest = std::max(latest, event.seqno);
  edges_.erase({event.context, event.seqno});  // of a job that has not worked
  const auto found = waited_for_.find({event.context, event.seqno});
  if (found == waited_for_.end()) return;
  for (const JobId waiting : found->second) {
    if (JobState* job = jobs_.find(waiting)) job->ready = event.time;
  }
  waited_for_.erase(found);
}

void WorkCounters::on(const drm_sched_job_run& event) {
  JobState* job = jobs_.find(event.job);
  if (job == nullptr || job->has_run) return;  // once more after a reset
  enter(*job);
  job->has_run = true;
  if (job->ready != kNever) ready_to_run_.add(between(job->ready, event.time));
  ++jobs_run_;
  if (event.thread == job->thread && job->in_ioctl) ++jobs_run_by_caller_;
}

void WorkCounters::on(const user_dependency& event) {
  JobState* job = jobs_.find(event.job);
  if (job == nullptr) return;
  if (!job->is_dependent) ++jobs_dependent_;
  job->is_dependent = true;
}

void WorkCounters::on(const ring_write& event) {
  if (JobState* job = jobs_.find(event.job)) enter(*job);
}

void WorkCounters::on(const doorbell_write& event) {
  JobState* job = jobs_.find(event.job);
  if (job == nullptr || job->has_rung) return;
  job->has_rung = true;
  ioctl_to_doorbell_.add(between(job->exec_begin, event.time));
}

void WorkCounters::on(const fetch_begin& event) {
  JobState* job = jobs_.find(event.job);
  if (job != nullptr && job->fetched == kNever) job->fetched = event.time;
}

void WorkCounters::on(const job_start& event) {
  const JobState* job = jobs_.find(event.job);
  if (job != nullptr && job->enabled != kNever) edge_gap_.add(between(job->enabled, event.time));
}

void WorkCounters::on(const job_end& event) {
  const JobState* job = jobs_.find(event.job);
  if (job == nullptr) return;
  const auto found = edges_.find(job->finished);
  if (found == edges_.end()) return;
  for (const JobId waiting : found->second) {
    if (JobState* const state = jobs_.find(waiting)) state->enabled = event.time;
  }
  edges_.erase(found);
}

void WorkCounters::on(const fault_injected& event) {
  JobState* job = jobs_.find(event.job);
  if (job != nullptr && event.fault.as<Fault>() == Fault::hung_job) job->is_endless = true;
}

void WorkCounters::on(const queue_banned& event) {
  JobState* job = jobs_.find(event.job);
  if (job == nullptr || !job->is_endless || job->fetched == kNever) return;
  hang_detection_.add(between(job->fetched, event.time));
}

void WorkCounters::on(const drm_sched_job_done& event) {
  JobState* job = jobs_.find(event.job);
  if (job == nullptr) return;
  grown(threads_, event.thread).takes_part = true;
  job->done = event.time;
}

void WorkCounters::on(const job_released& event) {
  JobState* job = jobs_.find(event.job);
  if (job == nullptr) return;
  job->is_released = true;
  if (job->is_queued) live_jobs_.down();
  if (job->done != kNever) residency_.add(between(job->done, event.time));
  retire_if_over(event.job, *job);
}

void WorkCounters::enter(JobState& job) {
  if (job.is_queued) return;
  job.is_queued = true;
  ++jobs_queued_;
  live_jobs_.up();
}

void WorkCounters::retire_if_over(JobId job, const JobState& state) {
  if (!state.in_ioctl && (state.is_released || !state.is_queued)) jobs_.erase(job);
}

// --- threads and interrupts ------------------------------------------------------------------------------------------

void WorkCounters::on(const sched_wakeup& event) { ++grown(threads_, event.woken).wakeups; }

void WorkCounters::on(const sched_switch& event) {
  ++grown(threads_, event.next).switches;
  CpuState& cpu = grown(cpus_, event.cpu);
  if (cpu.thread != 0) threads_[cpu.thread].cpu_time += between(cpu.since, event.time) - cpu.irq_time;
  cpu = {.thread = event.next, .since = event.time};
}

void WorkCounters::on(const irq_handler_entry& event) {
  ++interrupts_;
  grown(cpus_, event.cpu).irq_since = event.time;
}

void WorkCounters::on(const irq_handler_exit& event) {
  CpuState& cpu = grown(cpus_, event.cpu);
  const std::uint64_t time = between(cpu.irq_since, event.time);
  cpu.irq_time += time;
  hard_irq_time_ += time;
}

void WorkCounters::on(const workqueue_execute_start& event) {
  ThreadState& thread = grown(threads_, event.thread);
  thread.takes_part = true;
  thread.is_worker = true;
  ++work_items_;
}

// --- clients and queues ----------------------------------------------------------------------------------------------

void WorkCounters::on(const client_start& event) { grown(threads_, event.thread).takes_part = true; }

void WorkCounters::on(const client_finish& event) { end_close(event.thread, event.time); }

void WorkCounters::on(const queue_create& event) {
  end_close(event.thread, event.time);
  ids_.up();
}

void WorkCounters::on(const queue_create_failed& event) {
  ++create_failures_;
  end_close(event.thread, event.time);
}

void WorkCounters::on(const queue_close& event) {
  end_close(event.thread, event.time);
  grown(threads_, event.thread).closing = event.time;
}

void WorkCounters::on(const queue_closed& event) { end_close(event.thread, event.time); }

void WorkCounters::on(const queue_fini& event) {
  grown(is_zombie_, event.queue) = 1;
  zombies_.up();
}

void WorkCounters::on(const queue_destroyed& event) {
  std::uint8_t& is_zombie = grown(is_zombie_, event.queue);
  if (is_zombie != 0) zombies_.down();
  is_zombie = 0;
  ids_.down();
}

void WorkCounters::end_close(std::uint32_t number, SimTime now) {
  ThreadState& thread = grown(threads_, number);
  if (thread.closing == kNever) return;
  close_time_.add(between(thread.closing, now));
  thread.closing = kNever;
}

std::uint64_t WorkCounters::cpu_time() const {
  std::uint64_t sum = hard_irq_time_;
  for (std::size_t i = 1; i < threads_.size(); ++i) sum += threads_[i].takes_part ? threads_[i].cpu_time : 0;
  return sum;
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
