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

Entity::Entity(Component& component, std::vector<Scheduler*> schedulers, const EntitySpec& spec, QueueOps& ops)
    : component_{component},
      ops_{ops},
      id_{spec.id == QueueId{} ? schedulers.front()->spec().id : spec.id},
      fence_context_{component.fences_.new_context()},
      // drm_sched_entity_init() cuts it down to the last run queue there is: with one, all are of priority KERNEL.
      priority_{std::min(spec.priority, static_cast<Priority>(schedulers.front()->spec().num_rqs - 1))},
      priority_at_init_{priority_},
      has_guilty_{spec.has_guilty},
      kill_work_{&Entity::kill_work, this, WorkKind::kill, id_.value()},
      teardown_work_{&Component::teardown_work, this, WorkKind::teardown, id_.value()} {
  static_cast<void>(component.fences_.new_context());  // fence_context_ + 1
  rq_ = &schedulers.front()->run_queue_of(*this);
  if (!schedulers.front()->spec_.has_run_queues()) schedulers.front()->single_entity_ = this;
  if (schedulers.size() > 1) schedulers_ = std::move(schedulers);
}

std::string Entity::describe() const { return "of " + scheduler().describe(); }

SubmissionDomain& Entity::domain() { return scheduler(); }

// --- producer: the caller's context ----------------------------------------------------------------------------------

