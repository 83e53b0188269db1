// SPDX-License-Identifier: MIT
#include "scheduler/drm_sched/scheduler.h"

#include <algorithm>

#include "os/host.h"
#include "scheduler/drm_sched/component.h"

namespace gpusim::sched::drm {

Scheduler::Scheduler(Component& component, SchedulerSpec spec, SchedulerOps& backend)
    : component_{component},
      spec_{std::move(spec)},
      backend_{backend},
      submit_wq_{spec_.submit_wq != nullptr ? *spec_.submit_wq
                                            : own_submit_wq_.emplace(component.host_, os::ForSubmission{spec_.level})},
      run_work_{&Scheduler::run_work, this, WorkKind::run_job, spec_.id.value()},
      free_work_{&Scheduler::free_work, this, WorkKind::free_job, spec_.id.value()},
      timeout_work_{spec_.timeout_wq != nullptr ? *spec_.timeout_wq : component.system_wq_, &Scheduler::timeout_work,
                    this, WorkKind::timeout, spec_.id.value()} {
  run_queues_.assign(spec_.run_queues(), RunQueue{*this});
}

// drm_sched_run_job_queue(), __drm_sched_run_free_queue()
void Scheduler::queue_run(os::Context& ctx) {
  if (!paused_) submit_wq_.queue(ctx, run_work_);
}

os::Task<> Scheduler::queue_run_racing(os::Context& ctx) {
  if (paused_) co_return;
  if (spec_.pause_submit_race) co_await ctx.race_point("drm_sched.pause_submit");
  submit_wq_.queue(ctx, run_work_);
}

void Scheduler::queue_free(os::Context& ctx) {
  if (!paused_) submit_wq_.queue(ctx, free_work_);
}

// --- run worker: drm_sched_run_job_work() ----------------------------------------------------------------------------

os::Task<> Scheduler::run_worker(os::Context& ctx) {
  ctx.charge(component_.costs_.worker_pass);
  co_await ctx.step();
  Entity* const entity = select_entity(ctx);
  if (entity == nullptr) {  // no more work
    ctx.host().counters().add_pass(false);
    co_return;
  }

  co_await ctx.race_point("drm_sched.select_pop");
  SchedJob* const popped = co_await entity->pop_job(ctx);
  ctx.host().counters().add_pass(popped != nullptr);
  if (popped == nullptr) {
    entity->complete_idle(ctx);
    co_await queue_run_racing(ctx);
    co_return;
  }
  co_await run(ctx, *entity, *popped);
  co_await queue_run_racing(ctx);
}

os::Task<> Scheduler::run(os::Context& ctx, Entity& entity, SchedJob& job) {
  dispatching_ = true;
  ctx.charge(component_.costs_.dispatch);
  co_await ctx.step();
  begin_job(ctx, job);
  ctx.emit(trace::drm_sched_job_run{.queue = entity.id_,
                                    .job = job.id(),
                                    .context = job.finished_->context(),
                                    .seqno = job.finished_->seqno(),
                                    .queued = entity.queue_.size(),
                                    .in_flight = credits_in_flight()});

  RunResult result = co_await backend_.run_job(ctx, job);

  entity.complete_idle(ctx);
  job.parent_ = result.fence;  // before the signal: waiters for `scheduled` may use it
  co_await job.signal_scheduled(ctx);
  co_await ctx.race_point("drm_sched.run_done");
  if (!result.fence) {
    co_await relaying(ctx, job_done(ctx, job, result.error));
  } else if (!result.fence->add_callback(ctx, job)) {
    co_await relaying(ctx, job_done(ctx, job, result.fence->error()));
  }
  dispatching_ = false;
  wake_flushers(ctx);
}

void Scheduler::wake_flushers(os::Context& ctx) {
  const os::SpinSection section{ctx, component_.wait_lock_, os::SpinKind::wait};
  job_scheduled_.wake_all(ctx);
}

// drm_sched_select_entity(): from here on the entity counts as in use. Run queues are looked at in turn, from KERNEL
// on, until one has an entity that is ready, be it without credits.
Entity* Scheduler::select_entity(os::Context& ctx) {
  if (!spec_.has_run_queues()) return select_single(ctx);
  for (RunQueue& rq : run_queues_) {
    const RunQueue::Selection selected = rq.select(ctx);
    if (selected.entity != nullptr) return selected.lacks_credits ? nullptr : selected.entity;
  }
  return nullptr;
}

// With the correction to the proposal: not an entity that is stopped, whose jobs the kill is taking.
Entity* Scheduler::select_single(os::Context& ctx) {
  Entity* const entity = single_entity_;
  if (entity == nullptr || entity->stopped_ || !entity->is_ready() || !can_queue(ctx, *entity)) return nullptr;
  entity->idle_ = false;
  return entity;
}

// drm_sched_can_queue(): checked before the head's dependencies. A job above the limit is cut down to it.
bool Scheduler::can_queue(os::Context& ctx, Entity& entity) {
  SchedJob& head = *entity.queue_.front();
  if (head.credits() > spec_.credit_limit) head.cut_credits(spec_.credit_limit);
  if (head.credits() <= spec_.credit_limit - credit_count_) return true;
  if (blocked_ != &entity) {
    blocked_ = &entity;
    trace_blocked(ctx, entity);
  }
  if (entities_ > 1) trace_held_up(ctx);  // those, too, that were pushed since
  return false;
}

void Scheduler::trace_blocked(os::Context& ctx, Entity& entity) const {
  const SchedJob& head = *entity.queue_.front();
  entity.traced_blocked_ = head.id();
  ctx.emit(trace::credit_blocked{.queue = entity.id_,
                                 .job = head.id(),
                                 .credits = head.credits(),
                                 .in_flight = credits_in_flight(),
                                 .limit = spec_.credit_limit});
}

// A head without credits holds up all entities: they wait for credits, too.
void Scheduler::trace_held_up(os::Context& ctx) const {
  for (const RunQueue& rq : run_queues_) {
    for (Entity* entity : rq.entities()) {
      if (entity->is_ready() && entity->traced_blocked_ != entity->queue_.front()->id()) trace_blocked(ctx, *entity);
    }
  }
}

RunQueue& Scheduler::run_queue_of(const Entity& entity) {
  const Priority priority = spec_.kernel == Kernel::v7_3 ? entity.priority_at_init_ : entity.priority_;
  return run_queues_[std::min(static_cast<std::size_t>(priority), run_queues_.size() - 1)];
}

Scheduler* Scheduler::pick_best(const std::vector<Scheduler*>& schedulers) {
  Scheduler* best = nullptr;
  for (Scheduler* scheduler : schedulers) {
    if (scheduler->ready_ && (best == nullptr || *scheduler->score_ < *best->score_)) best = scheduler;
  }
  return best;
}

std::vector<Scheduler*> schedulers_of(std::span<SubmissionDomain* const> domains) {
  std::vector<Scheduler*> schedulers;
  for (SubmissionDomain* const domain : domains) schedulers.push_back(static_cast<Scheduler*>(domain));
  return schedulers;
}

// drm_sched_job_begin()
void Scheduler::begin_job(os::Context& ctx, SchedJob& job) {
  credit_count_ += job.credits();
  job.state_ = JobState::running;
  const os::SpinSection section{ctx, component_.job_list_lock_};
  pending_.push_back(&job);
  start_timeout(ctx);
}

// --- completion: drm_sched_job_done(), in the context that signals the hardware fence ------------------------------

FenceRelay Scheduler::job_done(os::Context& ctx, SchedJob& job, Errno error) {
  ctx.charge(component_.costs_.done);
  credit_count_ -= job.credits();
  --*score_;
  const bool head_free = blocked_ != nullptr && !blocked_->queue_.empty() &&
                         blocked_->queue_.front()->credits() <= spec_.credit_limit - credit_count_;
  if (head_free) blocked_ = nullptr;
  ctx.emit(trace::credit_returned{.queue = spec_.id,
                                  .job = job.id(),
                                  .credits = job.credits(),
                                  .in_flight = credits_in_flight(),
                                  .head_free = head_free});
  const Errno preset = job.finished_->error();
  ctx.emit(trace::drm_sched_job_done{.queue = job.entity_.id_,
                                     .job = job.id(),
                                     .context = job.finished_->context(),
                                     .seqno = job.finished_->seqno(),
                                     .error = error != Errno::ok ? error : preset});
  if (job.finished_->is_signaled()) return after_signal(ctx, {});
  job.finished_at_ = ctx.now();
  return {job.finished_, error, this, nullptr};
}

// From here on the job may be gone: the free worker does not wait for the callbacks of its finished fence.
FenceRelay Scheduler::after_signal(os::Context& ctx, const FenceRelay& /*relay*/) {
  queue_free(ctx);
  return {};
}

// --- free worker: drm_sched_free_job_work() --------------------------------------------------------------------------

os::Task<> Scheduler::free_worker(os::Context& ctx) {
  const bool frees_all = spec_.has_sched_rq();
  bool have_more = false;
  while (SchedJob* job = take_finished_job(ctx, have_more)) {
    if (frees_all) {
      // drm_sched_entity_stats_job_add_gpu_time()
      const os::SpinSection stats_section{ctx, component_.stats_lock_};
      const Ktime duration = ktime(job->finished_at_) - ktime(job->scheduled_at_);
      job->entity_.stats_.add_job(duration);
      average_.add(static_cast<std::uint64_t>(duration / 1000));
    }
    ctx.charge(component_.costs_.put);
    co_await ctx.step();
    free_job(ctx, *job);
    if (!frees_all) {
      if (have_more) queue_free(ctx);
      break;
    }
  }
  co_await queue_run_racing(ctx);
}

// drm_sched_get_finished_job(): the head of the pending list, if it has finished; a finished job behind an unfinished
// head stays.
SchedJob* Scheduler::take_finished_job(os::Context& ctx, bool& have_more) {
  const os::SpinSection section{ctx, component_.job_list_lock_};
  if (pending_.empty() || !pending_.front()->finished_->is_signaled()) return nullptr;
  SchedJob* const job = pending_.front();
  pending_.pop_front();
  cancel_timeout(ctx);
  if (!pending_.empty()) {
    SchedJob& next = *pending_.front();
    if (next.scheduled_->is_signaled()) next.scheduled_at_ = job->finished_at_;  // it had the hardware from here on
    have_more = next.finished_->is_signaled();
    start_timeout(ctx);
  }
  return job;
}

// The driver's free_job: drops the scheduler's reference.
void Scheduler::free_job(os::Context& ctx, SchedJob& job) {
  job.dependencies_.clear();
  job.state_ = JobState::freed;
  ctx.emit(trace::job_put{.queue = job.entity_.id_, .job = job.id()});
  component_.put_job(ctx, job);
}

}  // namespace gpusim::sched::drm
