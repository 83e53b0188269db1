// SPDX-License-Identifier: MIT
// The tick of a pipeline: what moves jobs from stage to stage.
#include <algorithm>
#include <utility>

#include "os/host.h"
#include "scheduler/jobqueue/component.h"
#include "scheduler/jobqueue/pipeline_queue.h"

namespace gpusim::sched::jq {

os::Task<> PipelineQueue::tick_worker(os::Context& ctx) {
  component_.pipelines_.touch(*this, "jobqueue_tick_work");
  if (!get_unless_zero()) co_return;
  co_await tick(ctx, false);
  co_await ctx.race_point("jobqueue.tick_out");
  put(ctx);
}

os::Task<> PipelineQueue::timer_worker(os::Context& ctx) {
  component_.pipelines_.touch(*this, "jobqueue_timer_work");
  if (!get_unless_zero()) co_return;
  timer_for_ = kNever;
  co_await tick(ctx, true);
  put(ctx);
}

os::Task<> PipelineQueue::tick_inline(os::Context& ctx) {
  if (!get_unless_zero()) co_return;
  co_await tick(ctx, false);
  put(ctx);
}

os::Task<> PipelineQueue::tick(os::Context& ctx, bool asks) {
  if (state_.is_locked()) {
    again_ = true;  // the one at work goes round once more
    co_return;
  }
  co_await state_.lock(ctx);
  ctx.begin_signalling();
  do {
    again_ = false;
    has_moved_ = false;
    ctx.charge(component_.costs_.worker_pass);
    co_await ctx.step();
    co_await drain_inbox(ctx);
    for (std::uint32_t stage = stages(); stage-- > 0;) co_await process(ctx, stage, asks);
    for (std::uint32_t stage = 0; stage < stages(); ++stage) co_await process(ctx, stage, asks);
    co_await ctx.step();
    ctx.host().counters().add_pass(has_moved_);
  } while (again_);
  // No step from here to the unlock: who comes meanwhile would leave its tick to nobody.
  tell_head(ctx);
  arm_timer(ctx);
  ctx.end_signalling();
  state_.unlock(ctx);
}

os::Task<> PipelineQueue::drain_inbox(os::Context& ctx) {
  if (inbox_.empty()) co_return;
  co_await inbox_lock_.lock(ctx);
  while (!inbox_.empty()) slot(inbox_.pop_front()).state = SlotState::committed;
  inbox_lock_.unlock(ctx);
}

os::Task<> PipelineQueue::process(os::Context& ctx, std::uint32_t stage, bool asks) {
  while (has_front(stage)) {
    if (stage != kWaitingForDeps && stops_ != 0) co_return;
    if (front(stage).state == SlotState::empty) {
      advance(ctx, stage);
      continue;
    }
    QueuedJob* const job = front_job(stage);
    if (job == nullptr) co_return;  // prepared and not pushed
    component_.jobs_.touch(*job, "jobqueue_tick");
    if (co_await look(ctx, stage, *job, asks) == Step::stays) co_return;
  }
}

os::Task<PipelineQueue::Step> PipelineQueue::look(os::Context& ctx, std::uint32_t stage, QueuedJob& job, bool asks) {
  if (stage == kWaitingForDeps) {
    ctx.charge(component_.costs_.worker_pass);
    co_await ctx.step();
    co_return look_at_dependencies(ctx, job);
  }
  if (stage == kWaitingForExec) co_return co_await submit(ctx, job);
  if (job.is_over_ && !job.signaled_) co_await relaying(ctx, signal_next(ctx));
  if (job.is_over_ && (stage + 1 < stages() || job.signaled_)) {
    if (stage + 1 == stages()) retire(ctx, job);
    advance(ctx, stage);
    co_return Step::again;
  }
  if (job.is_over_) co_return Step::stays;  // who signals it asks for a tick
  if (asks && &job == next_to_signal() && head_due() <= ctx.now()) {
    co_await ask_about(ctx, job);
    co_return Step::again;
  }
  if (driver_stages_ == 0) co_return Step::stays;
  co_return co_await ask_driver_stage(ctx, stage, job);
}

void PipelineQueue::advance(os::Context& ctx, std::uint32_t stage) {
  has_moved_ = true;
  const std::uint32_t index = cursor_[stage + 1]++;
  Slot& moved = slot(index);
  if (moved.job != nullptr) {
    moved.job->stage_since_ = ctx.now();
    forget_answer(ctx, *moved.job);
  }
  if (stage + 1 != stages()) return;
  moved = {};
  if (to_signal_ == index) ++to_signal_;  // an empty slot
}

bool PipelineQueue::is_out_of_time(const os::Context& ctx, const QueuedJob& job) const {
  const Picoseconds most = spec_.options.pipeline_timeout;
  return most.count() != 0 && ctx.now() >= job.committed_ + most;
}

// It goes on through the stages in its turn, and its fence signals at the end of them.
void PipelineQueue::end_early(os::Context& ctx, QueuedJob& job, Errno error) {
  if (job.next_dependency_ < job.dependencies_.size()) {
    Dependency& dependency = job.dependencies_[job.next_dependency_];
    if (dependency.is_registered()) dependency.fence->remove_callback(ctx, dependency);
  }
  job.dependencies_.clear();
  job.is_over_ = true;
  job.result_ = error;
  if (told_.wait != Told::Wait::nothing && told_.index == job.index_) told_ = {};
}

// --- WaitingForDeps --------------------------------------------------------------------------------------------------

PipelineQueue::Step PipelineQueue::look_at_dependencies(os::Context& ctx, QueuedJob& job) {
  if (killed_ != Errno::ok) {
    end_early(ctx, job, killed_);
  } else if (is_out_of_time(ctx, job)) {
    end_early(ctx, job, Errno::timedout);
  }
  for (; job.next_dependency_ < job.dependencies_.size(); ++job.next_dependency_) {
    Dependency& dependency = job.dependencies_[job.next_dependency_];
    if (dependency.is_registered() || dependency.fence->add_callback(ctx, dependency)) return Step::stays;
  }
  advance(ctx, kWaitingForDeps);
  return Step::again;
}

// --- WaitingForExec --------------------------------------------------------------------------------------------------

os::Task<PipelineQueue::Step> PipelineQueue::submit(os::Context& ctx, QueuedJob& job) {
  if (job.is_over_) {
    advance(ctx, kWaitingForExec);
    co_return Step::again;
  }
  ctx.charge(component_.costs_.dispatch);
  co_await ctx.step();
  co_await ctx.race_point("jobqueue.dispatch");
  if (stops_ != 0) co_return Step::stays;
  if (killed_ != Errno::ok || is_out_of_time(ctx, job)) {
    end_early(ctx, job, killed_ != Errno::ok ? killed_ : Errno::timedout);
    co_return Step::again;
  }
  retire_signaled(ctx);
  if (refused_ && next_to_signal() != nullptr) co_return Step::stays;
  lacks_room_ = !backend_.has_room(job);
  lacks_token_ = !lacks_room_ && !backend_.may_run_job(ctx, job);
  if (lacks_room_ || lacks_token_) co_return Step::stays;
  if (next_to_signal() == nullptr) head_since_ = ctx.now();
  in_flight_ += job.credits();
  job.state_ = JobState::pending;
  refused_ = false;
  submitting_ = true;
  if (told_.index == job.index_) told_ = {};
  trace_run(ctx, job, cursor_[0] - job.index_ - 1);
  RunResult result = co_await backend_.run_job(ctx, job);
  co_await ctx.race_point("jobqueue.run_job_returned");
  submitting_ = false;
  submit_idle_.wake_all(ctx);
  if (!result.fence && result.error == Errno::again) {
    in_flight_ -= job.credits();
    job.state_ = JobState::queued;
    refused_ = true;
    if (next_to_signal() == nullptr && stops_ == 0) ask_for_tick(ctx);
    co_return Step::stays;
  }
  job.handed_over_ = true;
  job.dependencies_.clear();
  advance(ctx, kWaitingForExec);
  if (!result.fence) {
    co_await relaying(ctx, hardware_done(ctx, job, result.error));
    co_return Step::again;
  }
  job.parent_ = std::move(result.fence);
  FenceCallback& callback = job;
  if (!job.parent_->add_callback(ctx, callback)) co_await relaying(ctx, hardware_done(ctx, job, job.parent_->error()));
  co_return Step::again;
}

// --- Executing, or the driver's stages -------------------------------------------------------------------------------

void PipelineQueue::forget_answer(os::Context& ctx, QueuedJob& job) {
  job.stage_due_.reset();
  if (job.stage_waits_on_ && job.stage_waits_on_->is_registered()) {
    job.stage_waits_on_->fence->remove_callback(ctx, *job.stage_waits_on_);
  }
  job.stage_waits_on_.reset();
}

// At each tick, which is twice: process_stage() of the source does not keep what the driver has answered.
os::Task<PipelineQueue::Step> PipelineQueue::ask_driver_stage(os::Context& ctx, std::uint32_t stage, QueuedJob& job) {
  forget_answer(ctx, job);
  StageAnswer answer = co_await backend_.process_stage(ctx, job, stage - kExecuting, ctx.now() - job.stage_since_);
  if (job.is_over_ || stops_ != 0) co_return job.is_over_ ? Step::again : Step::stays;
  switch (answer.kind) {
    case StageAnswer::Kind::advance:
      if (stage + 1 == stages()) co_return Step::stays;  // what is left is its fence
      advance(ctx, stage);
      co_return Step::again;
    case StageAnswer::Kind::wait:
      break;
    case StageAnswer::Kind::wait_on:
      job.stage_waits_on_.emplace(job, std::move(answer.fence));
      if (!job.stage_waits_on_->fence->add_callback(ctx, *job.stage_waits_on_)) {
        job.stage_waits_on_.reset();
        co_return Step::again;
      }
      break;
    case StageAnswer::Kind::wait_for:
      job.stage_due_ = ctx.now() + answer.duration;
      break;
    case StageAnswer::Kind::timed_out: {
      FenceCallback& callback = job;
      job.parent_->remove_callback(ctx, callback);
      if (!job.is_over_) {
        job.is_over_ = true;
        job.result_ = answer.error;
      }
      co_return Step::again;
    }
  }
  co_return Step::stays;
}

void PipelineQueue::retire(os::Context& ctx, QueuedJob& job) {
  refused_ = false;
  if (job.handed_over_) {
    in_flight_ -= job.credits();
    const QueuedJob* const head = front_job(kWaitingForExec);
    const bool frees_head = told_.wait == Told::Wait::room && head != nullptr && told_.index == head->index_ &&
                            in_flight_ + head->credits() <= spec_.capacity;
    if (frees_head) told_ = {};
    ctx.emit(trace::credit_returned{.queue = spec_.id,
                                    .job = job.id(),
                                    .credits = job.credits(),
                                    .in_flight = in_flight_,
                                    .head_free = frees_head});
  }
  if (next_to_signal() == nullptr) triggered_ = false;
  done_.push_back(job);
  component_.aux_wq_.queue(ctx, cleanup_work_);
}

// What has ended meanwhile makes room before the next job takes some.
void PipelineQueue::retire_signaled(os::Context& ctx) {
  const std::uint32_t last = stages() - 1;
  while (has_front(last)) {
    if (front(last).state != SlotState::empty) {
      QueuedJob& job = *front(last).job;
      if (!job.signaled_) return;
      retire(ctx, job);
    }
    advance(ctx, last);
  }
}

// --- what the trace is told ------------------------------------------------------------------------------------------

void PipelineQueue::tell_head(os::Context& ctx) {
  const std::uint32_t stage = has_front(kWaitingForExec) ? kWaitingForExec : kWaitingForDeps;
  const QueuedJob* const job = front_job(stage);
  if (job == nullptr) return;
  Told now{.index = job->index_};
  if (stage == kWaitingForExec) {
    if (lacks_room_ && stops_ == 0 && in_flight_ + job->credits() > spec_.capacity) now.wait = Told::Wait::room;
  } else if (job->next_dependency_ < job->dependencies_.size()) {
    const Dependency& dependency = job->dependencies_[job->next_dependency_];
    if (dependency.is_registered()) {
      now.wait = Told::Wait::dependency;
      now.fence = dependency.fence.get();
    }
  }
  if (now.wait == Told::Wait::nothing ||
      (now.wait == told_.wait && now.index == told_.index && now.fence == told_.fence)) {
    return;
  }
  told_ = now;
  if (now.wait == Told::Wait::room) {
    ctx.emit(trace::credit_blocked{.queue = spec_.id,
                                   .job = job->id(),
                                   .credits = job->credits(),
                                   .in_flight = in_flight_,
                                   .limit = spec_.capacity});
    return;
  }
  ctx.emit(trace::drm_sched_job_unschedulable{.queue = spec_.id,
                                              .job = job->id(),
                                              .dependency_context = now.fence->context(),
                                              .dependency_seqno = now.fence->seqno(),
                                              .context = fence_context(),
                                              .seqno = job->finished_->seqno()});
}

}  // namespace gpusim::sched::jq
