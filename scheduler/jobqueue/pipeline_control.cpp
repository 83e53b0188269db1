// SPDX-License-Identifier: MIT
// Timeouts of a pipeline, stop and start, kill, and its end.
#include <algorithm>

#include <fmt/core.h>

#include "os/host.h"
#include "scheduler/jobqueue/component.h"
#include "scheduler/jobqueue/pipeline_queue.h"

namespace gpusim::sched::jq {

// --- timeouts --------------------------------------------------------------------------------------------------------

SimTime PipelineQueue::head_due() const {
  const QueuedJob* const head = next_to_signal();
  if (head == nullptr || head->is_over_ || gone_ || stops_ != 0) return kNever;
  if (triggered_) return SimTime{};
  const bool is_timed = spec_.timeout.count() != 0 && driver_stages_ == 0;
  const SimTime due = is_timed ? head_since_ + spec_.timeout : kNever;
  return killed_ != Errno::ok && !head->asked_ ? std::min(due, cancel_due_) : due;
}

os::Task<> PipelineQueue::ask_about(os::Context& ctx, QueuedJob& job) {
  triggered_ = false;
  job.asked_ = killed_ != Errno::ok;
  component_.jobs_.get(job);
  ctx.emit(trace::job_timedout{.queue = spec_.id, .job = job.id(), .hardware_done = job.is_over_});
  const TimeoutVerdict verdict = co_await backend_.timedout_job(ctx, job);
  co_await ctx.step();
  co_await ctx.race_point("jobqueue.verdict");
  ctx.emit(trace::timeout_verdict{.queue = spec_.id, .job = job.id(), .verdict = verdict});
  head_since_ = ctx.now();
  const bool is_gone = verdict == TimeoutVerdict::enodev;
  release_job(ctx, job);
  if (!is_gone) co_return;
  gone_ = true;
  kill(ctx, Errno::nodev);
}

// One timer for all stages, for what is due first.
void PipelineQueue::arm_timer(os::Context& ctx) {
  SimTime due = head_due();
  for (const std::uint32_t stage : {kWaitingForDeps, kWaitingForExec}) {
    const QueuedJob* const job = front_job(stage);
    if (job == nullptr || job->is_over_ || spec_.options.pipeline_timeout.count() == 0) continue;
    if (stage == kWaitingForDeps || stops_ == 0) due = std::min(due, job->committed_ + spec_.options.pipeline_timeout);
  }
  for (std::uint32_t stage = kExecuting; stage < stages() && stops_ == 0; ++stage) {
    const QueuedJob* const job = front_job(stage);
    if (job != nullptr && job->stage_due_) due = std::min(due, *job->stage_due_);
  }
  if (due == timer_for_) return;
  timer_for_ = due;
  if (due == kNever) {
    timer_.cancel(ctx);
  } else {
    timer_.modify(ctx, std::max(due - ctx.now(), Picoseconds{0}));
  }
}

void PipelineQueue::trigger_timeout(os::Context& ctx) {
  triggered_ = next_to_signal() != nullptr;
  if (stops_ != 0) return;
  timer_for_ = SimTime{};
  timer_.modify(ctx, Picoseconds{0});
}

// --- stop, start, kill -----------------------------------------------------------------------------------------------

os::Task<> PipelineQueue::stop(os::Context& ctx) {
  ++stops_;
  ctx.emit(trace::queue_stop{.queue = spec_.id});
  co_await submit_idle_.wait(ctx, {os::BlockedOn::Kind::work, "a tick that hands a job over", spec_.id.value(), 0},
                             [this] { return !submitting_; });
}

os::Task<> PipelineQueue::start(os::Context& ctx, Errno /*error*/) {
  if (stops_ == 0) violate("jobqueue_state", fmt::format("start() of queue {}, which is not stopped", spec_.name));
  --stops_;
  ctx.emit(trace::queue_start{.queue = spec_.id});
  head_since_ = ctx.now();
  refused_ = false;
  if (stops_ == 0) ask_for_tick(ctx);
  co_await ctx.step();
}

void PipelineQueue::kill(os::Context& ctx, Errno error) {
  if (killed_ != Errno::ok) return;
  {
    const os::SpinSection section{ctx, component_.queue_lock_, os::SpinKind::irq};
    killed_ = error;
  }
  cancel_due_ = ctx.now() + spec_.options.cancel_timeout;
  ctx.emit(trace::queue_kill{.queue = spec_.id, .error = error});
  ask_for_tick(ctx);
}

// --- the end ---------------------------------------------------------------------------------------------------------

os::Task<> PipelineQueue::shut_down(os::Context& ctx) {
  // The worker that dropped the last reference may not be out of it yet; one that begins now finds none.
  co_await timer_.cancel_sync(ctx);
  co_await tick_wq_.flush(ctx);
  co_await timer_wq_.flush(ctx);
  co_await component_.aux_wq_.flush(ctx, cleanup_work_);
}

}  // namespace gpusim::sched::jq
