// SPDX-License-Identifier: MIT
// The driver's side of one queue: its ring, its hardware fences, what happens to a job that hangs, teardown. The
// submission component calls back into it.
//
// A queue has two numbers. Its QueueId is unique over the run: traces, the driver's tables and the submission component
// know it by that. Its firmware id is also its doorbell's number and is used again once the firmware has forgotten the
// queue (IdAllocator); only messages, doorbells and the firmware's tables speak of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/fifo.h"
#include "base/ids.h"
#include "firmware/abi/messages.h"
#include "host_driver/device_state.h"
#include "host_driver/ring.h"
#include "host_driver/uapi.h"
#include "os/delayed_work.h"
#include "os/sync.h"
#include "os/workqueue.h"
#include "scheduler/submission.h"

namespace gpusim::drv {

/// Makes the submission component's object for a queue: the driver knows no component by name. `timeout_wq`: where a
/// component that lets the driver choose runs its timeouts (drm_sched_init_args.timeout_wq).
class QueueFactory {
 public:
  virtual ~QueueFactory() = default;
  [[nodiscard]] virtual sched::SubmissionQueue& create_queue(QueueId id, const QueueParams& params,
                                                             std::uint32_t credit_limit,
                                                             sched::SubmissionBackend& backend,
                                                             os::Workqueue& timeout_wq) = 0;
};

class ExecQueue final : public sched::SubmissionBackend {
 public:
  /// Context of the creation: the create ioctl. One user has it: the client's handle.
  ExecQueue(DeviceState& device, QueueFactory& factory, QueueId id, std::uint32_t firmware_id,
            const QueueParams& params, std::uint32_t credit_limit);

  // sched::SubmissionBackend
  [[nodiscard]] os::Task<sched::RunResult> run_job(os::Context& ctx, sched::Job& job) override;
  [[nodiscard]] os::Task<sched::TimeoutVerdict> timedout_job(os::Context& ctx, sched::Job& job) override;
  [[nodiscard]] bool has_room(const sched::Job& job) const override;
  void release_job(os::Context& ctx, sched::Job& job) override;
  [[nodiscard]] os::Task<> queue_fini(os::Context& ctx) override;

  [[nodiscard]] QueueId id() const { return id_; }
  [[nodiscard]] std::uint32_t firmware_id() const { return firmware_id_; }
  [[nodiscard]] const QueueParams& params() const { return params_; }
  [[nodiscard]] sched::SubmissionQueue& submission() const { return submission_; }

  // --- its users: the client's handle, and each ioctl at work on the queue

  /// The client has it.
  [[nodiscard]] bool is_open() const { return life_ == Life::open; }
  /// The client's handle goes; its user is dropped by the caller. What becomes of its jobs, DriverSpec::close_way says.
  /// Any context.
  void close(os::Context& ctx);
  /// By the end of its process, as DriverSpec::kill_way says; then as close(). Pre: is_open(). Any context; never
  /// waits.
  void kill(os::Context& ctx);
  void take_user() { ++users_; }
  /// With the last user the queue closes. Context: may sleep.
  [[nodiscard]] os::Task<> drop_user(os::Context& ctx);

  // --- an exec, under the lock

  /// Serialises prepare..push, so that sequence numbers are in push order.
  [[nodiscard]] os::Mutex& lock() { return lock_; }
  /// Why it accepts no job; ok: it does.
  [[nodiscard]] Errno exec_error() const;
  /// One more job of the client, until release_job().
  void take_job() { ++jobs_; }
  /// Around the last look at exec_error() and the push: a kill in between takes effect at the end, because a component
  /// need not know of jobs that are pushed to a killed queue (drm_sched would never end them). Any context.
  void begin_commit() { committing_ = true; }
  void end_commit(os::Context& ctx);

  // --- the device's interrupts

