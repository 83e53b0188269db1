// SPDX-License-Identifier: MIT
// drm_dep_queue: scheduler and entity in one, one per firmware queue (RFC of March 2026). This is the queued path:
//
//   push ─► SPSC job queue ─► submit worker (ordered) ─► dependencies, credits ─► pending list, run_job ─► hardware
//   fence
//                                                                                                              │
//   put worker ◄─ done list ◄─ credits back, finished fence, wake the worker  ◄───────── done (hard IRQ) ◄─────┘
//
// Stated by the RFC: merged object, references on queue and job, SPSC queue + pending list, ordered submit worker,
// de-duplication of dependencies by fence context, dependency storage released in process context after run_job, put
// worker, teardown on a module-private workqueue, zombie guard at each worker's entry.
// Ours, because no public text says it (reference/drm_dep.md marks I and U): the worker drains until it is blocked; it
// is kicked by the first push to an empty queue, by the head's dependency and by credits coming back to a head that
// lacks them; the put worker shares the ordered workqueue; a job above the credit limit is clamped to it, as drm_sched
// does; the error of a dependency is not passed on. Bypass, stop/start, kill and timeouts are not modelled here yet.
#pragma once

#include <cstdint>
#include <string>

#include "os/workqueue.h"
#include "scheduler/dep/job.h"
#include "scheduler/dep/spec.h"
#include "scheduler/submission.h"

namespace gpusim::sched::dep {

class Component;

class Queue final : public SubmissionDomain, public SubmissionQueue, public Counted, private FenceCallback {
 public:
  Queue(Component& component, QueueSpec spec, SubmissionBackend& backend);

  // SubmissionQueue
  [[nodiscard]] Result<Job*> prepare(os::Context& ctx, const JobSpec& spec) override;
  void add_dependency(os::Context& ctx, Job& job, FenceRef fence) override;
  void arm(os::Context& ctx, Job& job) override;
  [[nodiscard]] FenceRef finished_fence(Job& job) override;
  [[nodiscard]] os::Task<> push(os::Context& ctx, Job& job) override;
  void put_job(os::Context& ctx, Job& job) override;
  [[nodiscard]] os::Task<> close(os::Context& ctx) override;
  void kill(os::Context& ctx, Errno error) override;
  [[nodiscard]] SubmissionDomain& domain() override { return *this; }
  [[nodiscard]] std::uint64_t fence_context() const override { return fence_context_; }
  [[nodiscard]] std::string describe_head() const override;
  [[nodiscard]] const Fence* head_dependency() const override;

  // SubmissionDomain
  [[nodiscard]] std::uint32_t credit_limit() const override { return spec_.credit_limit; }
  [[nodiscard]] std::uint32_t credits_in_flight() const override { return credits_in_flight_; }
  [[nodiscard]] os::Task<> stop(os::Context& ctx) override;
  [[nodiscard]] os::Task<> start(os::Context& ctx, Errno error) override;
  void trigger_timeout(os::Context& ctx) override;

  [[nodiscard]] std::string describe() const { return spec_.name; }

 private:
  friend class Component;
  friend class DepJob;

  enum class Head : std::uint8_t { runnable, waits_for_dependency, waits_for_credits };

  static os::Task<> submit_work(void* self, os::Context& ctx) { return static_cast<Queue*>(self)->submit_worker(ctx); }
  static os::Task<> put_work(void* self, os::Context& ctx) { return static_cast<Queue*>(self)->put_worker(ctx); }
  [[nodiscard]] os::Task<> submit_worker(os::Context& ctx);
  [[nodiscard]] os::Task<> put_worker(os::Context& ctx);

  /// Looks at the head's remaining dependencies and credits; registers for what it has to wait for.
  [[nodiscard]] Head check_head(os::Context& ctx, DepJob& job);
  [[nodiscard]] os::Task<> run(os::Context& ctx, DepJob& job);

  // The head's dependency has signalled. Any context.
  void on_fence_signaled(os::Context& ctx, Fence& fence) override;
  void job_done(os::Context& ctx, DepJob& job, Errno error);

  void get();
  [[nodiscard]] bool get_unless_zero();
  void put(os::Context& ctx);
  void release_job(os::Context& ctx, DepJob& job);
  [[nodiscard]] trace::Event event(trace::EventKind kind, const DepJob& job) const;

  Component& component_;
  QueueSpec spec_;
  SubmissionBackend& backend_;
  std::uint32_t kref_ = 1;
  std::uint64_t fence_context_;
  std::uint64_t next_seqno_ = 1;
  std::uint32_t credits_in_flight_ = 0;
  Head head_ = Head::runnable;
  JobList queued_;
  JobList pending_;
  JobList done_;
  os::Workqueue submit_wq_;
  os::Work submit_work_;
  os::Work put_work_;
  os::Work teardown_work_;
};

}  // namespace gpusim::sched::dep
