// SPDX-License-Identifier: MIT
// drm_dep_queue: scheduler and entity in one, one per firmware queue (RFC of March 2026).
//
//   push ─► SPSC job queue ─► submit worker (ordered) ─► dependencies, credits ─► pending list, run_job ─► hardware
//    │                                                                               ▲                      fence
//    └─ bypass: nothing is in the way, so the caller runs the job ───────────────────┘                        │
//                                                                                                              │
//   put worker ◄─ done list ◄─ credits back, finished fence, next timeout, wake the worker  ◄──── done ◄──────┘
//   (or at once)                                                                        (hard IRQ or worker)
//
// Which of its rules the RFC states, and which are ours because no public text says them, is in docs/drm_dep.md.
// Files: queue.cpp has the caller's side, queue_workers.cpp the way of a job through the workers, queue_control.cpp
// timeouts, stop, start, kill and the end of the queue.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "os/delayed_work.h"
#include "os/workqueue.h"
#include "scheduler/dep/job.h"
#include "scheduler/dep/spec.h"
#include "scheduler/submission.h"

namespace gpusim::sched::dep {

class Component;

/// Violates "workqueue_destroyed_busy" if it is freed while its submit workqueue has work, and "sleeping_in_atomic" if
/// the last reference on a job with dependencies is dropped in a hard interrupt.
class Queue final : public SubmissionDomain,
                    public SubmissionQueue,
                    public Counted,
                    private FenceCallback,
                    private FenceRelayer {
 public:
  Queue(Component& component, QueueSpec spec, SubmissionBackend& backend);

  // SubmissionQueue
  /// drm_dep_job_init(). -EINVAL: zero credits, or more than the limit if oversize_rejected.
  [[nodiscard]] Result<Job*> prepare(os::Context& ctx, const JobSpec& spec) override;
  /// drm_dep_job_add_dependency(). At most one fence for each fence context is kept, the later one.
  [[nodiscard]] Errno add_dependency(os::Context& ctx, Job& job, FenceRef fence) override;
  /// drm_dep_job_arm().
  void arm(os::Context& ctx, Job& job) override;
  [[nodiscard]] FenceRef finished_fence(Job& job) override;
  /// drm_dep_job_push(). With bypass, and if nothing is in the way, run_job() runs here.
  [[nodiscard]] os::Task<> push(os::Context& ctx, Job& job) override;
  /// drm_dep_job_put().
  void put_job(os::Context& ctx, Job& job) override;
  /// drm_dep_queue_kill().
  void kill(os::Context& ctx, Errno error) override;
  void room_again(os::Context& ctx) override;
  /// drm_dep_queue_put() by the queue's owner.
  [[nodiscard]] os::Task<> close(os::Context& ctx) override;
  [[nodiscard]] SubmissionDomain& domain() override { return *this; }
  [[nodiscard]] std::uint64_t fence_context() const override { return fence_context_; }
  [[nodiscard]] std::string describe_head() const override;
  [[nodiscard]] const Fence* head_dependency() const override;

  // SubmissionDomain
  [[nodiscard]] std::uint32_t credit_limit() const override { return spec_.credit_limit; }
  [[nodiscard]] std::uint32_t credits_in_flight() const override { return credits_in_flight_; }
  /// drm_dep_queue_stop(). May be nested. Jobs on the hardware still complete and are put.
  [[nodiscard]] os::Task<> stop(os::Context& ctx) override;
  /// drm_dep_queue_start().
  [[nodiscard]] os::Task<> start(os::Context& ctx, Errno error) override;
  /// drm_dep_queue_trigger_timeout().
  void trigger_timeout(os::Context& ctx) override;

  [[nodiscard]] std::string describe() const { return spec_.name; }
  /// References on the queue: its owner's, one for each job, one for each worker at work.
  [[nodiscard]] std::uint32_t queue_references() const { return kref_; }

 private:
  friend class Component;
  friend class DepJob;

  enum class Head : std::uint8_t {
    runnable,
    waits_for_dependency,
    waits_for_credits,
    waits_for_token,    ///< SchedulerOps::may_run_job()
    waits_for_pending,  ///< killed: jobs on the hardware end first
    ends_unrun,         ///< killed, or a dependency failed: completes without running
  };

  enum class Source : std::uint8_t { job_queue, caller };  ///< where a job stands before it runs

  enum class Outcome : std::uint8_t {
    run,
    not_run,     ///< the queue was stopped or killed meanwhile: the job stays where it was
    taken_back,  ///< the driver refused it for now: it is the head of the job queue
  };

  template <os::Task<> (Queue::*Worker)(os::Context&)>
  static os::Task<> work(void* self, os::Context& ctx) {
    return (static_cast<Queue*>(self)->*Worker)(ctx);
  }
  [[nodiscard]] os::Task<> submit_worker(os::Context& ctx);
  [[nodiscard]] os::Task<> done_worker(os::Context& ctx);
  [[nodiscard]] os::Task<> put_worker(os::Context& ctx);
  [[nodiscard]] os::Task<> timeout_worker(os::Context& ctx);

  // The way in
  /// True: the job was run here. `excludes`: keeps the submit worker out meanwhile.
  [[nodiscard]] os::Task<bool> try_bypass(os::Context& ctx, DepJob& job, bool excludes);
  /// The first condition checked that does not hold.
  [[nodiscard]] std::optional<BypassCondition> bypass_refusal(const os::Context& ctx, const DepJob& job,
                                                              bool excludes) const;
  void enqueue(os::Context& ctx, DepJob& job);
  void kick(os::Context& ctx);

  // Dispatch: one context at a time
  [[nodiscard]] bool may_run() const;
  [[nodiscard]] bool credits_suffice(const DepJob& job) const;
  /// Checks what the head still needs, and registers for it.
  [[nodiscard]] Head check_head(os::Context& ctx, DepJob& job);
  [[nodiscard]] bool has_open_dependency(const DepJob& job) const;
  /// False: the head has to wait.
  [[nodiscard]] os::Task<bool> serve_head(os::Context& ctx);
  [[nodiscard]] os::Task<Outcome> run(os::Context& ctx, DepJob& job, Source source);
  void take_back(os::Context& ctx, DepJob& job);

  // The head's dependency has signalled. Any context.
  FenceRelay on_fence_signaled(os::Context& ctx, Fence& fence) override;

  // The way out
  [[nodiscard]] FenceRelay hardware_done(os::Context& ctx, DepJob& job, Errno error);
  [[nodiscard]] FenceRelay complete_from_head(os::Context& ctx);
  [[nodiscard]] FenceRelay complete(os::Context& ctx, DepJob& job);
  /// Jobs that are done in the hard interrupt take it there, too.
  [[nodiscard]] os::SpinKind pending_lock_kind() const {
    return spec_.policy.done == Where::irq ? os::SpinKind::irq : os::SpinKind::plain;
  }
  /// The second half of complete(): the finished fence has signalled.
  FenceRelay after_signal(os::Context& ctx, const FenceRelay& relay) override;
  [[nodiscard]] bool head_is_free() const;
  [[nodiscard]] os::Task<> end_unrun(os::Context& ctx, DepJob& job);
  void trace_done(os::Context& ctx, DepJob& job);
  void hand_to_put(os::Context& ctx, DepJob& job);
  void drop_from_queue(os::Context& ctx, DepJob& job);
  void watch_head(os::Context& ctx);
  /// The head's timeout expires at once.
  [[nodiscard]] bool is_due(const DepJob& head) const;

  // References
  void get();
  [[nodiscard]] bool get_unless_zero();
  void put(os::Context& ctx);
  void release_job(os::Context& ctx, DepJob& job);

  Component& component_;
  QueueSpec spec_;
  SubmissionBackend& backend_;
  std::uint32_t kref_ = 1;
  std::uint64_t fence_context_;
  std::uint64_t next_seqno_ = 1;
  std::uint32_t credits_in_flight_ = 0;
  std::uint32_t stops_ = 0;    // stop() calls not yet ended by start()
  Errno killed_ = Errno::ok;   // what un-run jobs end with
  bool dispatching_ = false;   // a context is in run_job()
  bool gone_ = false;          // the device is: nothing to watch any more
  bool triggered_ = false;     // the timeout expires as soon as it may; moving the timer does not withdraw that
  bool* destroyed_ = nullptr;  // checked by a synchronous close()
  Head head_ = Head::runnable;
  LinkedList<DepJob> queued_;
  LinkedList<DepJob> pending_;
  LinkedList<DepJob> done_;
  os::Mutex lock_;  // BypassLock::mutex and trylock: held across run_job()
  os::WaitQueue dispatch_idle_;
  os::Workqueue submit_wq_;
  os::Workqueue timeout_wq_;
  os::Work submit_work_;
  os::Work done_work_;
  os::Work put_work_;
  os::DelayedWork timeout_work_;
  os::Work teardown_work_;
};

}  // namespace gpusim::sched::dep
