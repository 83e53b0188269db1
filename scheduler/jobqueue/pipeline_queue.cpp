// SPDX-License-Identifier: MIT
// The caller's side, the slots, and the signals of done fences.
#include "scheduler/jobqueue/pipeline_queue.h"

#include <algorithm>

#include <fmt/core.h>

#include "os/host.h"
#include "scheduler/jobqueue/component.h"

namespace gpusim::sched::jq {

PipelineQueue::PipelineQueue(Component& component, QueueSpec spec, SubmissionBackend& backend)
    : JobQueue{component, std::move(spec), backend},
      driver_stages_{backend.stage_count()},
      slots_(8),
      cursor_(kExecuting + std::max(driver_stages_, 1U) + 1),
      inbox_lock_{component.inbox_lock_},
      state_{component.state_lock_},
      tick_wq_{component.host_, os::ForSubmission{spec_.priority}},
      timer_wq_{component.host_, 1},
      tick_work_{&work<&PipelineQueue::tick_worker>, this, WorkKind::tick, spec_.id.value()},
      timer_{timer_wq_, &work<&PipelineQueue::timer_worker>, this, WorkKind::timer, spec_.id.value()},
      cleanup_work_{&work<&PipelineQueue::cleanup_worker>, this, WorkKind::cleanup, spec_.id.value()} {}

// --- slots -----------------------------------------------------------------------------------------------------------

QueuedJob* PipelineQueue::front_job(std::uint32_t stage) const {
  if (!has_front(stage)) return nullptr;
  const Slot& at_front = slot(cursor_[stage + 1]);
  return at_front.state == SlotState::committed ? at_front.job : nullptr;
}

void PipelineQueue::make_room() {
  const std::uint32_t first = cursor_.back();
  if (cursor_[0] - first < slots_.size()) return;
  std::vector<Slot> larger(slots_.size() * 2);
  for (std::uint32_t index = first; index != cursor_[0]; ++index) larger[index & (larger.size() - 1)] = slot(index);
  slots_ = std::move(larger);
}

Errno PipelineQueue::admits(const JobSpec& /*spec*/) const { return Errno::ok; }

void PipelineQueue::reserve(os::Context& ctx, QueuedJob& job) {
  const os::SpinSection section{ctx, component_.queue_lock_, os::SpinKind::irq};
  make_room();
  job.index_ = cursor_[0]++;
  slot(job.index_) = {&job, SlotState::reserved};
}

void PipelineQueue::give_up(os::Context& ctx, QueuedJob& job) {
  {
    const os::SpinSection section{ctx, component_.queue_lock_, os::SpinKind::irq};
    slot(job.index_) = {nullptr, SlotState::empty};
  }
  ask_for_tick(ctx);  // those behind it wait for it
}

// --- in --------------------------------------------------------------------------------------------------------------

os::Task<> PipelineQueue::push(os::Context& ctx, Job& job) {
  QueuedJob& self = queued(job);
  check_push(self);
  ctx.charge(component_.costs_.push);
  co_await ctx.step();
  co_await ctx.race_point("jobqueue.commit");
  self.state_ = JobState::queued;
  self.committed_ = self.stage_since_ = ctx.now();
  component_.jobs_.get(self);  // the queue's reference
  trace_push(ctx, self, self.index_ - cursor_[kExecuting]);
  if (killed_ != Errno::ok) {
    self.result_ = killed_;
    {
      const os::SpinSection section{ctx, component_.queue_lock_, os::SpinKind::irq};
      slot(self.index_) = {nullptr, SlotState::empty};
    }
    trace_done(ctx, self);
    co_await self.finished_->signaling(ctx, killed_);
    done_.push_back(self);
    component_.aux_wq_.queue(ctx, cleanup_work_);
    ask_for_tick(ctx);
    co_return;
  }
  co_await inbox_lock_.lock(ctx);
  inbox_.push_back(self.index_);
  inbox_lock_.unlock(ctx);
  ask_for_tick(ctx);
}

void PipelineQueue::ask_for_tick(os::Context& ctx) { tick_wq_.queue(ctx, tick_work_); }

void PipelineQueue::ask_when_through(os::Context& ctx) {
  if (guards_ == 0 || spec_.options.coalescing == Coalescing::off) return ask_for_tick(ctx);
  due_when_through_ = true;
}

bool PipelineQueue::end_completions(os::Context& ctx) {
  if (--guards_ != 0 || !due_when_through_) return false;
  due_when_through_ = false;
  const bool may_tick = ctx.kind() == os::ContextKind::irq_thread && !state_.is_locked();
  if (may_tick && spec_.options.coalescing == Coalescing::in_thread) return true;
  ask_for_tick(ctx);
  return false;
}

void PipelineQueue::room_again(os::Context& ctx) {
  if (lacks_room_ || lacks_token_) ask_when_through(ctx);
}

FenceRelay PipelineQueue::dependency_signaled(os::Context& ctx, QueuedJob& job, Fence& fence) {
  component_.jobs_.touch(job, "jobqueue_dependency_callback");
  if (told_.wait == Told::Wait::dependency && told_.index == job.index_ && told_.fence == &fence) {
    told_ = {};
    ctx.emit(trace::dependency_ready{
        .queue = spec_.id, .job = job.id(), .dependency_context = fence.context(), .dependency_seqno = fence.seqno()});
  }
  ask_for_tick(ctx);
  return {};
}

// --- done fences -----------------------------------------------------------------------------------------------------

FenceRelay PipelineQueue::hardware_done(os::Context& ctx, QueuedJob& job, Errno error) {
  component_.jobs_.touch(job, "jobqueue_hardware_callback");
  job.is_over_ = true;
  job.result_ = error;
  return signal_next(ctx);
}

QueuedJob* PipelineQueue::next_to_signal() const {
  for (std::uint32_t index = to_signal_; index != cursor_[kExecuting]; ++index) {
    if (slot(index).state != SlotState::empty) return slot(index).job;
  }
  return nullptr;
}

// In the order of slots: a job without hardware, or ahead of its turn, waits for those before it.
FenceRelay PipelineQueue::signal_next(os::Context& ctx) {
  QueuedJob* const job = next_to_signal();
  if (job == nullptr || !job->is_over_) return {};
  ctx.charge(component_.costs_.done);
  {
    const os::SpinSection section{ctx, component_.queue_lock_, os::SpinKind::irq};
    to_signal_ = job->index_ + 1;
    head_since_ = ctx.now();
  }
  trace_done(ctx, *job);
  return {job->finished_, job->result_, this, job};
}

FenceRelay PipelineQueue::after_signal(os::Context& ctx, const FenceRelay& relay) {
  static_cast<QueuedJob*>(relay.job)->signaled_ = true;
  ask_when_through(ctx);
  return signal_next(ctx);
}

// --- freeing ---------------------------------------------------------------------------------------------------------

os::Task<> PipelineQueue::cleanup_worker(os::Context& ctx) {
  component_.pipelines_.touch(*this, "jobqueue_cleanup_work");
  if (!get_unless_zero()) co_return;
  while (QueuedJob* const job = done_.pop_front()) {
    ctx.charge(component_.costs_.put);
    co_await ctx.step();
    free_job(ctx, *job);
  }
  co_await ctx.race_point("jobqueue.cleanup_out");
  put(ctx);
}

void PipelineQueue::note_references(bool taken) {
  if (taken) {
    component_.pipelines_.note_taken(*this, queue_references());
  } else {
    component_.pipelines_.note_dropped(*this, queue_references());
  }
}
std::string PipelineQueue::history() const { return component_.pipelines_.history(*this); }
void PipelineQueue::free_self() { component_.pipelines_.put(*this); }

// --- stall report ----------------------------------------------------------------------------------------------------

std::string PipelineQueue::describe_head() const {
  if (const QueuedJob* const job = next_to_signal())
    return fmt::format("job {} was handed to the device and has not completed", job->id().value());
  if (cursor_[0] == cursor_[kExecuting]) return {};
  const std::uint32_t stage = has_front(kWaitingForExec) ? kWaitingForExec : kWaitingForDeps;
  const Slot& first = slot(cursor_[stage + 1]);
  if (first.job == nullptr) return "a slot that was given up was not passed over";
  const std::string name = fmt::format("job {}", first.job->id().value());
  if (first.job->state_ != JobState::queued) return name + " is prepared and was not pushed";
  if (head_dependency() != nullptr) return name + " waits for a dependency";
  if (stops_ != 0) return name + " waits for the queue to be started";
  if (stage == kWaitingForExec && lacks_room_) return name + " waits for room at the driver";
  if (stage == kWaitingForExec && lacks_token_) return name + " " + backend_.describe_wait();
  return name + " can go on, and no tick came";
}

const Fence* PipelineQueue::head_dependency() const {
  if (next_to_signal() != nullptr || has_front(kWaitingForExec)) return nullptr;
  const QueuedJob* const job = front_job(kWaitingForDeps);
  if (job == nullptr || job->next_dependency_ >= job->dependencies_.size()) return nullptr;
  return job->dependencies_[job->next_dependency_].fence.get();
}

}  // namespace gpusim::sched::jq
