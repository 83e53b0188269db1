// SPDX-License-Identifier: MIT
#include "scheduler/drm_sched/entity.h"

#include <algorithm>

#include <fmt/core.h>

#include "os/host.h"
#include "scheduler/drm_sched/component.h"

namespace gpusim::sched::drm {

namespace {

SchedJob& sched_job(Job& job) { return static_cast<SchedJob&>(job); }

}  // namespace

Entity::Entity(Component& component, Scheduler& scheduler, const EntitySpec& spec)
    : component_{component},
      scheduler_{scheduler},
      fence_context_{component.fences_.new_context()},
      // drm_sched_entity_init() cuts it down to the last run queue there is: with one, all are of priority KERNEL.
      priority_{std::min(spec.priority, static_cast<Priority>(scheduler.spec().num_rqs - 1))},
      run_queue_{static_cast<std::uint32_t>(priority_)},
      has_guilty_{spec.has_guilty},
      kill_work_{&Entity::kill_work, this, WorkKind::kill, scheduler.spec().id.value()},
      teardown_work_{&Component::teardown_work, this, WorkKind::teardown, scheduler.spec().id.value()} {
  static_cast<void>(component.fences_.new_context());  // fence_context_ + 1
}

std::string Entity::describe() const { return "of " + scheduler_.describe(); }

SubmissionDomain& Entity::domain() { return scheduler_; }

// --- producer: the caller's context ----------------------------------------------------------------------------------

Result<Job*> Entity::prepare(os::Context& ctx, const JobSpec& spec) {
  ctx.check_may_reclaim("kmem_cache_zalloc(drm_sched_fence, GFP_KERNEL)");
  if (spec.credits == 0) return Errno::inval;
  if (ctx.allocation_fails("drm_sched_job_init")) return Errno::nomem;
  ctx.charge(component_.costs_.job_init);
  SchedJob* const job = component_.jobs_.create(spec, component_, *this, scheduler_);
  get();
  return static_cast<Job*>(job);
}

// drm_sched_job_add_dependency(): of one fence context only the later fence is kept, in the place of the earlier.
Errno Entity::add_dependency(os::Context& ctx, Job& job, FenceRef fence) {
  SchedJob& self = sched_job(job);
  if (self.state_ != JobState::init)
    violate("drm_sched_job", fmt::format("add_dependency() after arm() on job {}", self.describe()));
  ctx.charge(component_.costs_.add_dependency);
  if (!fence) return Errno::ok;
  for (FenceRef& known : self.dependencies_) {
    if (known->context() != fence->context()) continue;
    if (fence->seqno() > known->seqno()) known = std::move(fence);
    return Errno::ok;
  }
  ctx.check_may_reclaim("xa_alloc(GFP_KERNEL)");
  if (ctx.allocation_fails("drm_sched_job_add_dependency")) return Errno::nomem;
  self.dependencies_.push_back(std::move(fence));
  return Errno::ok;
}

void Entity::arm(os::Context& ctx, Job& job) {
  SchedJob& self = sched_job(job);
  if (self.state_ != JobState::init)
    violate("drm_sched_job", fmt::format("arm() called twice on job {}", self.describe()));
  ctx.charge(component_.costs_.arm);
  self.state_ = JobState::armed;
  self.priority_ = priority_;
  const std::uint64_t seqno = next_seqno_++;
  const std::uint32_t queue = scheduler_.spec_.id.value();
  self.scheduled_ = component_.fences_.create(ctx, fence_context_, seqno, queue, 0, FenceLock::job);
  self.finished_ = component_.fences_.create(ctx, fence_context_ + 1, seqno, queue, self.id().value(), FenceLock::job);
  self.scheduled_->set_finished(self.finished_);
}

FenceRef Entity::finished_fence(Job& job) { return sched_job(job).finished_; }

// drm_sched_entity_push_job(). Once in the queue, the job may be run, completed and freed at any time.
os::Task<> Entity::push(os::Context& ctx, Job& job) {
  SchedJob& self = sched_job(job);
  if (self.state_ != JobState::armed)
    violate("drm_sched_job", fmt::format("push() before arm() on job {}", self.describe()));
  ctx.charge(component_.costs_.push);
  self.state_ = JobState::queued;
  component_.jobs_.get(self);  // the scheduler's reference, until free_job

  const QueueId id = scheduler_.spec_.id;
  ctx.emit(trace::drm_sched_job_queue{.queue = id,
                                      .job = self.id(),
                                      .context = self.finished_->context(),
                                      .seqno = self.finished_->seqno(),
                                      .queued = queue_.size(),
                                      .in_flight = scheduler_.credits_in_flight()});
  for (const FenceRef& dependency : self.dependencies_) {
    ctx.emit(trace::drm_sched_job_add_dep{.queue = id,
                                          .job = self.id(),
                                          .dependency_context = dependency->context(),
                                          .dependency_seqno = dependency->seqno(),
                                          .context = self.finished_->context(),
                                          .seqno = self.finished_->seqno()});
  }
  ++scheduler_.score_;
  const SimTime submit_time = self.submit_time_ = ctx.now();
  const bool first = queue_.empty();
  bool wakes = first;
  bool bypasses = false;
  if (scheduler_.spec_.kernel == Kernel::v7_3) {
    const os::SpinSection entity_section{ctx, component_.entity_lock_};
    bypasses = claim_for_bypass(ctx, self);
    if (!bypasses) {
      queue_.push_back(&self);
      if (first) wakes = enter_run_queue(ctx, submit_time);
    }
  } else {
    if (scheduler_.spec_.bypass) {
      const os::SpinSection entity_section{ctx, component_.entity_lock_};
      bypasses = claim_for_bypass(ctx, self);
    }
    if (!bypasses) queue_.push_back(&self);
  }
  if (bypasses) {
    leave_for_hardware(self);
    // No run pass afterwards: pushes are serialised, so that nothing waits in the queue.
    co_await scheduler_.run(ctx, *this, self);
    co_return;
  }
  co_await ctx.race_point("drm_sched.pushed");
  if (!wakes) co_return;
  if (scheduler_.spec_.kernel == Kernel::v6_18) {
    const os::SpinSection entity_section{ctx, component_.entity_lock_};
    if (!enter_run_queue(ctx, submit_time)) co_return;
  }
  co_await ctx.race_point("drm_sched.push_wakeup");
  co_await scheduler_.queue_run_racing(ctx);
}

// drm_sched_rq_add_entity(). False: "Trying to push to a killed entity"; the job stays in the queue for ever, as in the
// kernel. Pre: the entity's lock.
bool Entity::enter_run_queue(os::Context& ctx, SimTime key) {
  if (stopped_) return false;
  const os::SpinSection rq_section{ctx, component_.rq_lock_};
  if (!listed_) {
    listed_ = true;
    ++scheduler_.score_;
  }
  key_ = key;
  return true;
}

// entity_idle is taken as the run worker takes it: a kill waits for whoever has it. Pre: the entity's lock.
bool Entity::claim_for_bypass(os::Context& ctx, const SchedJob& job) {
  if (!scheduler_.spec_.bypass) return false;
  const std::optional<BypassCondition> refusal = bypass_refusal(job);
  if (!refusal) {
    idle_ = false;
    scheduler_.dispatching_ = true;
    return true;
  }
  ctx.emit(trace::job_bypass_refused{
      .queue = scheduler_.spec_.id, .job = job.id(), .condition = *refusal, .seqno = job.finished_->seqno()});
  return false;
}

// Named on the list: dependencies, an empty queue ("no other jobs pending"), credits. Ours: the others, which order and
// a stop need; and that a dependency which would not hold the head up is none.
std::optional<BypassCondition> Entity::bypass_refusal(const SchedJob& job) const {
  if (stopped_ || scheduler_.paused_) return BypassCondition::usable;
  if (!queue_.empty()) return BypassCondition::queue_empty;
  // Not entity_idle alone: the worker gives that back before it has a callback on the hardware fence, and the next job
  // could complete first.
  if (!idle_ || scheduler_.dispatching_) return BypassCondition::worker_idle;
  const auto is_open = [this](const FenceRef& fence) { return !is_own(*fence) && !fence->is_signaled(); };
  if (std::any_of(job.dependencies_.begin(), job.dependencies_.end(), is_open)) return BypassCondition::dependencies;
  // A job above the limit waits for all credits and is cut down by the run worker.
  if (job.credits() > scheduler_.spec_.credit_limit - scheduler_.credit_count_) return BypassCondition::credits;
  return std::nullopt;
}

void Entity::put_job(os::Context& ctx, Job& job) {
  SchedJob& self = sched_job(job);
  if (self.state_ == JobState::armed)
    violate("drm_sched_job", fmt::format("an armed job must be pushed: job {}", self.describe()));
  component_.put_job(ctx, self);
}

void Entity::set_priority(os::Context& ctx, Priority priority) {
  const os::SpinSection section{ctx, component_.entity_lock_};
  priority_ = priority;
}

// --- consumer: the run worker ----------------------------------------------------------------------------------------

// drm_sched_entity_pop_job(): nullptr if the head has to wait; its dependency's signal wakes the run worker.
os::Task<SchedJob*> Entity::pop_job(os::Context& ctx) {
  if (queue_.empty()) co_return nullptr;
  SchedJob& head = *queue_.front();
  while (head.next_dependency_ < head.dependencies_.size()) {
    dependency_ = head.dependencies_[head.next_dependency_++];
    if (co_await waits_for_dependency(ctx, head)) co_return nullptr;
  }
  leave_for_hardware(head);
  if (scheduler_.spec_.kernel == Kernel::v7_3) {
    // drm_sched_rq_pop_entity()
    const os::SpinSection entity_section{ctx, component_.entity_lock_};
    const os::SpinSection rq_section{ctx, component_.rq_lock_};
    queue_.pop_front();
    if (!queue_.empty()) key_ = queue_.front()->submit_time_;
    co_return &head;
  }
  queue_.pop_front();
  if (!queue_.empty()) {
    // drm_sched_rq_update_fifo_locked()
    const os::SpinSection entity_section{ctx, component_.entity_lock_};
    const os::SpinSection rq_section{ctx, component_.rq_lock_};
    key_ = queue_.front()->submit_time_;
  }
  co_return &head;
}

void Entity::leave_for_hardware(SchedJob& job) {
  if (guilty_) job.finished_->set_error(Errno::canceled);  // run_job still gets it; the driver has to check
  last_scheduled_ = job.finished_;
}

// drm_sched_entity_add_dependency_cb()
os::Task<bool> Entity::waits_for_dependency(os::Context& ctx, SchedJob& head) {
  const FenceRef dependency = dependency_;
  if (!is_own(*dependency) && !dependency->is_signaled()) {
    // The trace first: the callback may run at once and clear dependency_.
    trace_unschedulable(ctx, head, *dependency);
    co_await ctx.race_point("drm_sched.dependency_callback");
    if (dependency->add_callback(ctx, *this)) co_return true;
  }
  dependency_.reset();
  co_return false;
}

void Entity::trace_unschedulable(os::Context& ctx, const SchedJob& head, const Fence& dependency) const {
  ctx.emit(trace::drm_sched_job_unschedulable{.queue = scheduler_.spec_.id,
                                              .job = head.id(),
                                              .dependency_context = dependency.context(),
                                              .dependency_seqno = dependency.seqno(),
                                              .context = head.finished_->context(),
                                              .seqno = head.finished_->seqno()});
}

// drm_sched_entity_wakeup(). Also after a kill, whose head is gone.
FenceRelay Entity::on_fence_signaled(os::Context& ctx, Fence& fence) {
  dependency_.reset();
  ctx.emit(trace::dependency_ready{.queue = scheduler_.spec_.id,
                                   .job = queue_.empty() ? JobId{} : queue_.front()->id(),
                                   .dependency_context = fence.context(),
                                   .dependency_seqno = fence.seqno()});
  scheduler_.queue_run(ctx);
  return {};
}

// complete_all(&entity->entity_idle)
void Entity::complete_idle(os::Context& ctx) {
  const os::SpinSection section{ctx, component_.wait_lock_, os::SpinKind::wait};
  idle_ = true;
  idle_wait_.wake_all(ctx);
}

// --- stall report ----------------------------------------------------------------------------------------------------

std::string Entity::describe_head() const {
  const auto& pending = scheduler_.pending_;  // those that are done wait there to be freed
  const auto running =
      std::find_if(pending.begin(), pending.end(), [](const SchedJob* job) { return !job->finished_->is_signaled(); });
  const bool on_device = running != pending.end();
  if (!on_device && queue_.empty()) return {};
  const SchedJob& job = on_device ? **running : *queue_.front();
  const std::string text = fmt::format("job {}", job.id().value());
  if (on_device) return text + " was handed to the device and has not completed";
  if (dependency_) return text + " waits for a dependency";
  if (stopped_) return text + " was pushed to a killed entity";
  if (scheduler_.paused_) return text + " waits for the scheduler to be started";
  return text + " is runnable, and its worker was not woken";
}

}  // namespace gpusim::sched::drm
