// SPDX-License-Identifier: MIT
// drm_sched_entity of Linux 6.18 and 7.3 (SchedulerSpec::kernel; drivers/gpu/drm/scheduler/sched_entity.c): a queue of
// jobs, of which its scheduler's run worker is the only consumer, the dependency that its head waits for, and the ways
// it ends: flush, kill, fini. Of several schedulers it takes the one with the least to do whenever a job is armed and
// it has none left. Not modelled: last_user (the flusher counts as the last one to push).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/fifo.h"
#include "os/sync.h"
#include "os/workqueue.h"
#include "scheduler/bypass.h"
#include "scheduler/drm_sched/entity_stats.h"
#include "scheduler/drm_sched/job.h"
#include "scheduler/drm_sched/run_queue.h"
#include "scheduler/drm_sched/spec.h"
#include "scheduler/submission.h"

namespace gpusim::sched::drm {

class Entity final : public SubmissionQueue, public Counted, private FenceCallback {
 public:
  /// `schedulers`: at least one; the first is the one to begin with.
  Entity(Component& component, std::vector<Scheduler*> schedulers, const EntitySpec& spec, QueueOps& ops);

  // SubmissionQueue
  [[nodiscard]] Result<Job*> prepare(os::Context& ctx, const JobSpec& spec) override;
  [[nodiscard]] Errno add_dependency(os::Context& ctx, Job& job, FenceRef fence) override;
  [[nodiscard]] Errno reserve_dependencies(os::Context& ctx, Job& job, std::size_t count) override;
  void add_reserved_dependency(os::Context& ctx, Job& job, FenceRef fence) override;
  [[nodiscard]] FenceRef scheduled_fence(Job& job) override;
  void arm(os::Context& ctx, Job& job) override;
  [[nodiscard]] FenceRef finished_fence(Job& job) override;
  [[nodiscard]] os::Task<> push(os::Context& ctx, Job& job) override;
  void put_job(os::Context& ctx, Job& job) override;
  /// Off the run queue at once; what is queued ends from a work item, as kill_and_wait() says; what is on the hardware
  /// stays there, and its timeout as it is. Among several of a scheduler its jobs get a second before that, as those of
  /// an exiting process do in drm_sched_entity_flush(); here each entity has its own, amdgpu's have one together.
  void kill(os::Context& ctx, Errno error) override;
  void drain(os::Context& ctx, Errno error, bool times_out) override;
  /// Among several of a scheduler: drm_sched_entity_destroy(), which sleeps until all its jobs are on the hardware.
  [[nodiscard]] os::Task<> close(os::Context& ctx) override;
  [[nodiscard]] SubmissionDomain& domain() override;
  [[nodiscard]] std::uint64_t fence_context() const override { return fence_context_ + 1; }
  [[nodiscard]] bool has_fence_context(std::uint64_t context) const override {
    return context == fence_context_ || context == fence_context_ + 1;
  }
  [[nodiscard]] std::string describe_head() const override;
  [[nodiscard]] const Fence* head_dependency() const override { return dependency_.get(); }
  /// amdgpu_ctx.c: LOW, NORMAL and HIGH; KERNEL is the kernel's own.
  void room_again(os::Context& ctx) override;
  void set_level(os::Context& ctx, std::uint32_t level) override { set_priority(ctx, priority_of(level)); }
  void set_domains(os::Context& ctx, std::span<SubmissionDomain* const> domains) override;
  [[nodiscard]] Errno last_error() const override { return last_scheduled_ ? last_scheduled_->error() : Errno::ok; }

  /// What the kernel asks `current` for.
  struct Caller {
    bool exiting = false;  ///< PF_EXITING
    bool killed = false;   ///< SIGKILL
  };
  /// drm_sched_entity_flush(): sleeps until the queue is empty (not the hardware): for ever, or up to a SIGKILL; if
  /// the caller exits, for at most `timeout`, and an exiting, killed caller then kills the entity. Gives what is left
  /// of `timeout`, in whole milliseconds, 0 if it ran out. Context: may sleep.
  [[nodiscard]] os::Task<Picoseconds> flush(os::Context& ctx, Picoseconds timeout, Caller caller);
  /// drm_sched_entity_kill() (static in 6.18): queued jobs end in order, each after the one before and after all its
  /// dependencies, with -ESRCH. A second call does nothing. Context: may sleep.
  [[nodiscard]] os::Task<> kill_and_wait(os::Context& ctx);
  /// drm_sched_entity_fini(): kill, then drop the dependency. Context: may sleep.
  [[nodiscard]] os::Task<> fini(os::Context& ctx);
  /// drm_sched_entity_destroy(): flush for a second, fini. Returns what flush returned.
  [[nodiscard]] os::Task<Picoseconds> destroy(os::Context& ctx, Caller caller);
  /// drm_sched_entity_set_priority(). FAIR: it counts from the next charge on. RR and FIFO: never in 7.3, whose run
  /// queue follows the priority at init; in 6.18 when the entity next chooses among several schedulers. Jobs armed from
  /// here on carry it. Its only caller in 7.3 is amdgpu (amdgpu_ctx.c): where the firmware schedules, the driver tells
  /// the firmware and nobody else.
  void set_priority(os::Context& ctx, Priority priority);
  /// drm_sched_entity_modify_sched(): from the next job on that is armed while none is left.
  void modify_schedulers(os::Context& ctx, std::vector<Scheduler*> schedulers);

