// SPDX-License-Identifier: MIT
// JobQueue A: strict order, a counter of dependencies for each job, credits (the RFC jq.rs of February 2026).
//
//   push ─► a callback at each dependency ─► counter is zero ─► kick ─► worker ─► run_job ─► hardware fence
//                                                                ▲                                │
//                                                                └── credits back, done fence ◄───┘
//
// The worker frees what is done, then runs jobs from the front until the front has open dependencies or lacks credits.
// Each kick allocates a work item for a workqueue that all queues share; `worker_active_` sees to it that there is one
// at a time.
//
// What differs from the source, ours: its worker holds the queue's spinlock across run_job(), and its submission across
// the registration of callbacks. Here run_job() may sleep, and callbacks that take the queue's lock under a fence's
// lock would close a circle with a registration under the queue's: so neither is done under the lock. Gaps that the
// source has, or marks as open, are closed here and are planted bugs of the tests. There is no timeout, and no bypass;
// stop and start are the least that a device reset cannot do without.
#pragma once

#include <cstdint>
#include <string>

#include "os/sync.h"
#include "scheduler/jobqueue/queue.h"

namespace gpusim::sched::jq {

class CounterQueue;

/// A work item of one kick.
struct Kick : Counted {
  explicit Kick(CounterQueue& of);
  [[nodiscard]] static std::string describe() { return "of a JobQueue"; }
  CounterQueue& queue;
  os::Work work;
};

class CounterQueue final : public JobQueue, private FenceRelayer {
 public:
  CounterQueue(Component& component, QueueSpec spec, SubmissionBackend& backend);

  [[nodiscard]] os::Task<> push(os::Context& ctx, Job& job) override;
  /// Ours (the source leaves it open). Jobs on the hardware run on; the others end after them, and after what they
  /// depend on.
  void kill(os::Context& ctx, Errno error) override;
  void room_again(os::Context& ctx) override;
  [[nodiscard]] std::string describe_head() const override;
  [[nodiscard]] const Fence* head_dependency() const override;

  /// Ours, for device resets: the worker is held. Violates "jobqueue_state" in start() without a stop().
  [[nodiscard]] os::Task<> stop(os::Context& ctx) override;
  [[nodiscard]] os::Task<> start(os::Context& ctx, Errno error) override;
  /// There are no timeouts: does nothing.
  void trigger_timeout(os::Context& /*ctx*/) override {}

 private:
  friend class Component;
  friend struct Kick;

  enum class Head : std::uint8_t {
    none,
    runnable,
    waits_for_dependency,
    waits_for_credits,
    waits_for_token,    ///< SchedulerOps::may_run_job()
    waits_for_running,  ///< killed, or refused by the driver: jobs on the hardware end first
    ends_unrun,
    held,  ///< stopped
  };

  static os::Task<> work(void* kick, os::Context& ctx);
  [[nodiscard]] os::Task<> worker(os::Context& ctx);
  /// Any context.
  void kick(os::Context& ctx);
  [[nodiscard]] Head look(os::Context& ctx);
  [[nodiscard]] bool credits_suffice(const QueuedJob& job) const;
  [[nodiscard]] const Dependency* first_open(const QueuedJob& job) const;
  [[nodiscard]] os::Task<> run(os::Context& ctx, QueuedJob& job);
  [[nodiscard]] os::Task<> end_unrun(os::Context& ctx);
  [[nodiscard]] FenceRelay complete_from_head(os::Context& ctx);
  FenceRelay after_signal(os::Context& ctx, const FenceRelay& relay) override;

  [[nodiscard]] Errno admits(const JobSpec& spec) const override;
  void reserve(os::Context& /*ctx*/, QueuedJob& /*job*/) override {}
  void give_up(os::Context& /*ctx*/, QueuedJob& /*job*/) override {}
  FenceRelay dependency_signaled(os::Context& ctx, QueuedJob& job, Fence& fence) override;
  [[nodiscard]] FenceRelay hardware_done(os::Context& ctx, QueuedJob& job, Errno error) override;
  [[nodiscard]] os::Task<> shut_down(os::Context& ctx) override;
  void note_references(bool taken) override;
  [[nodiscard]] std::string history() const override;
  void free_self() override;

  bool worker_active_ = false;
  bool revoked_ = false;  // callbacks find nothing any more
  bool refused_ = false;  // the driver did not take the head
  Head head_ = Head::none;
  LinkedList<QueuedJob> waiting_;
  LinkedList<QueuedJob> running_;
  LinkedList<QueuedJob> done_;
  os::WaitQueue idle_;
  Kick spare_;  // ours: for a kick that finds no memory, since a callback cannot fail
};

}  // namespace gpusim::sched::jq
