// SPDX-License-Identifier: MIT
// One queue's place at the orchestrator: a backend between the submission component and the driver. It says whether
// the queue's head may run (SchedulerOps::may_run_job), and knows of what was run whether it is still on the hardware.
// Everything else it passes on.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "base/ids.h"
#include "scheduler/submission.h"

namespace gpusim::sched::orch {

class Orchestrator;

class TokenGate final : public SubmissionBackend, private FenceCallback {
 public:
  TokenGate(Orchestrator& orchestrator, QueueId id, std::string name, SubmissionBackend& driver)
      : orchestrator_{orchestrator}, id_{id}, name_{std::move(name)}, driver_{driver} {}
  /// The queue that has this as its backend. Before its first job.
  void serve(SubmissionQueue& queue) { queue_ = &queue; }

  // SchedulerOps, QueueOps
  [[nodiscard]] bool may_run_job(os::Context& ctx, const Job& job) override;
  [[nodiscard]] std::string describe_wait() const override;
  [[nodiscard]] os::Task<RunResult> run_job(os::Context& ctx, Job& job) override;
  void release_job(os::Context& ctx, Job& job) override;
  [[nodiscard]] os::Task<> queue_fini(os::Context& ctx) override;
  [[nodiscard]] FenceRef prepare_job(os::Context& ctx, Job& job) override { return driver_.prepare_job(ctx, job); }
  [[nodiscard]] bool has_room(const Job& job) const override { return driver_.has_room(job); }
  [[nodiscard]] std::uint32_t stage_count() const override { return driver_.stage_count(); }
  [[nodiscard]] os::Task<StageAnswer> process_stage(os::Context& ctx, Job& job, std::uint32_t stage,
                                                    Picoseconds elapsed) override {
    return driver_.process_stage(ctx, job, stage, elapsed);
  }
  [[nodiscard]] os::Task<TimeoutVerdict> timedout_job(os::Context& ctx, Job& job) override {
    return driver_.timedout_job(ctx, job);
  }
  void cancel_job(os::Context& ctx, Job& job) override { driver_.cancel_job(ctx, job); }

 private:
  friend class Orchestrator;

  [[nodiscard]] bool is_on_hardware() const { return in_run_job_ || (last_ && !last_->is_signaled()); }
  /// It has a token and nothing to do with it.
  [[nodiscard]] bool is_idle() const { return holds_ && !admitted_ && !is_on_hardware(); }
  /// Sees to it that the end of what is on the hardware is noticed. Context: not under a fence's lock.
  void watch(os::Context& ctx);
  void unwatch(os::Context& ctx);
  /// Adds the run time up to now.
  void account(SimTime now);
  FenceRelay on_fence_signaled(os::Context& ctx, Fence& fence) override;

  Orchestrator& orchestrator_;
  QueueId id_;
  std::string name_;
  SubmissionBackend& driver_;
  SubmissionQueue* queue_ = nullptr;
  JobId asked_;            // the head that was let in, or waits
  bool holds_ = false;     // a token
  bool waits_ = false;     // for one, or with one that it has used up: to go on
  bool admitted_ = false;  // `asked_` may run, and has not begun to
  bool in_run_job_ = false;
  std::uint32_t used_ = 0;  // jobs of this turn
  SimTime since_{};         // when the turn began
  FenceRef last_;           // of what was run the last one's; hardware fences of a queue signal in order
  FenceRef watched_;
  bool is_busy_ = false;  // run time counts from busy_since_ on
  SimTime busy_since_{};
  Picoseconds vruntime_{0};
};

}  // namespace gpusim::sched::orch
