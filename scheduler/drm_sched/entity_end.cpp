// SPDX-License-Identifier: MIT
// The ways an entity ends: flush, kill, fini; and the references on the pair of entity and scheduler.
#include <algorithm>

#include <fmt/core.h>

#include "os/host.h"
#include "scheduler/drm_sched/component.h"
#include "scheduler/drm_sched/entity.h"

namespace gpusim::sched::drm {

// MAX_WAIT_SCHED_ENTITY_Q_EMPTY
static constexpr Picoseconds kFlushTime = ms(1000);

// --- flush, fini -----------------------------------------------------------------------------------------------------

os::Task<Picoseconds> Entity::flush(os::Context& ctx, Picoseconds timeout, Caller caller) {
  using os::kJiffy;
  os::BlockedOn reason{os::BlockedOn::Kind::other, "drm_sched_entity_flush", 0, 0};
  const auto flushed = [this] { return is_flushed(); };
  Picoseconds left = timeout;
  if (!caller.exiting) {
    reason.is_killable = true;  // wait_event_killable()
    const os::Thread& thread = os::thread_of(ctx, reason.what);
    const auto is_over = [&] { return flushed() || thread.is_killed(); };
    if (!caller.killed) co_await scheduler().job_scheduled_.wait(ctx, reason, is_over);
  } else if (timeout.count() > 0) {
    // schedule_timeout() counts jiffies; where timers are exact, what is left is rounded up.
    const auto counted = [&](SimTime time) {
      const bool exact = component_.host_.spec().timer == os::TimerGranularity::exact;
      return exact ? time : time - time.time_since_epoch() % kJiffy;
    };
    const SimTime begin = ctx.now();
    const SimTime deadline = os::timeout_end(ctx, timeout);
    const bool done = co_await scheduler().job_scheduled_.wait_until(ctx, reason, deadline, flushed);
    const Picoseconds rest = counted(begin) + timeout - counted(ctx.now());
    left = done ? std::max(kJiffy, (rest + kJiffy - Picoseconds{1}) / kJiffy * kJiffy) : Picoseconds{0};
  }
  if (caller.exiting && caller.killed) co_await kill_and_wait(ctx);
  co_return left;
}

os::Task<> Entity::fini(os::Context& ctx) {
  co_await kill_and_wait(ctx);
  if (dependency_) {
    dependency_->remove_callback(ctx, *this);
    dependency_.reset();
  }
  last_scheduled_.reset();
}

os::Task<Picoseconds> Entity::destroy(os::Context& ctx, Caller caller) {
  const Picoseconds left = co_await flush(ctx, kFlushTime, caller);
  co_await fini(ctx);
  co_return left;
}

// --- kill ------------------------------------------------------------------------------------------------------------

void Entity::leave_run_queue(os::Context& ctx) {
  const os::SpinSection entity_section{ctx, component_.entity_lock_};
  stopped_ = true;
  if (scheduler().spec_.has_run_queues()) {
    rq_->remove(ctx, *this);
    return;
  }
  listed_ = false;
  if (scheduler().blocked_ == this) scheduler().blocked_ = nullptr;
}

os::Task<> Entity::kill_and_wait(os::Context& ctx) {
  leave_run_queue(ctx);
  co_await ctx.race_point("drm_sched.kill_idle");
  co_await idle_wait_.wait(ctx, {os::BlockedOn::Kind::other, "drm_sched_entity_kill: entity_idle", 0, 0},
                           [this] { return idle_; });
  FenceRef previous = last_scheduled_;
  ctx.begin_signalling();  // the fences of all that is queued depend on it
  while (!queue_.empty()) {
    SchedJob& job = *queue_.pop_front();
    job.killed_ = true;
    const FenceRef finished = job.finished_;
    if (!previous || !previous->add_callback(ctx, job)) on_kill_step(ctx, job);
    previous = finished;
  }
  ctx.end_signalling();
}

// drm_sched_entity_kill_jobs_cb(): in the context of a fence's signal, so the rest is left to a work item.
void Entity::on_kill_step(os::Context& ctx, SchedJob& job) { component_.system_wq_.queue(ctx, job.kill_work_); }

// drm_sched_entity_kill_jobs_work(). Comes back when a dependency that it has to wait for has signalled. It waits for
// all of them, those looked at before included, and where one is a scheduled fence for the finished one.
os::Task<> Entity::kill_job(os::Context& ctx, SchedJob& job) {
  while (!job.dependencies_.empty()) {
    FenceRef fence = job.dependencies_.front();
    job.dependencies_.erase(job.dependencies_.begin());
    if (fence->finished()) fence = fence->finished();
    if (fence->add_callback(ctx, job)) {
      co_await ctx.step();
      co_return;
    }
  }
  co_await job.signal_scheduled(ctx);
  job.finished_at_ = ctx.now();
  co_await job.finished_->signaling(ctx, Errno::srch);
  job.scheduler_->free_job(ctx, job);
  co_await ctx.step();
}

// --- the interface's kill and close ----------------------------------------------------------------------------------

void Entity::kill(os::Context& ctx, Errno /*error*/) {
  if (kill_asked_ || kref_ == 0) return;  // its end is under way and includes a kill
  kill_asked_ = true;
  if (owns_scheduler_) begin_kill(ctx);
  get();
  component_.system_wq_.queue(ctx, kill_work_);
}

void Entity::begin_kill(os::Context& ctx) {
  ctx.emit(trace::queue_kill{.queue = id_, .error = Errno::srch});
  leave_run_queue(ctx);
}

// xe_guc_submit.c: guc_exec_queue_kill(), and the end of guc_exec_queue_timedout_job().
void Entity::drain(os::Context& ctx, Errno error, bool times_out) {
  if (draining_ || kref_ == 0) return;
  draining_ = true;
  ctx.emit(trace::queue_kill{.queue = id_, .error = error});
  if (times_out) scheduler().queue_timeout_immediately(ctx);
}

os::Task<> Entity::kill_work(void* self, os::Context& ctx) {
  auto& entity = *static_cast<Entity*>(self);
  // The process that exits waits first: amdgpu_flush(), drm_sched_entity_destroy() in v3d_postclose().
  if (!entity.owns_scheduler_) {
    (void)co_await entity.flush(ctx, kFlushTime, {.exiting = true, .killed = false});
    entity.begin_kill(ctx);
    entity.scheduler().wake_flushers(ctx);  // who waits for it in a close: nothing more is handed over
  }
  co_await entity.kill_and_wait(ctx);
  entity.put(ctx);
}

os::Task<> Entity::close(os::Context& ctx) {
  // Of a thread that had been killed before, it is the exit of its process that closes.
  if (!owns_scheduler_) {
    (void)co_await destroy(ctx, {.exiting = os::thread_of(ctx, "drm_sched_entity_destroy").is_killed()});
  }
  put(ctx);
}

void Entity::get() {
  if (kref_ == 0)
    violate("reference_counts", fmt::format("a reference is taken on the entity {}, which ends", describe()));
  ++kref_;
}

void Entity::put(os::Context& ctx) {
  if (kref_ == 0)
    violate("reference_counts", fmt::format("a reference too many is dropped on the entity {}", describe()));
  if (--kref_ != 0) return;
  ctx.emit(trace::queue_fini{.queue = id_});
  component_.teardown_wq_.queue(ctx, teardown_work_);
}

}  // namespace gpusim::sched::drm
