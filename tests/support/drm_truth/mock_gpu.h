// SPDX-License-Identifier: MIT
// The mock GPU of drm_sched_truth (README, section 2): the driver of one scheduler and its in-order engine.
#pragma once

#include <deque>
#include <string>

#include "tests/support/drm_truth/world.h"

namespace gpusim::test::truth {

class MockGpu final : public sched::SchedulerOps {
 public:
  MockGpu(World& world, const Phrase& spec);

  [[nodiscard]] const std::string& name() const { return name_; }
  sched::drm::Scheduler* scheduler = nullptr;
  Picoseconds suspended{0};  ///< what suspend_tdr gave

  os::Task<sched::RunResult> run_job(os::Context& ctx, sched::Job& job) override;
  os::Task<sched::TimeoutVerdict> timedout_job(os::Context& ctx, sched::Job& job) override;
  void cancel_job(os::Context& ctx, sched::Job& job) override;
  /// The last reference on one of its scheduler's jobs has been dropped.
  void release_job(os::Context& ctx, sched::Job& job);

  /// Completes from the head all jobs at or below the sequence number, raised by n. How many.
  std::uint64_t advance(os::Context& ctx, std::uint64_t n);
  /// Hardware reset: the ring is empty.
  void clear_ring();

 private:
  void on_end_timer(std::uint64_t job);
  void plan_end(ScriptJob& job);
  void start_head();
  void complete_head(os::Context& ctx);
  void signal(os::Context& ctx, ScriptJob& job, std::int64_t error);
  bool take_off(ScriptJob& job);
  [[nodiscard]] sched::TimeoutVerdict end_timed_out(os::Context& ctx, ScriptJob& job);
  [[nodiscard]] os::Task<> recover(os::Context& ctx, sched::drm::SchedJob& bad);

  World& world_;
  std::string name_;
  bool ring_;
  std::string mode_;
  bool karma_;
  bool skips_errors_;
  Picoseconds reset_;
  Picoseconds handler_time_;
  std::uint64_t context_;
  std::uint64_t next_seqno_ = 1;
  std::uint64_t completed_ = 0;
  std::deque<ScriptJob*> list_;  // on the hardware
};

}  // namespace gpusim::test::truth
