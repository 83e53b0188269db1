// SPDX-License-Identifier: MIT
// Timeout detection and recovery (TDR) of the scheduler.
#include <fmt/core.h>

#include "os/host.h"
#include "scheduler/drm_sched/component.h"
#include "scheduler/drm_sched/scheduler.h"

namespace gpusim::sched::drm {

namespace {

using os::kJiffy;

Picoseconds jiffies_down(Picoseconds time) { return time - time % kJiffy; }
Picoseconds jiffies_up(Picoseconds time) { return jiffies_down(time + kJiffy - Picoseconds{1}); }

}  // namespace

// drm_sched_start_timeout(): since 6.8 it restarts a timer that runs.
void Scheduler::start_timeout(os::Context& ctx) {
  if (spec_.timeout != kNoTimeout && !pending_.empty()) arm_timeout(ctx, spec_.timeout);
}

void Scheduler::arm_timeout(os::Context& ctx, Picoseconds delay) {
  timeout_suspended_ = false;
  timeout_expires_ = SimTime{jiffies_down(ctx.now().time_since_epoch()) + jiffies_up(delay)};
  timeout_work_.modify(ctx, delay);
}

bool Scheduler::cancel_timeout(os::Context& ctx) {
  const bool was_suspended = std::exchange(timeout_suspended_, false);
  return timeout_work_.cancel(ctx) || was_suspended;
}

// drm_sched_job_timedout()
os::Task<> Scheduler::timeout_worker(os::Context& ctx) {
  SchedJob* job = nullptr;
  {
    const os::SpinSection section{ctx, component_.job_list_lock_};
    if (!pending_.empty()) {
      // Off the list, so that the free worker cannot free it while the driver uses it.
      job = pending_.front();
      pending_.pop_front();
    }
  }
  TimeoutVerdict verdict = TimeoutVerdict::no_hang;
  if (job != nullptr) {
    timing_out_ = job;
    const QueueId queue = job->entity_.id_;
    ctx.emit(trace::job_timedout{.queue = queue,
                                 .job = job->id(),
                                 .hardware_done = job->parent_ && job->parent_->is_signaled(),
                                 .seqno = job->finished_->seqno()});
    const JobId id = job->id();
    verdict = co_await backend_.timedout_job(ctx, *job);
    ctx.emit(trace::timeout_verdict{.queue = queue, .job = id, .verdict = verdict});
    if (std::exchange(free_guilty_, false)) free_job(ctx, *job);
    // After RESET, putting it back is drm_sched_stop()'s work: without one it leaks, as in the kernel.
    if (verdict == TimeoutVerdict::no_hang && timing_out_ != nullptr) put_back(ctx, *job);
    timing_out_ = nullptr;
  }
  if (verdict == TimeoutVerdict::enodev) co_return;
  const os::SpinSection section{ctx, component_.job_list_lock_};
  start_timeout(ctx);
}

// drm_sched_job_reinsert_on_false_timeout(): it may have completed meanwhile, hence the free worker.
void Scheduler::put_back(os::Context& ctx, SchedJob& job) {
  const os::SpinSection section{ctx, component_.job_list_lock_};
  pending_.push_front(&job);
  queue_free(ctx);
}

void Scheduler::free_timed_out(os::Context& ctx, SchedJob& job) {
  if (timing_out_ != &job) violate("drm_sched", fmt::format("job {} is not in timedout_job()", job.describe()));
  timing_out_ = nullptr;
  free_job(ctx, job);
}

void Scheduler::fault(os::Context& ctx) { arm_timeout(ctx, Picoseconds{0}); }

void Scheduler::queue_timeout_immediately(os::Context& ctx) {
  const os::SpinSection section{ctx, component_.job_list_lock_};
  spec_.timeout = Picoseconds{0};
  start_timeout(ctx);
}

Picoseconds Scheduler::suspend_timeout(os::Context& ctx) {
  const SimTime now = SimTime{jiffies_down(ctx.now().time_since_epoch())};
  const SimTime expires = timeout_suspended_ ? SimTime::max() : timeout_expires_;
  const bool was_pending = cancel_timeout(ctx);
  timeout_suspended_ = true;  // the kernel arms it for MAX_SCHEDULE_TIMEOUT
  return was_pending && expires > now ? expires - now : spec_.timeout;
}

void Scheduler::resume_timeout(os::Context& ctx, Picoseconds remaining) {
  const os::SpinSection section{ctx, component_.job_list_lock_};
  if (pending_.empty()) {
    cancel_timeout(ctx);
  } else if (remaining > jiffies_down(kNoTimeout / 2)) {
    cancel_timeout(ctx);
    timeout_suspended_ = true;
  } else {
    arm_timeout(ctx, remaining);
  }
}

}  // namespace gpusim::sched::drm
