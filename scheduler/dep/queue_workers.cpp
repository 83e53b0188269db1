// SPDX-License-Identifier: MIT
// The way of a job through a queue's workers: head of the job queue, run_job, done, put.
#include "os/host.h"
#include "scheduler/dep/component.h"
#include "scheduler/dep/queue.h"

namespace gpusim::sched::dep {

// --- submit worker ---------------------------------------------------------------------------------------------------

bool Queue::may_run() const { return stops_ == 0 && killed_ == Errno::ok; }

bool Queue::credits_suffice(const DepJob& job) const {
  return credits_in_flight_ + job.credits() <= spec_.credit_limit;
}

os::Task<> Queue::submit_worker(os::Context& ctx) {
  component_.queues_.touch(*this, "drm_dep_queue_submit_work");
  if (!get_unless_zero()) co_return;  // zombie: teardown is in flight
  ctx.begin_signalling();
  const bool locks = spec_.policy.bypass && spec_.policy.bypass_lock != BypassLock::ownership;
  bool has_moved = false;
  for (bool goes_on = true; goes_on && !queued_.empty();) {
    if (locks) co_await lock_.lock(ctx);
    const bool is_empty = queued_.empty();
    goes_on = is_empty || co_await serve_head(ctx);
    has_moved = has_moved || (goes_on && !is_empty);
    if (locks) lock_.unlock(ctx);
  }
  ctx.end_signalling();
  ctx.host().counters().add_pass(has_moved);
  co_await ctx.race_point("drm_dep.submit_work_out");
  put(ctx);
}

os::Task<bool> Queue::serve_head(os::Context& ctx) {
  ctx.charge(component_.costs_.worker_pass);
  co_await ctx.step();
  if (stops_ != 0) co_return false;
  DepJob& job = *queued_.front();
  component_.jobs_.touch(job, "drm_dep_queue_run_job");
  head_ = check_head(ctx, job);
  if (head_ == Head::ends_unrun) {
    queued_.pop_front();
    head_ = Head::runnable;
    co_await end_unrun(ctx, job);
    co_return true;
  }
  if (head_ != Head::runnable) co_return false;
  ctx.charge(component_.costs_.dispatch);
  co_await ctx.step();
  co_await ctx.race_point("drm_dep.dispatch");
  // Not run: the next check of the head sees why.
  co_return co_await run(ctx, job, Source::job_queue) != Outcome::taken_back;
}

Queue::Head Queue::check_head(os::Context& ctx, DepJob& job) {
  const bool killed = killed_ != Errno::ok;
  for (; job.next_dependency_ < job.dependencies_.size(); ++job.next_dependency_) {
    if (killed && !spec_.policy.kill_waits_for_dependencies) break;
    Fence& fence = *job.dependencies_[job.next_dependency_];
    if (fence.context() == fence_context_) continue;  // own queue: order is enough
    if (static_cast<FenceCallback&>(*this).is_registered()) return Head::waits_for_dependency;
    if (fence.add_callback(ctx, *this)) {
      ctx.emit(trace::drm_sched_job_unschedulable{.queue = spec_.id,
                                                  .job = job.id(),
                                                  .dependency_context = fence.context(),
                                                  .dependency_seqno = fence.seqno(),
                                                  .context = fence_context_,
                                                  .seqno = job.finished_->seqno()});
      return Head::waits_for_dependency;
    }
    if (spec_.policy.propagate_dependency_errors && fence.error() != Errno::ok && job.result_ == Errno::ok)
      job.result_ = fence.error();
  }
  if (killed) job.result_ = killed_;
  if (job.result_ != Errno::ok) {
    // Its fence may signal only after those before it.
    return pending_.empty() ? Head::ends_unrun : Head::waits_for_pending;
  }
  if (!credits_suffice(job)) {
    ctx.emit(trace::credit_blocked{.queue = spec_.id,
                                   .job = job.id(),
                                   .credits = job.credits(),
                                   .in_flight = credits_in_flight_,
                                   .limit = spec_.credit_limit});
    return Head::waits_for_credits;
  }
  return backend_.may_run_job(ctx, job) ? Head::runnable : Head::waits_for_token;
}

void Queue::room_again(os::Context& ctx) {
  if (head_ != Head::waits_for_token) return;
  head_ = Head::runnable;
  kick(ctx);
}

bool Queue::has_open_dependency(const DepJob& job) const {
  for (const FenceRef& fence : job.dependencies_) {
    if (fence->context() == fence_context_) continue;
    if (!fence->is_signaled()) return true;
    if (spec_.policy.propagate_dependency_errors && fence->error() != Errno::ok) return true;  // the worker ends it
  }
  return false;
}

FenceRelay Queue::on_fence_signaled(os::Context& ctx, Fence& fence) {
  DepJob& job = *queued_.front();
  ctx.emit(trace::dependency_ready{
      .queue = spec_.id, .job = job.id(), .dependency_context = fence.context(), .dependency_seqno = fence.seqno()});
  head_ = Head::runnable;
  kick(ctx);
  return {};
}

os::Task<Queue::Outcome> Queue::run(os::Context& ctx, DepJob& job, Source source) {
  const bool looks =
      source == Source::job_queue || spec_.policy.bypass_requires[static_cast<std::size_t>(BypassCondition::usable)];
  if (looks && !may_run()) co_return Outcome::not_run;
  {
    const os::SpinSection section{ctx, component_.pending_lock_, pending_lock_kind()};
    if (source == Source::job_queue) queued_.pop_front();
    credits_in_flight_ += job.credits();
    pending_.push_back(job);
    job.state_ = JobState::pending;
    dispatching_ = true;
  }
  if (pending_.size() == 1 || spec_.policy.timeout_restart == TimeoutRestart::each_job) watch_head(ctx);
  ctx.emit(trace::drm_sched_job_run{.queue = spec_.id,
                                    .job = job.id(),
                                    .context = fence_context_,
                                    .seqno = job.finished_->seqno(),
                                    .queued = queued_.size(),
                                    .in_flight = credits_in_flight_});

  RunResult result = co_await backend_.run_job(ctx, job);

  co_await ctx.race_point("drm_dep.run_job_returned");
  dispatching_ = false;
  dispatch_idle_.wake_all(ctx);
  if (!result.fence && result.error == Errno::again) {
    take_back(ctx, job);
    co_return Outcome::taken_back;
  }
  // In process context, after run_job, so that the interrupt has nothing to release.
  job.dependencies_.clear();
  if (!result.fence) {
    co_await relaying(ctx, hardware_done(ctx, job, result.error));
    co_return Outcome::run;
  }
  job.parent_ = std::move(result.fence);
  // The hardware may have been faster than run_job's return.
  if (!job.parent_->add_callback(ctx, job)) {
    co_await relaying(ctx, hardware_done(ctx, job, job.parent_->error()));
  } else if (killed_ != Errno::ok && pending_.front() == &job) {
    watch_head(ctx);  // killed while it was handed over
  }
  co_return Outcome::run;
}

// The driver could not take the job now (it is about to be reset): the job is the head of the job queue again, and is
// tried again when a job before it has completed, or after start(); at once only if nothing else would wake it.
void Queue::take_back(os::Context& ctx, DepJob& job) {
  {
    const os::SpinSection section{ctx, component_.pending_lock_, pending_lock_kind()};
    pending_.pop_back();  // jobs go on the hardware one after the other: it is the last
    credits_in_flight_ -= job.credits();
    queued_.push_front(job);
    job.state_ = JobState::queued;
    head_ = Head::waits_for_credits;
  }
  if (pending_.empty()) watch_head(ctx);
  if (pending_.empty() && stops_ == 0) kick(ctx);
}

// --- done ------------------------------------------------------------------------------------------------------------

FenceRelay Queue::hardware_done(os::Context& ctx, DepJob& job, Errno error) {
  component_.jobs_.touch(job, "drm_dep_job_done");
  job.hardware_done_ = true;
  job.result_ = error;
  if (spec_.policy.done == Where::irq) return complete_from_head(ctx);
  submit_wq_.queue(ctx, done_work_);
  return {};
}

os::Task<> Queue::done_worker(os::Context& ctx) {
  component_.queues_.touch(*this, "drm_dep_queue_done_work");
  if (!get_unless_zero()) co_return;
  ctx.begin_signalling();
  co_await relaying(ctx, complete_from_head(ctx));
  co_await ctx.step();
  ctx.end_signalling();
  put(ctx);
}

// In order: a job that was done without hardware, or ahead of its turn, waits for those before it.
FenceRelay Queue::complete_from_head(os::Context& ctx) {
  if (pending_.empty() || !pending_.front()->hardware_done_) return {};
  return complete(ctx, *pending_.front());
}

bool Queue::head_is_free() const {
  const DepJob* head = queued_.front();
  return head != nullptr && ((head_ == Head::waits_for_credits && credits_suffice(*head)) ||
                             (head_ == Head::waits_for_pending && pending_.empty()));
}

FenceRelay Queue::complete(os::Context& ctx, DepJob& job) {
  ctx.charge(component_.costs_.done);
  {
    const os::SpinSection section{ctx, component_.pending_lock_, pending_lock_kind()};
    pending_.pop_front();
    credits_in_flight_ -= job.credits();
  }
  watch_head(ctx);
  ctx.emit(trace::credit_returned{.queue = spec_.id,
                                  .job = job.id(),
                                  .credits = job.credits(),
                                  .in_flight = credits_in_flight_,
                                  .head_free = head_is_free()});
  trace_done(ctx, job);
  return {job.finished_, job.result_, this, &job};
}

FenceRelay Queue::after_signal(os::Context& ctx, const FenceRelay& relay) {
  if (head_is_free()) {
    head_ = Head::runnable;
    kick(ctx);
  }
  hand_to_put(ctx, *static_cast<DepJob*>(relay.job));
  return complete_from_head(ctx);
}

os::Task<> Queue::end_unrun(os::Context& ctx, DepJob& job) {
  if (static_cast<FenceCallback&>(*this).is_registered())
    job.dependencies_[job.next_dependency_]->remove_callback(ctx, *this);
  job.dependencies_.clear();
  trace_done(ctx, job);
  co_await job.finished_->signaling(ctx, job.result_);
  hand_to_put(ctx, job);
}

void Queue::trace_done(os::Context& ctx, DepJob& job) {
  job.state_ = JobState::done;
  ctx.emit(trace::drm_sched_job_done{.queue = spec_.id,
                                     .job = job.id(),
                                     .context = fence_context_,
                                     .seqno = job.finished_->seqno(),
                                     .error = job.result_});
}

// --- put -------------------------------------------------------------------------------------------------------------

void Queue::hand_to_put(os::Context& ctx, DepJob& job) {
  if (spec_.policy.put == Where::irq) {
    ctx.charge(component_.costs_.put);
    drop_from_queue(ctx, job);
    return;
  }
  done_.push_back(job);
  submit_wq_.queue(ctx, put_work_);
}

os::Task<> Queue::put_worker(os::Context& ctx) {
  component_.queues_.touch(*this, "drm_dep_queue_put_job_work");
  if (!get_unless_zero()) co_return;
  while (DepJob* job = done_.pop_front()) {
    ctx.charge(component_.costs_.put);
    co_await ctx.step();
    drop_from_queue(ctx, *job);
  }
  co_await ctx.race_point("drm_dep.put_work_out");
  put(ctx);
}

void Queue::drop_from_queue(os::Context& ctx, DepJob& job) {
  ctx.emit(trace::job_put{.queue = spec_.id, .job = job.id()});
  release_job(ctx, job);
}

}  // namespace gpusim::sched::dep