  /// Completion handler: signals what the device has reached. Charges and pays by job. Several contexts may be in it at
  /// a time, each with a Pin. Context: any; not under a lock.
  [[nodiscard]] os::Task<> complete_reached(os::Context& ctx);
  [[nodiscard]] bool has_pending() const { return !pending_.empty() || !starts_.empty(); }
  /// The firmware has reset an engine under the queue. Hard IRQ.
  void on_reset_notify(os::Context& ctx);

  // --- the firmware's and the device's state

  /// Tells the firmware of the queue, its ring and how far it is. Errors as ControlChannel::send(). Context: may sleep.
  [[nodiscard]] os::Task<Errno> register_with_firmware(os::Context& ctx);
  /// The level that a registration says. The caller tells the firmware of a change.
  void set_priority(std::uint32_t priority) { params_.priority = priority; }
  /// A device reset begins: the firmware will know nothing of the queue.
  void before_reset() { registered_ = false; }
  /// The device in reset has become quiet: a job that waits for ring space need not any longer. Any context.
  void on_quiet(os::Context& ctx) { ring_space_.wake_all(ctx); }
  /// Its end is under way: there are no jobs in it.
  [[nodiscard]] bool is_ending() const { return life_ == Life::ending; }
  /// The device reset has taken everything off the engines: what it means for the jobs. True if it goes on. Pre:
  /// complete_reached() since. Any context; never waits.
  [[nodiscard]] bool after_reset(os::Context& ctx);
  [[nodiscard]] bool is_registered() const { return registered_; }
  /// Every fence signals with -ENODEV. Any context; never waits.
  void on_device_gone(os::Context& ctx);

  /// Keeps the queue from going away while a context is at work in it across a step. Can be kept in a container. A
  /// context that is cut off keeps it.
  class Pin {
   public:
    Pin(os::Context& ctx, ExecQueue& queue) : ctx_{ctx}, queue_{&queue} { ++queue.pins_; }
    ~Pin() noexcept(false) {  // a wake-up may be a choice, and that may end the run
      if (!ctx_.is_cut_off()) release();
    }
    Pin(Pin&& other) noexcept : ctx_{other.ctx_}, queue_{std::exchange(other.queue_, nullptr)} {}
    Pin(const Pin&) = delete;
    Pin& operator=(const Pin&) = delete;
    Pin& operator=(Pin&&) = delete;

    /// Pre: not released.
    [[nodiscard]] ExecQueue& queue() const { return *queue_; }
    /// A second one has no effect.
    void release() {
      ExecQueue* const queue = std::exchange(queue_, nullptr);
      if (queue != nullptr && --queue->pins_ == 0 && queue->pin_wait_.has_sleepers()) queue->pin_wait_.wake_all(ctx_);
    }

   private:
    os::Context& ctx_;
    ExecQueue* queue_;
  };

 private:
  enum class Life : std::uint8_t {
    open,
    closed,  ///< the client's handle is gone; jobs in it still run
    killed,  ///< and jobs that have not run are refused
    ending,  ///< queue_fini() is running
  };
  enum class Standing : std::uint8_t {
    good,
    reset_under,  ///< an engine was reset under it, which it will be banned for
    banned,       ///< all its fences have signalled, and it takes no more jobs
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

  struct PendingFence {
    std::uint64_t value;
    sched::FenceRef fence;
    JobId job;
    std::uint32_t karma =
        0;  ///< as head and not begun: device resets that it has seen, and timeouts that asked for one
    Errno error = Errno::ok;  ///< of a job that was refused behind others: what it signals with in its turn
  };

  [[nodiscard]] bool is_killed() const { return life_ == Life::killed; }
  /// By a process that is gone: the timeout worker takes what it has on the hardware off it.
  [[nodiscard]] bool is_killed_outright() const { return is_killed() && device_.spec.kill_way == KillWay::drain; }
  [[nodiscard]] bool terminates() const { return device_.spec.kill_way == KillWay::terminate; }
  [[nodiscard]] bool is_banned() const { return standing_ == Standing::banned; }