Result<Job*> Entity::prepare(os::Context& ctx, const JobSpec& spec) {
  ctx.check_may_reclaim("kmem_cache_zalloc(drm_sched_fence, GFP_KERNEL)");
  if (spec.credits == 0) return Errno::inval;
  if (ctx.allocation_fails("drm_sched_job_init")) return Errno::nomem;
  ctx.charge(component_.costs_.job_init);
  SchedJob* const job = component_.jobs_.create(spec, component_, *this);
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

Errno Entity::reserve_dependencies(os::Context& ctx, Job& job, std::size_t count) {
  SchedJob& self = sched_job(job);
  if (self.state_ != JobState::init)
    violate("drm_sched_job", fmt::format("reserve_dependencies() after arm() on job {}", self.describe()));
  ctx.check_may_reclaim("xa_alloc(GFP_KERNEL)");
  if (ctx.allocation_fails("drm_sched_job_prealloc_dependency_slot")) return Errno::nomem;
  self.dependencies_.reserve(self.dependencies_.size() + count);
  return Errno::ok;
}

void Entity::add_reserved_dependency(os::Context& ctx, Job& job, FenceRef fence) {
  SchedJob& self = sched_job(job);
  if (self.state_ != JobState::init || self.dependencies_.size() == self.dependencies_.capacity()) {
    violate("drm_sched_job",
            fmt::format("add_reserved_dependency() after arm() or unreserved on job {}", self.describe()));
  }
  ctx.charge(component_.costs_.add_dependency);
  self.dependencies_.push_back(std::move(fence));
}

FenceRef Entity::scheduled_fence(Job& job) { return sched_job(job).scheduled_; }

void Entity::arm(os::Context& ctx, Job& job) {
  SchedJob& self = sched_job(job);
  if (self.state_ != JobState::init)
    violate("drm_sched_job", fmt::format("arm() called twice on job {}", self.describe()));
  ctx.charge(component_.costs_.arm);
  self.state_ = JobState::armed;
  if (!schedulers_.empty()) select_run_queue(ctx);
  self.scheduler_ = &scheduler();
  self.priority_ = priority_;
  const std::uint64_t seqno = next_seqno_++;
  const std::uint32_t queue = id_.value();
  self.scheduled_ = component_.fences_.create(ctx, fence_context_, seqno, queue, 0, FenceLock::job);
  self.finished_ = component_.fences_.create(ctx, fence_context_ + 1, seqno, queue, self.id().value(), FenceLock::job);
  self.scheduled_->pair_with(self.finished_, &scheduler());
}

// drm_sched_entity_select_rq(). The last job must have completed: its order with the next one is the scheduler's.
void Entity::select_run_queue(os::Context& ctx) {
  if (!queue_.empty()) return;
  if (last_scheduled_ && !last_scheduled_->is_signaled()) return;
  const os::SpinSection entity_section{ctx, component_.entity_lock_};
  Scheduler* const best = Scheduler::pick_best(schedulers_);
  if (best == nullptr) violate("drm_sched", fmt::format("no scheduler of entity {} is ready", describe()));
  RunQueue& chosen = best->run_queue_of(*this);
  if (&chosen != rq_) {
    rq_->remove(ctx, *this);
    rq_ = &chosen;
  }
  if (schedulers_.size() == 1) schedulers_.clear();
}

FenceRef Entity::finished_fence(Job& job) { return sched_job(job).finished_; }

// drm_sched_entity_push_job(). Once in the queue, the job may be run, completed and freed at any time.
os::Task<> Entity::push(os::Context& ctx, Job& job) {
  SchedJob& self = sched_job(job);
  if (self.state_ != JobState::armed)
    violate("drm_sched_job", fmt::format("push() before arm() on job {}", self.describe()));
  ctx.charge(component_.costs_.push);
  co_await ctx.step();  // the worker sees the job only when the caller has got this far
  self.state_ = JobState::queued;
  component_.jobs_.get(self);  // the scheduler's reference, until free_job

  Scheduler& scheduler = this->scheduler();
  const QueueId id = id_;
  ctx.emit(trace::drm_sched_job_queue{.queue = id,
                                      .job = self.id(),
                                      .context = self.finished_->context(),
                                      .seqno = self.finished_->seqno(),
                                      .queued = queue_.size(),
                                      .in_flight = scheduler.credits_in_flight()});
  for (const FenceRef& dependency : self.dependencies_) {
    ctx.emit(trace::drm_sched_job_add_dep{.queue = id,
                                          .job = self.id(),
                                          .dependency_context = dependency->context(),
                                          .dependency_seqno = dependency->seqno(),
                                          .context = self.finished_->context(),
                                          .seqno = self.finished_->seqno()});
  }
  ++*scheduler.score_;
  const SimTime submit_time = self.submit_time_ = ctx.now();
  const bool first = queue_.empty();
  bool wakes = first;
  bool bypasses = false;
  if (scheduler.spec_.kernel == Kernel::v7_3) {
    const os::SpinSection entity_section{ctx, component_.entity_lock_};
    bypasses = claim_for_bypass(ctx, self);
    if (!bypasses) {
      queue_.push_back(&self);
      if (first) wakes = enter_run_queue(ctx, submit_time);
    }
  } else {
    if (scheduler.spec_.bypass) {
      const os::SpinSection entity_section{ctx, component_.entity_lock_};
      bypasses = claim_for_bypass(ctx, self);
    }
    if (!bypasses) queue_.push_back(&self);
  }
  if (bypasses) {
    leave_for_hardware(self);
    // No run pass afterwards: pushes are serialised, so that nothing waits in the queue.
    co_await scheduler.run(ctx, *this, self);
    co_return;
  }
  co_await ctx.race_point("drm_sched.pushed");
  if (!wakes) co_return;
  if (scheduler.spec_.kernel == Kernel::v6_18) {
    const os::SpinSection entity_section{ctx, component_.entity_lock_};
    if (!enter_run_queue(ctx, submit_time)) co_return;
  }
  co_await ctx.race_point("drm_sched.push_wakeup");
  co_await scheduler.queue_run_racing(ctx);
}

// False: "Trying to push to a killed entity"; the job stays in the queue for ever, as in the kernel. Pre: the entity's
// lock.
bool Entity::enter_run_queue(os::Context& ctx, SimTime submit_time) {
  if (stopped_) return false;
  if (scheduler().spec_.has_run_queues()) {
    rq_->add(ctx, *this, ktime(submit_time));
  } else {
    listed_ = true;
  }
  return true;
}

// entity_idle is taken as the run worker takes it: a kill waits for whoever has it. Pre: the entity's lock.
bool Entity::claim_for_bypass(os::Context& ctx, const SchedJob& job) {
  if (!scheduler().spec_.bypass) return false;
  std::optional<BypassCondition> refusal = bypass_refusal(job);
  if (!refusal && !job.scheduler_->backend_.may_run_job(ctx, job)) refusal = BypassCondition::token;
  if (!refusal) {
    idle_ = false;
    scheduler().dispatching_ = true;
    return true;
  }
  ctx.emit(
      trace::job_bypass_refused{.queue = id_, .job = job.id(), .condition = *refusal, .seqno = job.finished_->seqno()});
  return false;
}

// Named on the list: dependencies, an empty queue ("no other jobs pending"), credits. Ours: the others, which order and
// a stop need; and that a dependency which would not hold the head up is none.
std::optional<BypassCondition> Entity::bypass_refusal(const SchedJob& job) const {
  if (stopped_ || scheduler().paused_) return BypassCondition::usable;
  if (!queue_.empty()) return BypassCondition::queue_empty;
  // Not entity_idle alone: the worker gives that back before it has a callback on the hardware fence, and the next job
  // could complete first.
  if (!idle_ || scheduler().dispatching_) return BypassCondition::worker_idle;
  const auto is_open = [this](const FenceRef& fence) { return !is_own(*fence) && !fence->is_signaled(); };
  if (std::any_of(job.dependencies_.begin(), job.dependencies_.end(), is_open)) return BypassCondition::dependencies;
  // A job above the limit waits for all credits and is cut down by the run worker.
  if (job.credits() > scheduler().spec_.credit_limit - scheduler().credit_count_) return BypassCondition::credits;
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

void Entity::set_domains(os::Context& ctx, std::span<SubmissionDomain* const> domains) {
  modify_schedulers(ctx, schedulers_of(domains));
}

void Entity::modify_schedulers(os::Context& ctx, std::vector<Scheduler*> schedulers) {
  if (!scheduler().spec_.has_run_queues())
    violate("drm_sched", fmt::format("other schedulers for the single entity {}", describe()));
  const os::SpinSection section{ctx, component_.entity_lock_};
  schedulers_ = std::move(schedulers);
}

// --- consumer: the run worker ----------------------------------------------------------------------------------------

// drm_sched_entity_pop_job(): nullptr if the head has to wait; its dependency's signal wakes the run worker.
os::Task<SchedJob*> Entity::pop_job(os::Context& ctx) {
  if (queue_.empty()) co_return nullptr;
  SchedJob& head = *queue_.front();
  while ((dependency_ = next_dependency(ctx, head))) {
    if (co_await waits_for_dependency(ctx, head)) co_return nullptr;
  }
  lacks_token_ = !head.scheduler_->backend_.may_run_job(ctx, head);
  if (lacks_token_) co_return nullptr;
  leave_for_hardware(head);
  const SchedulerSpec& spec = scheduler().spec_;
  if (spec.kernel == Kernel::v7_3) {
    const os::SpinSection entity_section{ctx, component_.entity_lock_};
    queue_.pop_front();
    if (spec.has_run_queues()) rq_->update_after_pop(ctx, *this);
    co_return &head;
  }
  queue_.pop_front();
  if (spec.policy == Policy::fair || (spec.policy == Policy::fifo && !queue_.empty())) {
    const os::SpinSection entity_section{ctx, component_.entity_lock_};
    rq_->update_after_pop(ctx, *this);
  }
  co_return &head;
}

// drm_sched_job_dependency()
FenceRef Entity::next_dependency(os::Context& ctx, SchedJob& head) {
  if (head.next_dependency_ < head.dependencies_.size()) return head.dependencies_[head.next_dependency_++];
  return head.scheduler_->backend_.prepare_job(ctx, head);
}

void Entity::leave_for_hardware(SchedJob& job) {
  if (guilty_) job.finished_->set_error(Errno::canceled);  // run_job still gets it; the driver has to check
  last_scheduled_ = job.finished_;
}

// drm_sched_entity_add_dependency_cb()
os::Task<bool> Entity::waits_for_dependency(os::Context& ctx, SchedJob& head) {
  if (is_own(*dependency_)) co_return false;
  // A job of the same scheduler comes before on the hardware, once it has got there. Not so if it may not have: an
  // error says that it was not run as it should.
  if (dependency_->scheduler() == &scheduler() && dependency_->error() == Errno::ok && dependency_->may_pipeline())
    dependency_ = dependency_->scheduled();
  const FenceRef dependency = dependency_;
  if (dependency && !dependency->is_signaled()) {
    // The trace first: the callback may run at once and clear dependency_.
    trace_unschedulable(ctx, head, *dependency);
    co_await ctx.race_point("drm_sched.dependency_callback");
    if (dependency->add_callback(ctx, *this)) co_return true;
  }
  co_return false;
}

void Entity::trace_unschedulable(os::Context& ctx, const SchedJob& head, const Fence& dependency) const {
  ctx.emit(trace::drm_sched_job_unschedulable{.queue = id_,
                                              .job = head.id(),
                                              .dependency_context = dependency.context(),
                                              .dependency_seqno = dependency.seqno(),
                                              .context = head.finished_->context(),
                                              .seqno = head.finished_->seqno()});
}

// drm_sched_entity_wakeup(). Also after a kill, whose head is gone.
FenceRelay Entity::on_fence_signaled(os::Context& ctx, Fence& fence) {
  dependency_.reset();
  ctx.emit(trace::dependency_ready{.queue = id_,
                                   .job = queue_.empty() ? JobId{} : queue_.front()->id(),
                                   .dependency_context = fence.context(),
                                   .dependency_seqno = fence.seqno()});
  scheduler().queue_run(ctx);
  return {};
}

void Entity::room_again(os::Context& ctx) {
  if (!lacks_token_) return;
  lacks_token_ = false;
  scheduler().queue_run(ctx);
}

// complete_all(&entity->entity_idle)
void Entity::complete_idle(os::Context& ctx) {
  const os::SpinSection section{ctx, component_.wait_lock_, os::SpinKind::wait};
  idle_ = true;
  idle_wait_.wake_all(ctx);
}

// --- stall report ----------------------------------------------------------------------------------------------------

std::string Entity::describe_head() const {
  const auto& pending = scheduler().pending_;  // those that are done wait there to be freed
  const auto running = std::find_if(pending.begin(), pending.end(), [this](const SchedJob* job) {
    return &job->entity_ == this && !job->finished_->is_signaled();
  });
  const bool on_device = running != pending.end();
  if (!on_device && queue_.empty()) return {};
  const SchedJob& job = on_device ? **running : *queue_.front();
  const std::string text = fmt::format("job {}", job.id().value());
  if (on_device) return text + " was handed to the device and has not completed";
  if (dependency_) return text + " waits for a dependency";
  if (stopped_) return text + " was pushed to a killed entity";
  if (lacks_token_) return text + " " + scheduler().backend_.describe_wait();
  if (scheduler().paused_) return text + " waits for the scheduler to be started";
  return text + " is runnable, and its worker was not woken";
}

}  // namespace gpusim::sched::drm