  /// entity->rq->sched.
  [[nodiscard]] Scheduler& scheduler() const { return rq_->scheduler(); }
  [[nodiscard]] QueueId id() const { return id_; }
  [[nodiscard]] std::string describe() const;
  [[nodiscard]] std::size_t queued_jobs() const { return queue_.size(); }
  [[nodiscard]] bool has_dependency() const { return static_cast<bool>(dependency_); }
  [[nodiscard]] bool is_stopped() const { return stopped_; }
  [[nodiscard]] bool is_guilty() const { return guilty_; }
  [[nodiscard]] bool is_idle() const { return idle_; }
  [[nodiscard]] Priority priority() const { return priority_; }
  [[nodiscard]] bool is_listed() const { return listed_; }
  /// oldest_job_waiting: its key in the run queue's tree, while it is in it.
  [[nodiscard]] Ktime key() const { return key_; }
  [[nodiscard]] bool is_in_tree() const { return in_tree_; }
  [[nodiscard]] const EntityStats& stats() const { return stats_; }
  [[nodiscard]] const RunQueue& run_queue() const { return *rq_; }

 private:
  friend class Component;
  friend class RunQueue;
  friend class Scheduler;
  friend class SchedJob;

  /// Chooses the scheduler of what is armed next.
  void select_run_queue(os::Context& ctx);
  [[nodiscard]] bool enter_run_queue(os::Context& ctx, SimTime submit_time);
  /// The first condition of the bypass that does not hold.
  [[nodiscard]] std::optional<BypassCondition> bypass_refusal(const SchedJob& job) const;
  [[nodiscard]] bool claim_for_bypass(os::Context& ctx, const SchedJob& job);

  // Consumer: the run worker
  [[nodiscard]] bool is_ready() const { return !queue_.empty() && !dependency_ && !lacks_token_; }
  [[nodiscard]] os::Task<SchedJob*> pop_job(os::Context& ctx);
  [[nodiscard]] bool is_own(const Fence& fence) const { return has_fence_context(fence.context()); }
  void leave_for_hardware(SchedJob& job);
  /// What the head has not been asked about yet; none: it can run.
  [[nodiscard]] FenceRef next_dependency(os::Context& ctx, SchedJob& head);
  [[nodiscard]] os::Task<bool> waits_for_dependency(os::Context& ctx, SchedJob& head);
  void trace_unschedulable(os::Context& ctx, const SchedJob& head, const Fence& dependency) const;
  void complete_idle(os::Context& ctx);
  /// The dependency has signalled. Any context.
  FenceRelay on_fence_signaled(os::Context& ctx, Fence& fence) override;

  // Kill
  static os::Task<> kill_work(void* self, os::Context& ctx);
  void begin_kill(os::Context& ctx);
  void leave_run_queue(os::Context& ctx);
  void on_kill_step(os::Context& ctx, SchedJob& job);
  [[nodiscard]] os::Task<> kill_job(os::Context& ctx, SchedJob& job);
  [[nodiscard]] bool is_flushed() const { return !listed_ || queue_.empty() || stopped_; }

  void get();
  void put(os::Context& ctx);

  Component& component_;
  QueueOps& ops_;
  bool owns_scheduler_ = false;  // 1:1: the scheduler ends with it
  QueueId id_;
  RunQueue* rq_ = nullptr;
  std::vector<Scheduler*> schedulers_;  // to choose from; none: the one that it has is its own for good
  std::uint32_t kref_ = 1;
  std::uint64_t fence_context_;  // of the scheduled fences; the finished ones have the next
  std::uint64_t next_seqno_ = 1;
  Priority priority_;
  Priority priority_at_init_;  // rq_priority
  bool has_guilty_;
  bool guilty_ = false;
  bool stopped_ = false;
  bool listed_ = false;  // entity->list is not empty: from the first push until removed, also without a job
  bool in_tree_ = false;
  Ktime key_ = 0;
  Ktime rr_ts_ = 0;  // its key under RR (7.3)
  EntityStats stats_;
  JobId traced_blocked_;  // for the trace: the head that was last said to wait for credits
  bool kill_asked_ = false;
  bool draining_ = false;
  Fifo<SchedJob*> queue_;
  FenceRef dependency_;
  bool lacks_token_ = false;  // the head; SchedulerOps::may_run_job()
  FenceRef last_scheduled_;
  bool idle_ = true;  // entity_idle: the run worker does not use the entity
  os::WaitQueue idle_wait_;
  os::Work kill_work_;
  os::Work teardown_work_;
};

}  // namespace gpusim::sched::drm
