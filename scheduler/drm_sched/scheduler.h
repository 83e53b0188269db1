// SPDX-License-Identifier: MIT
// drm_gpu_scheduler of Linux 6.18 and 7.3 (SchedulerSpec::kernel; drivers/gpu/drm/scheduler/sched_main.c): one or more
// entities, in a run queue for each priority (FAIR: in one), before one in-order piece of hardware.
//
//   Entity::push ─► job queue ─► run worker ─► dependencies, credits ─► pending list, run_job ─► scheduled fence
//                                     ▲                                                              │
//                                     └── free worker ◄─ credits back, finished fence ◄─ hw fence ◄──┘
//                                            (head of the pending list only; 6.18: one job a pass)
//
// The run worker does one job a pass and always queues itself again; a completion wakes the free worker alone, which
// wakes the run worker at its end. The comment of each function names the kernel's function that it follows.
// A head without credits holds up all entities, and credits are looked at before dependencies. Not modelled: deadlines.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "os/delayed_work.h"
#include "os/workqueue.h"
#include "scheduler/drm_sched/entity_stats.h"
#include "scheduler/drm_sched/job.h"
#include "scheduler/drm_sched/run_queue.h"
#include "scheduler/drm_sched/spec.h"
#include "scheduler/submission.h"

namespace gpusim::sched::drm {

class Scheduler final : public SubmissionDomain, public Counted, private FenceRelayer {
 public:
  Scheduler(Component& component, SchedulerSpec spec, SchedulerOps& backend);

  // SubmissionDomain. With Stop::scheduler, stop() within timedout_job() hands the job in question back, as
  // drm_sched_stop(sched, bad) does.
  [[nodiscard]] std::uint32_t credit_limit() const override { return spec_.credit_limit; }
  [[nodiscard]] std::uint32_t credits_in_flight() const override { return credit_count_ + stopped_credits_; }
  [[nodiscard]] os::Task<> stop(os::Context& ctx) override;
  [[nodiscard]] os::Task<> start(os::Context& ctx, Errno error) override;
  void trigger_timeout(os::Context& ctx) override { fault(ctx); }
  void trigger_timeout_for_good(os::Context& ctx) override { queue_timeout_immediately(ctx); }
  void increase_karma(os::Context& ctx, Job& job) override { increase_karma(ctx, static_cast<SchedJob&>(job)); }

  /// drm_sched_stop(): both workers stand still; every pending job loses its hardware fence and its credits, or is
  /// freed if it has completed. `bad`: was taken off by the timeout worker, goes back to the head. Twice without a
  /// start(): sleeps for ever on jobs that have no hardware fence any more. Context: may sleep.
  [[nodiscard]] os::Task<> stop(os::Context& ctx, SchedJob* bad);
  /// drm_sched_start(): what has a hardware fence is on the hardware again, the rest ends with `error`. Context: may
  /// sleep.
  [[nodiscard]] os::Task<> restart(os::Context& ctx, Errno error);
  /// drm_sched_resubmit_jobs(): run_job() again for all that is pending, between stop and start. Context: may sleep.
  [[nodiscard]] os::Task<> resubmit_jobs(os::Context& ctx);
  /// drm_sched_increase_karma(). Any context.
  void increase_karma(os::Context& ctx, SchedJob& bad);

  /// drm_sched_fault(): the timeout worker runs now. Any context.
  void fault(os::Context& ctx);
  /// drm_sched_tdr_queue_imm(): and the timeout is zero for good. Any context.
  void queue_timeout_immediately(os::Context& ctx);
  /// drm_sched_suspend_timeout(): returns what was left, for resume_timeout(). A job that starts arms it again. Any
  /// context. Whole milliseconds (jiffies).
  [[nodiscard]] Picoseconds suspend_timeout(os::Context& ctx);
  void resume_timeout(os::Context& ctx, Picoseconds remaining);

  /// drm_sched_wqueue_stop(), _start(): the workers alone. Context: may sleep.
  [[nodiscard]] os::Task<> stop_workers(os::Context& ctx);
  void start_workers(os::Context& ctx);

  /// For timedout_job(): the driver has dealt with the job that it was called for and gives it up (the mock scheduler
  /// of the kernel's own tests does). Any context.
  void free_timed_out(os::Context& ctx, SchedJob& job);

  /// drm_sched_pick_best(): the one with the least to do among those that are ready, the first of equals; nullptr: none
  /// is ready.
  [[nodiscard]] static Scheduler* pick_best(const std::vector<Scheduler*>& schedulers);
  /// sched->ready: whether entities may choose it. It is, from init to fini, unless the driver says otherwise.
  void set_ready(bool ready) { ready_ = ready; }

  /// drm_sched_fini(): what is on the hardware is cancelled, if the driver can. Context: may sleep.
  [[nodiscard]] os::Task<> fini(os::Context& ctx);

