// SPDX-License-Identifier: MIT
// What both shapes of a JobQueue have in common: a job's way up to its push, references, the end of the queue. The rest
// is counter_queue.h and pipeline_queue.h. Which rules the sources state and which are ours is in docs/jobqueue.md.
#pragma once

#include <cstdint>
#include <string>

#include "os/workqueue.h"
#include "scheduler/jobqueue/job.h"
#include "scheduler/jobqueue/spec.h"
#include "scheduler/submission.h"

namespace gpusim::sched::jq {

class Component;

class JobQueue : public SubmissionDomain, public SubmissionQueue, public Counted {
 public:
  JobQueue(Component& component, QueueSpec spec, SubmissionBackend& backend);
  ~JobQueue() override = default;
  JobQueue(const JobQueue&) = delete;
  JobQueue& operator=(const JobQueue&) = delete;

  // SubmissionQueue
  [[nodiscard]] Result<Job*> prepare(os::Context& ctx, const JobSpec& spec) override;
  /// Each fence is kept, also several of one context.
  [[nodiscard]] Errno add_dependency(os::Context& ctx, Job& job, FenceRef fence) override;
  void arm(os::Context& ctx, Job& job) override;
  [[nodiscard]] FenceRef finished_fence(Job& job) override;
  void put_job(os::Context& ctx, Job& job) override;
  /// Asynchronous, as the driver of the pipeline has it: what is left to do follows the last reference.
  [[nodiscard]] os::Task<> close(os::Context& ctx) override;
  [[nodiscard]] SubmissionDomain& domain() override { return *this; }
  [[nodiscard]] std::uint64_t fence_context() const override { return fence_context_; }

  // SubmissionDomain
  [[nodiscard]] std::uint32_t credit_limit() const override { return spec_.capacity; }
  [[nodiscard]] std::uint32_t credits_in_flight() const override { return in_flight_; }

  [[nodiscard]] std::string describe() const { return spec_.name; }
  /// Its owner's, one for each job, one for each worker at work.
  [[nodiscard]] std::uint32_t queue_references() const { return kref_; }

 protected:
  friend class Component;
  friend class Dependency;
  friend class QueuedJob;

  [[nodiscard]] static QueuedJob& queued(Job& job) { return static_cast<QueuedJob&>(job); }

  /// The job's memory is there: -EINVAL and so on if the queue cannot take it.
  [[nodiscard]] virtual Errno admits(const JobSpec& spec) const = 0;
  /// The job is there, and will be pushed or given up; that it was given up.
  virtual void reserve(os::Context& ctx, QueuedJob& job) = 0;
  virtual void give_up(os::Context& ctx, QueuedJob& job) = 0;
  virtual FenceRelay dependency_signaled(os::Context& ctx, QueuedJob& job, Fence& fence) = 0;
  [[nodiscard]] virtual FenceRelay hardware_done(os::Context& ctx, QueuedJob& job, Errno error) = 0;
  /// The driver's part of the teardown is done: ends what could still touch the queue. Context: may sleep.
  [[nodiscard]] virtual os::Task<> shut_down(os::Context& ctx) = 0;
  /// The arena's history of it, for reports; and that it is to be freed.
  virtual void note_references(bool taken) = 0;
  [[nodiscard]] virtual std::string history() const = 0;
  virtual void free_self() = 0;

  /// The first half of every push. Violates "jobqueue_job".
  void check_push(QueuedJob& job) const;
  void trace_push(os::Context& ctx, QueuedJob& job, std::uint32_t queued_before);
  void trace_run(os::Context& ctx, QueuedJob& job, std::uint32_t left);
  void trace_done(os::Context& ctx, QueuedJob& job);
  /// The queue's reference goes.
  void free_job(os::Context& ctx, QueuedJob& job);
  void release_job(os::Context& ctx, QueuedJob& job);

  void get();
  [[nodiscard]] bool get_unless_zero();
  void put(os::Context& ctx);

  Component& component_;
  QueueSpec spec_;
  SubmissionBackend& backend_;
  std::uint32_t in_flight_ = 0;  // credits of jobs on the hardware
  std::uint32_t stops_ = 0;      // stop() calls not yet ended by start()
  Errno killed_ = Errno::ok;     // what un-run jobs end with

 private:
  std::uint64_t fence_context_;
  std::uint64_t next_seqno_ = 1;
  std::uint32_t kref_ = 1;
  os::Work teardown_work_;
};

}  // namespace gpusim::sched::jq