  [[nodiscard]] os::Task<Errno> enable(os::Context& ctx);
  /// A request that survives a device reset: the reset answers it, because the firmware has forgotten everything.
  [[nodiscard]] os::Task<> request_or_reset(os::Context& ctx, abi::Action action);

  /// Kills or drains the component's queue, at once or at the end of the commit under way.
  void kill_submission(os::Context& ctx, Errno error);
  void kill_submission_now(os::Context& ctx, Errno error);
  [[nodiscard]] bool takes_jobs() const;
  /// run_job() of a queue that takes no more jobs: the fence signals after those of earlier jobs.
  [[nodiscard]] sched::RunResult refuse(os::Context& ctx, JobId job);
  /// Of those on the hardware; 0: none is.
  [[nodiscard]] JobId head_job() const { return pending_.empty() ? JobId{} : pending_.front().job; }
  [[nodiscard]] bool is_done(JobId job) const { return pending_.empty() || pending_.front().job > job; }
  [[nodiscard]] Suspicion suspect(os::Context& ctx);
  [[nodiscard]] os::Task<HeadTimeout> judge_timeout(os::Context& ctx, sched::Job& job);
  [[nodiscard]] os::Task<HeadTimeout> judge_not_begun(os::Context& ctx, sched::Job& job, std::uint32_t flags);
  [[nodiscard]] os::Task<HeadTimeout> let_go_on(os::Context& ctx, std::uint32_t flags);
  void signal_pending(os::Context& ctx, Errno head_error, Errno error);
  /// KillWay::terminate: the queue is banned when the hardware has let go of it, and takes no jobs from now on. Any
  /// context; never waits. A second one has no effect.
  void terminate(os::Context& ctx, JobId guilty, Errno error);
  static os::Task<> terminate_work(void* self, os::Context& ctx);
  [[nodiscard]] os::Task<> take_off(os::Context& ctx);
  [[nodiscard]] bool is_victim_of_reset(const PendingFence& head);
  [[nodiscard]] Errno timeout_error() const;
  [[nodiscard]] Errno lost_engine_error() const;
  // TimeoutClock::on_slot
  static os::Task<> slot_timeout_work(void* self, os::Context& ctx);
  void watch_progress(os::Context& ctx);
  [[nodiscard]] os::Task<> check_progress(os::Context& ctx);
  /// Bans the queue: the head's fence signals with `head_error`, the others' with `error`, in order, at once; jobs that
  /// have not run are cancelled. `guilty`: the job, 0 if none. Any context.
  void ban(os::Context& ctx, JobId guilty, Errno head_error, Errno error);

  DeviceState& device_;
  QueueId id_;
  std::uint32_t firmware_id_;
  QueueParams params_;
  Ring ring_;
  os::Mutex lock_;
  os::WaitQueue ring_space_;
  os::WaitQueue pin_wait_;
  std::uint32_t users_ = 1;
  std::uint32_t pins_ = 0;
  std::uint32_t jobs_ = 0;
  Life life_ = Life::open;
  Standing standing_ = Standing::good;
  HeadTimeout head_timeout_ = HeadTimeout::none;
  JobId timed_out_;       // what head_timeout_ is about
  bool judging_ = false;  // timedout_job() is at work
  JobId sampled_job_;     // of the last timeout, for `timeout_stuck`
  Picoseconds sampled_run_{0};
  bool registered_ = false;  // the firmware knows it, or will when it has read what was sent
  bool committing_ = false;
  std::optional<Errno> kill_after_commit_;
  std::uint64_t fence_context_;
  std::uint64_t next_fence_ = 1;
  std::uint64_t next_start_ = 1;
  Fifo<PendingFence> pending_;
  std::uint64_t signalling_ = 0;  // fence value whose fence signals now; 0: none
  Fifo<PendingFence> starts_;
  std::optional<Termination> termination_;
  os::Work terminate_work_;
  os::DelayedWork slot_timeout_;
  sched::SubmissionQueue& submission_;
};

}  // namespace gpusim::drv
