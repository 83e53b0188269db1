// SPDX-License-Identifier: MIT
// The caller's side of a queue: init, dependencies, arm, push with its bypass; references; the stall report.
#include "scheduler/dep/queue.h"

#include <algorithm>

#include <fmt/core.h>

#include "os/host.h"
#include "scheduler/dep/component.h"

namespace gpusim::sched::dep {

namespace {

DepJob& dep_job(Job& job) { return static_cast<DepJob&>(job); }

}  // namespace

Queue::Queue(Component& component, QueueSpec spec, SubmissionBackend& backend)
    : component_{component},
      spec_{std::move(spec)},
      backend_{backend},
      fence_context_{component.fences_.new_context()},
      lock_{component.queue_lock_},
      submit_wq_{component.host_, os::ForSubmission{spec_.priority}},
      timeout_wq_{component.host_, 1},
      submit_work_{&work<&Queue::submit_worker>, this, WorkKind::submit, spec_.id.value()},
      done_work_{&work<&Queue::done_worker>, this, WorkKind::done, spec_.id.value()},
      put_work_{&work<&Queue::put_worker>, this, WorkKind::put, spec_.id.value()},
      timeout_work_{timeout_wq_, &work<&Queue::timeout_worker>, this, WorkKind::timeout, spec_.id.value()},
      teardown_work_{&Component::teardown_work, this, WorkKind::teardown, spec_.id.value()} {}

// --- init, dependencies, arm -----------------------------------------------------------------------------------------

Result<Job*> Queue::prepare(os::Context& ctx, const JobSpec& spec) {
  component_.queues_.touch(*this, "drm_dep_job_init");
  ctx.check_may_reclaim("kzalloc(drm_dep_job, GFP_KERNEL)");
  if (spec.credits == 0) return Errno::inval;
  if (spec_.policy.oversize_rejected && spec.credits > spec_.credit_limit) return Errno::inval;
  if (ctx.allocation_fails("drm_dep_job_init")) return Errno::nomem;
  ctx.charge(component_.costs_.job_init);
  JobSpec clamped = spec;
  clamped.credits = std::min(spec.credits, spec_.credit_limit);
  DepJob* job = component_.jobs_.create(clamped, *this);
  get();
  return static_cast<Job*>(job);
}

Errno Queue::add_dependency(os::Context& ctx, Job& job, FenceRef fence) {
  DepJob& self = dep_job(job);
  component_.jobs_.touch(self, "drm_dep_job_add_dependency");
  if (self.state_ != JobState::init)
    violate("dep_job_state", fmt::format("add_dependency() after arm() on job {}", self.describe()));
  if (!fence) return Errno::ok;
  ctx.charge(component_.costs_.add_dependency);
  for (FenceRef& known : self.dependencies_) {
    if (known->context() != fence->context()) continue;
    if (fence->seqno() > known->seqno()) known = std::move(fence);
    return Errno::ok;
  }
  ctx.check_may_reclaim("xa_alloc(GFP_KERNEL)");
  if (ctx.allocation_fails("drm_dep_job_add_dependency")) return Errno::nomem;
  self.dependencies_.push_back(std::move(fence));
  return Errno::ok;
}

void Queue::arm(os::Context& ctx, Job& job) {
  DepJob& self = dep_job(job);
  component_.jobs_.touch(self, "drm_dep_job_arm");
  if (self.state_ != JobState::init)
    violate("dep_job_state", fmt::format("arm() called twice on job {}", self.describe()));
  ctx.charge(component_.costs_.arm);
  self.state_ = JobState::armed;
  self.finished_ = component_.fences_.create(ctx, fence_context_, next_seqno_++, spec_.id.value(), self.id().value(),
                                             FenceLock::job);
}

FenceRef Queue::finished_fence(Job& job) {
  DepJob& self = dep_job(job);
  if (!self.finished_)
    violate("dep_job_state", fmt::format("the finished fence of job {} is not valid before arm()", self.describe()));
  return self.finished_;
}

void Queue::put_job(os::Context& ctx, Job& job) {
  DepJob& self = dep_job(job);
  if (self.state_ == JobState::armed)
    violate("dep_job_state", fmt::format("job {} is armed and dropped: its fence would never signal", self.describe()));
  release_job(ctx, self);
}

// --- push ------------------------------------------------------------------------------------------------------------

os::Task<> Queue::push(os::Context& ctx, Job& job) {
  DepJob& self = dep_job(job);
  component_.jobs_.touch(self, "drm_dep_job_push");
  if (self.state_ != JobState::armed) {
    violate("dep_job_state", fmt::format("{}{} on job {}", "push() ",
                                         self.state_ == JobState::init ? "before arm()" : "twice", self.describe()));
  }
  ctx.charge(component_.costs_.push);
  co_await ctx.step();  // the worker sees the job only when the caller has got this far
  co_await ctx.race_point("drm_dep.push");
  self.state_ = JobState::queued;
  component_.jobs_.get(self);  // the queue's reference, until the put

  ctx.emit(trace::drm_sched_job_queue{.queue = spec_.id,
                                      .job = self.id(),
                                      .context = fence_context_,
                                      .seqno = self.finished_->seqno(),
                                      .queued = queued_.size(),
                                      .in_flight = credits_in_flight_});
  for (const FenceRef& dependency : self.dependencies_) {
    ctx.emit(trace::drm_sched_job_add_dep{.queue = spec_.id,
                                          .job = self.id(),
                                          .dependency_context = dependency->context(),
                                          .dependency_seqno = dependency->seqno(),
                                          .context = fence_context_,
                                          .seqno = self.finished_->seqno()});
  }
  if (!spec_.policy.bypass) {
    enqueue(ctx, self);
    co_return;
  }

  const bool locks = spec_.policy.bypass_lock == BypassLock::mutex ||
                     (spec_.policy.bypass_lock == BypassLock::trylock && !lock_.is_locked());
  if (locks) co_await lock_.lock(ctx);
  const bool excludes = locks || spec_.policy.bypass_lock == BypassLock::ownership;
  if (!co_await try_bypass(ctx, self, excludes)) enqueue(ctx, self);
  if (locks) lock_.unlock(ctx);
}

std::optional<BypassCondition> Queue::bypass_refusal(const os::Context& ctx, const DepJob& job, bool excludes) const {
  using enum BypassCondition;
  const auto refuses = [&](BypassCondition condition, bool holds) {
    return !holds && spec_.policy.bypass_requires[static_cast<std::size_t>(condition)];
  };
  if (refuses(signalling_section, ctx.is_signalling())) return signalling_section;
  if (refuses(usable, may_run())) return usable;
  if (refuses(queue_empty, queued_.empty())) return queue_empty;
  if (refuses(worker_idle, excludes && !dispatching_)) return worker_idle;
  if (refuses(dependencies, !has_open_dependency(job))) return dependencies;
  if (refuses(credits, credits_suffice(job))) return credits;
  return std::nullopt;
}

os::Task<bool> Queue::try_bypass(os::Context& ctx, DepJob& job, bool excludes) {
  std::optional<BypassCondition> refusal = bypass_refusal(ctx, job, excludes);
  if (!refusal) {
    ctx.charge(component_.costs_.dispatch);
    co_await ctx.step();
    // Other contexts ran during the step: check again for a stop or a kill.
    refusal = bypass_refusal(ctx, job, excludes);
  }
  if (!refusal && !backend_.may_run_job(ctx, job)) refusal = BypassCondition::token;
  if (!refusal && co_await run(ctx, job, Source::caller) != Outcome::not_run) co_return true;
  ctx.emit(trace::job_bypass_refused{.queue = spec_.id,
                                     .job = job.id(),
                                     .condition = refusal.value_or(BypassCondition::usable),
                                     .seqno = job.finished_->seqno()});
  co_return false;
}

void Queue::enqueue(os::Context& ctx, DepJob& job) {
  const bool first = queued_.empty();
  queued_.push_back(job);
  if (first) kick(ctx);
}

void Queue::kick(os::Context& ctx) {
  if (stops_ == 0) submit_wq_.queue(ctx, submit_work_);
}

// --- references on job and queue -------------------------------------------------------------------------------------

void Queue::release_job(os::Context& ctx, DepJob& job) {
  component_.jobs_.touch(job, "drm_dep_job_put");
  if (job.references() == 1) {
    if (ctx.kind() == os::ContextKind::hard_irq && !job.dependencies_.empty())
      violate("sleeping_in_atomic",
              fmt::format("BUG: xa_destroy() of job {}'s dependencies in a hard IRQ", job.describe()));
    backend_.release_job(ctx, job);
    ctx.emit(trace::job_released{.queue = spec_.id, .job = job.id()});
  }
  if (component_.jobs_.put(job)) put(ctx);  // the job's reference on the queue
}

void Queue::get() {
  if (kref_ == 0) {
    violate("reference_counts", fmt::format("a reference is taken on queue {}, whose count is zero{}", spec_.name,
                                            component_.queues_.history(*this)));
  }
  component_.queues_.note_taken(*this, ++kref_);
}

bool Queue::get_unless_zero() {
  if (kref_ == 0) return false;
  component_.queues_.note_taken(*this, ++kref_);
  return true;
}

void Queue::put(os::Context& ctx) {
  if (kref_ == 0) {
    violate("reference_counts", fmt::format("a reference too many is dropped on queue {}{}", spec_.name,
                                            component_.queues_.history(*this)));
  }
  component_.queues_.note_dropped(*this, --kref_);
  if (kref_ != 0) return;
  ctx.emit(trace::queue_fini{.queue = spec_.id});
  component_.tear_down(ctx, *this);
}

// --- stall report ----------------------------------------------------------------------------------------------------

std::string Queue::describe_head() const {
  const DepJob* head = queued_.front();
  const DepJob* job = pending_.empty() ? head : pending_.front();
  if (job == nullptr) return {};
  const std::string name = fmt::format("job {}", job->id().value());
  if (!pending_.empty()) return name + " was handed to the device and has not completed";
  if (stops_ != 0) return name + " waits for the queue to be started";
  switch (head_) {
    case Head::waits_for_dependency:
      return name + " waits for a dependency";
    case Head::waits_for_credits:
      return name + " waits for credits";
    case Head::waits_for_token:
      return name + " " + backend_.describe_wait();
    case Head::waits_for_pending:
    case Head::ends_unrun:
      return name + " is to end without running, and its worker was not woken";
    case Head::runnable:
      break;
  }
  return name + " is runnable, and its worker was not woken";
}

const Fence* Queue::head_dependency() const {
  const DepJob* head = queued_.front();
  if (!pending_.empty() || head == nullptr || head->next_dependency_ >= head->dependencies_.size()) return nullptr;
  return head->dependencies_[head->next_dependency_].get();
}

}  // namespace gpusim::sched::dep