  [[nodiscard]] const SchedulerSpec& spec() const { return spec_; }
  [[nodiscard]] std::string describe() const { return "scheduler " + spec_.name; }
  /// The kernel's counters: credits without those of stopped jobs; load for balancing.
  [[nodiscard]] std::uint32_t credit_count() const { return credit_count_; }
  [[nodiscard]] std::int64_t score() const { return *score_; }
  [[nodiscard]] bool is_gone() const { return gone_; }
  /// Its workers have nothing to do.
  [[nodiscard]] bool is_idle() const { return submit_wq_.is_idle(); }
  [[nodiscard]] std::size_t pending_jobs() const { return pending_.size(); }
  /// avg_job_us: of all its jobs that were freed (FAIR).
  [[nodiscard]] const AverageTime& average() const { return average_; }

 private:
  friend class Component;
  friend class Entity;
  friend class RunQueue;
  friend class SchedJob;

  static os::Task<> run_work(void* self, os::Context& ctx) { return static_cast<Scheduler*>(self)->run_worker(ctx); }
  static os::Task<> free_work(void* self, os::Context& ctx) { return static_cast<Scheduler*>(self)->free_worker(ctx); }
  static os::Task<> timeout_work(void* self, os::Context& ctx) {
    return static_cast<Scheduler*>(self)->timeout_worker(ctx);
  }
  [[nodiscard]] os::Task<> run_worker(os::Context& ctx);
  [[nodiscard]] os::Task<> free_worker(os::Context& ctx);
  [[nodiscard]] os::Task<> timeout_worker(os::Context& ctx);

  [[nodiscard]] Entity* select_entity(os::Context& ctx);
  [[nodiscard]] Entity* select_single(os::Context& ctx);
  [[nodiscard]] bool can_queue(os::Context& ctx, Entity& entity);
  void trace_blocked(os::Context& ctx, Entity& entity) const;
  void trace_held_up(os::Context& ctx) const;
  /// Where an entity belongs.
  [[nodiscard]] RunQueue& run_queue_of(const Entity& entity);
  /// run_job() for a job that has left its entity, and what the run worker does around it. Gives entity_idle back.
  [[nodiscard]] os::Task<> run(os::Context& ctx, Entity& entity, SchedJob& job);
  [[nodiscard]] SchedJob* take_finished_job(os::Context& ctx, bool& have_more);
  void wake_flushers(os::Context& ctx);
  void queue_run(os::Context& ctx);
  /// The same, for coroutines: an exploration may stop between the look at paused_ and queue_work(), if the spec says
  /// so. The kernel has that hole (drm_sched_run_job_queue()): the work is then queued on a scheduler that was stopped
  /// meanwhile, and runs.
  [[nodiscard]] os::Task<> queue_run_racing(os::Context& ctx);
  void queue_free(os::Context& ctx);
  void begin_job(os::Context& ctx, SchedJob& job);
  [[nodiscard]] FenceRelay job_done(os::Context& ctx, SchedJob& job, Errno error);
  FenceRelay after_signal(os::Context& ctx, const FenceRelay& relay) override;
  void free_job(os::Context& ctx, SchedJob& job);

  // Under the lock of the pending list
  void start_timeout(os::Context& ctx);
  void arm_timeout(os::Context& ctx, Picoseconds delay);
  bool cancel_timeout(os::Context& ctx);
  void put_back(os::Context& ctx, SchedJob& job);
  [[nodiscard]] os::Task<> take_off_hardware(os::Context& ctx, SchedJob* bad);

  Component& component_;
  SchedulerSpec spec_;
  SchedulerOps& backend_;
  std::vector<RunQueue> run_queues_;
  std::uint32_t entities_ = 0;       // ever made
  Entity* single_entity_ = nullptr;  // Policy::single_entity
  std::uint32_t credit_count_ = 0;
  std::uint32_t stopped_credits_ = 0;  // of jobs between stop and start: not in the kernel's count, still in flight
  std::int64_t own_score_ = 0;
  std::int64_t* score_ = spec_.score != nullptr ? spec_.score : &own_score_;
  bool paused_ = false;       // pause_submit
  bool dispatching_ = false;  // a job is between its pop and the callback on its hardware fence; for the bypass
  bool gone_ = false;
  bool ready_ = true;
  Entity* blocked_ = nullptr;  // its head lacks credits; for the trace
  AverageTime average_;
  bool free_guilty_ = false;
  std::vector<std::pair<SchedJob*, FenceRef>> handed_back_;  // by the domain's start()
  SchedJob* timing_out_ = nullptr;  // taken off the pending list by the timeout worker, and not back or freed yet
  std::deque<SchedJob*> pending_;
  os::WaitQueue job_scheduled_;
  std::optional<os::Workqueue> own_submit_wq_;
  os::Workqueue& submit_wq_;
  os::Work run_work_;
  os::Work free_work_;
  os::DelayedWork timeout_work_;
  SimTime timeout_expires_{};       // timer.expires: in whole jiffies
  bool timeout_suspended_ = false;  // armed for the end of time
};

/// Domains that are all of drm_sched.
[[nodiscard]] std::vector<Scheduler*> schedulers_of(std::span<SubmissionDomain* const> domains);

}  // namespace gpusim::sched::drm
