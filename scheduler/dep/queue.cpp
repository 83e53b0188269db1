// SPDX-License-Identifier: MIT
#include "scheduler/dep/queue.h"

#include <algorithm>

#include "base/mutation.h"
#include "os/host.h"
#include "scheduler/dep/component.h"

namespace gpusim::sched::dep {

using trace::EventKind;

namespace {

DepJob& dep_job(Job& job) { return static_cast<DepJob&>(job); }

std::uint64_t pack(std::uint64_t high, std::uint64_t low) { return high << 32 | low; }

}  // namespace

Queue::Queue(Component& component, QueueSpec spec, SubmissionBackend& backend)
    : component_{component},
      spec_{std::move(spec)},
      backend_{backend},
      fence_context_{component.fences_.new_context()},
      submit_wq_{component.host_, 1},
      submit_work_{&Queue::submit_work, this, static_cast<std::uint8_t>(WorkKind::submit), spec_.id.value()},
      put_work_{&Queue::put_work, this, static_cast<std::uint8_t>(WorkKind::put), spec_.id.value()},
      teardown_work_{&Component::teardown_work, this, static_cast<std::uint8_t>(WorkKind::teardown), spec_.id.value()} {
}

trace::Event Queue::event(EventKind kind, const DepJob& job) const {
  trace::Event event{.kind = kind, .queue = spec_.id.value(), .job = job.id().value()};
  if (job.finished_) {
    event.a = fence_context_;
    event.b = job.finished_->seqno();
  }
  return event;
}

// --- submission: the caller's context --------------------------------------------------------------------------------

Result<Job*> Queue::prepare(os::Context& ctx, const JobSpec& spec) {
  component_.queues_.touch(*this, "drm_dep_job_init");
  ctx.check_may_reclaim("kzalloc(drm_dep_job, GFP_KERNEL)");
  if (spec.credits == 0) return Errno::inval;
  if (ctx.allocation_fails("drm_dep_job_init")) return Errno::nomem;
  ctx.charge(component_.costs_.job_init);
  JobSpec clamped = spec;
  clamped.credits = std::min(spec.credits, spec_.credit_limit);
  DepJob* job = component_.jobs_.create(clamped, *this);
  get();
  return static_cast<Job*>(job);
}

void Queue::add_dependency(os::Context& ctx, Job& job, FenceRef fence) {
  DepJob& self = dep_job(job);
  component_.jobs_.touch(self, "drm_dep_job_add_dependency");
  if (self.state_ != JobState::init) violate("dep_job_state", "add_dependency() after arm() on job " + self.describe());
  ctx.charge(component_.costs_.add_dependency);
  for (FenceRef& known : self.dependencies_) {
    if (known->context() != fence->context()) continue;
    if (fence->seqno() > known->seqno()) known = std::move(fence);
    return;
  }
  self.dependencies_.push_back(std::move(fence));
}

void Queue::arm(os::Context& ctx, Job& job) {
  DepJob& self = dep_job(job);
  component_.jobs_.touch(self, "drm_dep_job_arm");
  if (self.state_ != JobState::init) violate("dep_job_state", "arm() called twice on job " + self.describe());
  ctx.charge(component_.costs_.arm);
  self.state_ = JobState::armed;
  self.finished_ = component_.fences_.create(ctx, fence_context_, next_seqno_++, spec_.id.value(), self.id().value());
}

FenceRef Queue::finished_fence(Job& job) { return dep_job(job).finished_; }

os::Task<> Queue::push(os::Context& ctx, Job& job) {
  DepJob& self = dep_job(job);
  component_.jobs_.touch(self, "drm_dep_job_push");
  if (self.state_ != JobState::armed) violate("dep_job_state", "push() before arm() on job " + self.describe());
  ctx.charge(component_.costs_.push);
  self.state_ = JobState::queued;
  component_.jobs_.get(self);  // the queue's reference, until the put

  trace::Event queued = event(EventKind::drm_sched_job_queue, self);
  queued.c = pack(queued_.size(), credits_in_flight_);
  ctx.emit(queued);
  for (const FenceRef& dependency : self.dependencies_) {
    trace::Event event = this->event(EventKind::drm_sched_job_add_dep, self);
    event.a = dependency->context();
    event.b = dependency->seqno();
    event.c = pack(fence_context_, self.finished_->seqno());
    ctx.emit(event);
  }

  const bool first = queued_.empty();
  DepJob* overtaken = mutated(Mutation::sched_swap_push) ? queued_.pop_front() : nullptr;
  queued_.push_back(self);
  if (overtaken != nullptr) queued_.push_back(*overtaken);
  if (first) submit_wq_.queue(ctx, submit_work_);
  co_return;
}

void Queue::put_job(os::Context& ctx, Job& job) {
  DepJob& self = dep_job(job);
  if (self.state_ == JobState::armed) violate("dep_job_state", "an armed job must be pushed: job " + self.describe());
  release_job(ctx, self);
}

os::Task<> Queue::close(os::Context& ctx) {
  put(ctx);
  co_return;
}

void Queue::kill(os::Context&, Errno) { violate("not_written", "kill()"); }
os::Task<> Queue::stop(os::Context&) { violate("not_written", "stop()"); }
os::Task<> Queue::start(os::Context&, Errno) { violate("not_written", "start()"); }
void Queue::trigger_timeout(os::Context&) { violate("not_written", "trigger_timeout()"); }

// --- submit worker ---------------------------------------------------------------------------------------------------

os::Task<> Queue::submit_worker(os::Context& ctx) {
  component_.queues_.touch(*this, "drm_dep_queue_submit_work");
  if (!get_unless_zero()) co_return;  // zombie: teardown is in flight
  while (DepJob* job = queued_.front()) {
    ctx.charge(component_.costs_.worker_pass);
    co_await ctx.step();
    head_ = check_head(ctx, *job);
    if (head_ != Head::runnable) break;
    ctx.charge(component_.costs_.dispatch);
    co_await ctx.step();
    co_await run(ctx, *job);
  }
  put(ctx);
}

Queue::Head Queue::check_head(os::Context& ctx, DepJob& job) {
  for (; job.next_dependency_ < job.dependencies_.size(); ++job.next_dependency_) {
    Fence& fence = *job.dependencies_[job.next_dependency_];
    if (fence.context() == fence_context_) continue;  // own queue: order is enough
    if (mutated(Mutation::sched_ignore_dependency)) continue;
    if (static_cast<FenceCallback&>(*this).is_registered()) return Head::waits_for_dependency;
    if (!fence.add_callback(*this)) continue;  // has signalled
    trace::Event event = this->event(EventKind::drm_sched_job_unschedulable, job);
    event.a = fence.context();
    event.b = fence.seqno();
    event.c = pack(fence_context_, job.finished_->seqno());
    ctx.emit(event);
    return Head::waits_for_dependency;
  }
  if (credits_in_flight_ + job.credits() > spec_.credit_limit) {
    trace::Event event = this->event(EventKind::credit_blocked, job);
    event.a = job.credits();
    event.b = credits_in_flight_;
    event.c = spec_.credit_limit;
    ctx.emit(event);
    return Head::waits_for_credits;
  }
  return Head::runnable;
}

void Queue::on_fence_signaled(os::Context& ctx, Fence& fence) {
  DepJob& job = *queued_.front();
  trace::Event event = this->event(EventKind::dependency_ready, job);
  event.a = fence.context();
  event.b = fence.seqno();
  ctx.emit(event);
  head_ = Head::runnable;
  if (!mutated(Mutation::sched_lost_wakeup)) submit_wq_.queue(ctx, submit_work_);
}

os::Task<> Queue::run(os::Context& ctx, DepJob& job) {
  {
    const os::SpinSection section{ctx, component_.pending_lock_};
    queued_.pop_front();
    if (!mutated(Mutation::sched_early_credit)) credits_in_flight_ += job.credits();
    pending_.push_back(job);
    job.state_ = JobState::pending;
  }
  trace::Event event = this->event(EventKind::drm_sched_job_run, job);
  event.c = pack(queued_.size(), credits_in_flight_);
  ctx.emit(event);

  RunResult result = co_await backend_.run_job(ctx, job);

  job.dependencies_.clear();  // process context, after run_job: none of it is left for the interrupt
  if (!result.fence) {
    job_done(ctx, job, result.error);
    co_return;
  }
  job.parent_ = std::move(result.fence);
  // The hardware may have been faster than run_job's return.
  if (!job.parent_->add_callback(job)) job_done(ctx, job, job.parent_->error());
}

// --- completion and put ----------------------------------------------------------------------------------------------

void Queue::job_done(os::Context& ctx, DepJob& job, Errno error) {
  component_.jobs_.touch(job, "drm_dep_job_done");
  ctx.charge(component_.costs_.done);
  {
    const os::SpinSection section{ctx, component_.pending_lock_};
    pending_.remove(job);
    if (!mutated(Mutation::sched_early_credit)) credits_in_flight_ -= job.credits();
    done_.push_back(job);
    job.state_ = JobState::done;
  }
  const bool head_free =
      head_ == Head::waits_for_credits && credits_in_flight_ + queued_.front()->credits() <= spec_.credit_limit;
  trace::Event returned{.kind = EventKind::credit_returned,
                        .queue = spec_.id.value(),
                        .job = job.id().value(),
                        .a = job.credits(),
                        .b = credits_in_flight_,
                        .c = head_free ? 1U : 0U};
  ctx.emit(returned);
  trace::Event done = event(EventKind::drm_sched_job_done, job);
  done.c = static_cast<std::uint64_t>(error);
  ctx.emit(done);
  job.finished_->signal(ctx, error);
  if (mutated(Mutation::sched_double_signal)) job.finished_->signal(ctx, error);
  if (head_free) {
    head_ = Head::runnable;
    submit_wq_.queue(ctx, submit_work_);
  }
  submit_wq_.queue(ctx, put_work_);
}

os::Task<> Queue::put_worker(os::Context& ctx) {
  component_.queues_.touch(*this, "drm_dep_queue_put_job_work");
  if (!get_unless_zero()) co_return;
  while (DepJob* job = done_.pop_front()) {
    ctx.charge(component_.costs_.put);
    co_await ctx.step();
    ctx.emit({.kind = EventKind::job_put, .queue = spec_.id.value(), .job = job->id().value()});
    if (!mutated(Mutation::sched_missing_put)) release_job(ctx, *job);
    if (mutated(Mutation::sched_double_put)) release_job(ctx, *job);
  }
  put(ctx);
}

void Queue::release_job(os::Context& ctx, DepJob& job) {
  component_.jobs_.touch(job, "drm_dep_job_put");
  if (job.references() == 1) {
    backend_.release_job(ctx, job);
    ctx.emit({.kind = EventKind::job_released, .queue = spec_.id.value(), .job = job.id().value()});
  }
  if (component_.jobs_.put(job)) put(ctx);  // the job's reference on the queue
}

// --- references on the queue -----------------------------------------------------------------------------------------

void Queue::get() {
  if (kref_ == 0) violate("reference_counts", "a reference is taken on queue " + spec_.name + ", whose count is zero");
  ++kref_;
}

bool Queue::get_unless_zero() {
  if (kref_ == 0) return false;
  ++kref_;
  return true;
}

void Queue::put(os::Context& ctx) {
  if (kref_ == 0) violate("reference_counts", "a reference too many is dropped on queue " + spec_.name);
  if (--kref_ == 0) component_.teardown_wq_.queue(ctx, teardown_work_);
}

// --- stall report ----------------------------------------------------------------------------------------------------

std::string Queue::describe_head() const {
  const DepJob* head = queued_.front();
  const DepJob* job = pending_.empty() ? head : pending_.front();
  if (job == nullptr) return {};
  if (!pending_.empty())
    return "job " + std::to_string(job->id().value()) + " was handed to the device and has not completed";
  switch (head_) {
    case Head::waits_for_dependency:
      return "job " + std::to_string(job->id().value()) + " waits for a dependency";
    case Head::waits_for_credits:
      return "job " + std::to_string(job->id().value()) + " waits for credits";
    case Head::runnable:
      break;
  }
  return "job " + std::to_string(job->id().value()) + " is runnable, and its worker was not woken";
}

const Fence* Queue::head_dependency() const {
  const DepJob* head = queued_.front();
  if (!pending_.empty() || head == nullptr || head->next_dependency_ >= head->dependencies_.size()) return nullptr;
  return head->dependencies_[head->next_dependency_].get();
}

}  // namespace gpusim::sched::dep
