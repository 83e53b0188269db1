// SPDX-License-Identifier: MIT
// A queue of a client with a ring of its own, which the firmware schedules: the submission component calls back into
// it. What happens to a job that hangs, a device reset and teardown are those of xe, panthor and amdgpu as DriverSpec
// chooses.
#pragma once

#include <cstdint>
#include <optional>

#include "base/ids.h"
#include "host_driver/device_queue.h"
#include "host_driver/exec_queue.h"
#include "host_driver/queue_factory.h"
#include "os/delayed_work.h"
#include "os/workqueue.h"

namespace gpusim::drv {

class FirmwareQueue final : public ExecQueue,
                            public DeviceQueue,
                            public sched::SubmissionBackend,
                            private HardwareQueue::Owner {
 public:
  FirmwareQueue(DeviceState& device, QueueFactory& factory, QueueId id, std::uint32_t firmware_id,
                const QueueParams& params, std::uint32_t credit_limit);

  // ExecQueue
  [[nodiscard]] sched::SubmissionQueue& submission() const override { return submission_; }
  [[nodiscard]] DeviceQueue* device_queue() override { return this; }
  [[nodiscard]] os::Task<> set_priority(os::Context& ctx, std::uint32_t priority) override;

  // DeviceQueue
  [[nodiscard]] HardwareQueue& hardware() override { return hardware_; }
  [[nodiscard]] os::Task<> stop(os::Context& ctx) override;
  [[nodiscard]] os::Task<> start(os::Context& ctx) override;
  [[nodiscard]] bool is_ending() const override { return ExecQueue::is_ending(); }
  void on_reset_notify(os::Context& ctx) override;
  void on_preempt_missed(os::Context& ctx) override;
  [[nodiscard]] bool after_reset(os::Context& ctx) override;
  void on_device_gone(os::Context& ctx) override;

  // sched::SubmissionBackend
  [[nodiscard]] os::Task<sched::RunResult> run_job(os::Context& ctx, sched::Job& job) override;
  [[nodiscard]] std::uint32_t stage_count() const override { return has_stage_timeout() ? 1 : 0; }
  [[nodiscard]] os::Task<sched::StageAnswer> process_stage(os::Context& ctx, sched::Job& job, std::uint32_t stage,
                                                           Picoseconds elapsed) override;
  [[nodiscard]] os::Task<sched::TimeoutVerdict> timedout_job(os::Context& ctx, sched::Job& job) override;
  /// What the queue does not take any more ends by a kill.
  [[nodiscard]] bool has_room(const sched::Job& /*job*/) const override {
    said_no_room_ = hardware_.is_full() || !takes_jobs();
    return !said_no_room_;
  }
  void release_job(os::Context& ctx, sched::Job& job) override { release(ctx, job); }
  [[nodiscard]] os::Task<> queue_fini(os::Context& ctx) override;

 private:
  enum class Standing : std::uint8_t {
    good,
    reset_under,  ///< an engine was reset under it, which it will be banned for
    banned,
  };
  enum class HeadTimeout : std::uint8_t {
    none,
    open,       ///< the head has timed out, and nothing has shown since that it does not hang
    condemned,  ///< and is guilty: the queue is banned, unless it is done when the device has let go of it
  };
  enum class Suspicion : std::uint8_t {
    none,
    stands_still,  ///< has begun and has not run since the last look: preempted, or its context is lost
    not_begun,
    hung,
  };
  struct Termination {
    JobId guilty;
    Errno error;
  };

  [[nodiscard]] sched::SubmissionDomain& domain() const { return submission_.domain(); }

  // ExecQueue
  [[nodiscard]] bool is_banned() const override { return standing_ == Standing::banned; }
  [[nodiscard]] Errno standing_error() const override;
  void on_kill(os::Context& ctx) override;
  // HardwareQueue::Owner
  [[nodiscard]] bool takes(sched::Job& /*job*/) const override { return takes_jobs(); }
  /// The job's fence signals after those of earlier jobs.
  [[nodiscard]] sched::RunResult refuse(os::Context& ctx, sched::Job& job) override;
  [[nodiscard]] std::optional<Errno> refuses_put_off() const override;
  void on_progress(os::Context& ctx) override { watch_progress(ctx); }
  void on_room(os::Context& ctx) override {
    if (said_no_room_) submission_.room_again(ctx);
  }
  void begin_completions() override { submission_.begin_completions(); }
  [[nodiscard]] bool end_completions(os::Context& ctx) override { return submission_.end_completions(ctx); }
  [[nodiscard]] os::Task<> tick_inline(os::Context& ctx) override { return submission_.tick_inline(ctx); }

  /// By a process that is gone: the timeout worker takes what it has on the hardware off it.
  [[nodiscard]] bool is_killed_outright() const { return is_killed() && device_.spec.kill_way == KillWay::drain; }
  [[nodiscard]] bool terminates() const { return device_.spec.kill_way == KillWay::terminate; }

  [[nodiscard]] bool takes_jobs() const;
  /// Of a job that is not taken; ok: that of its timeout, which is zero by now and signals it, as in xe.
  [[nodiscard]] Errno refusal() const;
  [[nodiscard]] Suspicion suspect(os::Context& ctx);
  [[nodiscard]] os::Task<HeadTimeout> judge_timeout(os::Context& ctx, sched::Job& job);
  [[nodiscard]] os::Task<HeadTimeout> judge_not_begun(os::Context& ctx, sched::Job& job, std::uint32_t flags);
  [[nodiscard]] os::Task<HeadTimeout> make_good(os::Context& ctx, sched::Job& job, std::uint32_t flags);
  [[nodiscard]] os::Task<HeadTimeout> let_go_on(os::Context& ctx, std::uint32_t flags);
  /// KillWay::terminate: the queue is banned when the hardware has let go of it, and takes no jobs from now on. Any
  /// context; never waits. A second one has no effect.
  void terminate(os::Context& ctx, JobId guilty, Errno error);
  static os::Task<> terminate_work(void* self, os::Context& ctx);
  [[nodiscard]] os::Task<> take_off(os::Context& ctx);
  [[nodiscard]] bool is_victim_of_reset();
  [[nodiscard]] Errno timeout_error() const;
  [[nodiscard]] Errno lost_engine_error() const;
  [[nodiscard]] bool has_timeout_by(TimeoutClock clock) const {
    return device_.spec.timeout_clock == clock && device_.spec.job_timeout.count() != 0;
  }
  // TimeoutClock::in_stage
  [[nodiscard]] bool has_stage_timeout() const { return has_timeout_by(TimeoutClock::in_stage); }
  // TimeoutClock::on_slot
  [[nodiscard]] bool has_slot_timeout() const { return has_timeout_by(TimeoutClock::on_slot); }
  static os::Task<> slot_timeout_work(void* self, os::Context& ctx);
  void watch_progress(os::Context& ctx);
  void watch_rest(os::Context& ctx);
  [[nodiscard]] os::Task<> check_progress(os::Context& ctx);
  /// Bans the queue: the head's fence signals with `head_error`, the others' with `error`, in order, at once; jobs that
  /// have not run are cancelled. `guilty`: the job, 0 if none. Any context.
  void ban(os::Context& ctx, JobId guilty, Errno head_error, Errno error);

  HardwareQueue hardware_;
  Standing standing_ = Standing::good;
  HeadTimeout head_timeout_ = HeadTimeout::none;
  JobId timed_out_;       // what head_timeout_ is about
  bool judging_ = false;  // timedout_job() is at work
  std::uint64_t resets_seen_ = 0;
  JobId sampled_job_;  // of the last timeout, for `timeout_stuck`
  Picoseconds sampled_run_{0};
  SimTime ran_at_{};  // when it was last seen to have run since the look before
  std::optional<Termination> termination_;
  os::Work terminate_work_;
  os::DelayedWork slot_timeout_;
  /// The answer to check_progress(), which has disabled the queue and leaves it so to timedout_job(): its flags.
  std::optional<std::uint32_t> left_disabled_;
  mutable bool said_no_room_ = false;  // has_room(), when it was asked last
  sched::SubmissionQueue& submission_;
};

}  // namespace gpusim::drv
