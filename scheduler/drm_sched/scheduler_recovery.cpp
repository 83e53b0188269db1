// SPDX-License-Identifier: MIT
// Stop, start, resubmission, karma, and the scheduler's end.
#include <algorithm>
#include <utility>
#include <vector>

#include "os/host.h"
#include "scheduler/drm_sched/component.h"
#include "scheduler/drm_sched/scheduler.h"

namespace gpusim::sched::drm {

os::Task<> Scheduler::stop_workers(os::Context& ctx) {
  paused_ = true;
  co_await submit_wq_.cancel_sync(ctx, run_work_);
  co_await submit_wq_.cancel_sync(ctx, free_work_);
  // Ours: a caller may be in run_job(), which no cancelled work stands for.
  if (dispatching_) {
    co_await job_scheduled_.wait(ctx, {os::BlockedOn::Kind::other, "drm_sched_wqueue_stop: bypass", 0, 0},
                                 [this] { return !dispatching_; });
  }
}

void Scheduler::start_workers(os::Context& ctx) {
  paused_ = false;
  queue_run(ctx);
  queue_free(ctx);
}

os::Task<> Scheduler::stop(os::Context& ctx, SchedJob* bad) {
  co_await stop_workers(ctx);
  ctx.emit(trace::queue_stop{.queue = spec_.id});
  co_await take_off_hardware(ctx, bad);
}

os::Task<> Scheduler::stop(os::Context& ctx) {
  co_await stop_workers(ctx);
  ctx.emit(trace::queue_stop{.queue = spec_.id});
  if (spec_.stop == Stop::workers) co_return;
  // Not the earlier value: the handler may have returned meanwhile and put the job back.
  SchedJob* const bad = timing_out_;
  const auto keep = [this](SchedJob& job) {
    if (spec_.stop == Stop::scheduler && job.parent_) handed_back_.emplace_back(&job, job.parent_);
  };
  handed_back_.clear();
  if (bad != nullptr) keep(*bad);
  for (SchedJob* job : pending_) keep(*job);
  co_await take_off_hardware(ctx, bad);
}

os::Task<> Scheduler::start(os::Context& ctx, Errno error) {
  if (spec_.stop == Stop::workers) {
    ctx.emit(trace::queue_start{.queue = spec_.id});
    {
      const os::SpinSection section{ctx, component_.job_list_lock_};
      if (timing_out_ == nullptr) start_timeout(ctx);  // with the full timeout, as after xe's GT reset
    }
    start_workers(ctx);
    co_await ctx.step();
    co_return;
  }
  if (spec_.stop == Stop::resubmit) {
    co_await resubmit_jobs(ctx);
    co_await restart(ctx, error);
    co_return;
  }
  // panthor's queue_start(): each job that is still pending gets its done fence as parent again; so does one that a
  // timeout has taken since the stop (panthor's timeouts and resets run one after the other).
  if (timing_out_ != nullptr) pending_.push_front(std::exchange(timing_out_, nullptr));
  for (SchedJob* job : pending_) {
    const auto kept =
        std::find_if(handed_back_.begin(), handed_back_.end(), [job](const auto& pair) { return pair.first == job; });
    if (kept != handed_back_.end()) job->parent_ = kept->second;
  }
  handed_back_.clear();
  co_await restart(ctx, error);
}

os::Task<> Scheduler::take_off_hardware(os::Context& ctx, SchedJob* bad) {
  if (bad != nullptr) {
    pending_.push_front(bad);
    timing_out_ = nullptr;
  }
  // From the latest to the earliest; only a timeout can still take from the list now.
  const std::vector<SchedJob*> jobs(pending_.rbegin(), pending_.rend());
  for (SchedJob* job : jobs) {
    if (job->parent_ && job->parent_->remove_callback(ctx, *job)) {
      job->parent_.reset();
      credit_count_ -= job->credits();
      stopped_credits_ += job->credits();
      continue;
    }
    {
      const os::SpinSection section{ctx, component_.job_list_lock_};
      std::erase(pending_, job);
    }
    co_await wait(ctx, job->finished_);  // its callback may still use the job
    if (job == bad) {
      free_guilty_ = true;  // the driver is still using it: the timeout worker frees it
    } else {
      free_job(ctx, *job);
    }
  }
  cancel_timeout(ctx);
}

os::Task<> Scheduler::restart(os::Context& ctx, Errno error) {
  ctx.emit(trace::queue_start{.queue = spec_.id});
  if (timing_out_ != nullptr && !timing_out_->parent_) {
    // Taken off the list by a timeout that struck since the stop, which has taken its hardware fence: it ends here.
    pending_.push_front(std::exchange(timing_out_, nullptr));
  }
  const std::vector<SchedJob*> jobs(pending_.begin(), pending_.end());
  for (SchedJob* job : jobs) {
    credit_count_ += job->credits();
    stopped_credits_ -= std::min(stopped_credits_, job->credits());
    if (!job->parent_) {
      co_await relaying(ctx, job_done(ctx, *job, error != Errno::ok ? error : Errno::canceled));
    } else if (!job->parent_->add_callback(ctx, *job)) {
      const Errno hardware_error = job->parent_->error();
      co_await relaying(ctx, job_done(ctx, *job, hardware_error != Errno::ok ? hardware_error : error));
    }
  }
  {
    const os::SpinSection section{ctx, component_.job_list_lock_};
    start_timeout(ctx);
  }
  start_workers(ctx);
  co_await ctx.step();
}

os::Task<> Scheduler::resubmit_jobs(os::Context& ctx) {
  const Entity* guilty = nullptr;
  const std::vector<SchedJob*> jobs(pending_.begin(), pending_.end());
  for (SchedJob* job : jobs) {
    // The fence context of the first guilty job is guilty from there on: all that follow of its entity.
    if (guilty == nullptr && job->karma_ > spec_.hang_limit) guilty = &job->entity_;
    if (guilty == &job->entity_ && !job->finished_->is_signaled()) job->finished_->set_error(Errno::canceled);
    RunResult result = co_await backend_.run_job(ctx, *job);
    if (!result.fence && result.error != Errno::ok && !job->finished_->is_signaled()) {
      job->finished_->set_error(result.error);
    }
    job->parent_ = std::move(result.fence);
  }
}

void Scheduler::increase_karma(os::Context& ctx, SchedJob& bad) {
  if (bad.priority_ == Priority::kernel) return;
  ++bad.karma_;
  for (std::size_t rq = spec_.has_sched_rq() ? 0 : 1; rq < run_queues_.size(); ++rq) {
    const os::SpinSection section{ctx, component_.rq_lock_};
    const std::vector<Entity*>& entities = run_queues_[rq].entities();
    const auto found = std::find(entities.begin(), entities.end(), &bad.entity_);
    if (found == entities.end()) continue;
    if ((*found)->has_guilty_) (*found)->guilty_ = true;
    return;
  }
}

os::Task<> Scheduler::fini(os::Context& ctx) {
  co_await stop_workers(ctx);
  if (single_entity_ != nullptr && spec_.kernel == Kernel::v6_18) {
    const os::SpinSection section{ctx, component_.entity_lock_};
    single_entity_->stopped_ = true;
  }
  for (RunQueue& rq : run_queues_) {
    if (spec_.kernel != Kernel::v6_18 || rq.entities().empty()) continue;
    co_await ctx.race_point("drm_sched.fini_stopped");  // a push may have looked at `stopped` already
    const os::SpinSection section{ctx, component_.rq_lock_};
    // Without the entity's lock, which would have to be taken first.
    for (Entity* entity : rq.entities()) entity->stopped_ = true;
  }
  wake_flushers(ctx);
  timeout_suspended_ = false;
  co_await timeout_work_.cancel_sync(ctx);
  if (spec_.has_cancel_job) {
    const std::vector<SchedJob*> jobs(pending_.rbegin(), pending_.rend());
    for (SchedJob* job : jobs) {
      backend_.cancel_job(ctx, *job);
      std::erase(pending_, job);
      free_job(ctx, *job);
    }
  }
  gone_ = true;
  ready_ = false;
  co_await ctx.step();
}

}  // namespace gpusim::sched::drm
