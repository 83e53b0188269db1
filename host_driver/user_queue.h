// SPDX-License-Identifier: MIT
// A queue that is mapped into its client: ring, doorbell and the value that the device writes. No component and no call
// of the kernel is between client and device; the firmware knows the queue from its creation on. amdgpu's user queues
// in kind; docs/direct.md has the rules with their sources.
//
//   in user mode   submit(): room, entry, doorbell. A job's finished fence is a value in memory
//   in the kernel  fences for such values, and with them a work that notices a hang; what firmware, reset and teardown
//                  mean for the queue
#pragma once

#include <cstdint>
#include <string>

#include "base/fifo.h"
#include "host_driver/device_queue.h"
#include "host_driver/eviction.h"
#include "host_driver/exec_queue.h"
#include "os/delayed_work.h"

namespace gpusim::drv {

class UserQueue final : public ExecQueue, public DeviceQueue, private HardwareQueue::Owner {
 public:
  /// Context of the creation: the create ioctl, which then calls make_known(). Pre: DriverSpec::direct.
  UserQueue(DeviceState& device, Eviction& eviction, QueueId id, std::uint32_t firmware_id, const QueueParams& params);
  ~UserQueue() override;

  // --- in user mode

  /// Waits for room, writes the entry and rings the doorbell. -ECANCELED: the queue is banned, killed or closed;
  /// -ENODEV: the device is gone. As the driver says it in memory that the client can read (ours). -ERESTARTSYS: the
  /// thread was killed. Context: a client's thread, with a Pin.
  [[nodiscard]] os::Task<Result<ExecResult>> submit(os::Context& ctx, JobId job, const ExecArgs& args, bool interrupts);

  // --- in the kernel

  /// In the create ioctl: sleeps until its process is not evicted and no device reset is under way. Context: may sleep;
  /// with a Pin.
  [[nodiscard]] os::Task<> wait_until_mappable(os::Context& ctx);
  /// The end of the create ioctl. Context: may sleep; with a Pin.
  [[nodiscard]] os::Task<> make_known(os::Context& ctx);
  /// Of its process: it is waited for before a fence is made.
  [[nodiscard]] Eviction& eviction() { return eviction_; }
  /// A dma_fence for the value `value`, which the device has not written yet. Any context.
  [[nodiscard]] sched::FenceRef fence_at(os::Context& ctx, std::uint64_t value);

  // For Eviction, with a Pin. Context: may sleep.
  /// dma_fence_wait() of the last fence of the kernel: a kill does not end it.
  [[nodiscard]] os::Task<> wait_for_last_fence(os::Context& ctx);
  /// The firmware forgets it, and its doorbells are lost. Pre: no fence of the kernel is open.
  [[nodiscard]] os::Task<> unmap(os::Context& ctx);
  /// Ends that: the firmware looks at the write index.
  [[nodiscard]] os::Task<> map(os::Context& ctx);

  // ExecQueue
  [[nodiscard]] sched::SubmissionQueue& submission() const override;
  [[nodiscard]] DeviceQueue* device_queue() override { return this; }
  [[nodiscard]] UserQueue* user_queue() override { return this; }
  [[nodiscard]] os::Task<> set_priority(os::Context& ctx, std::uint32_t priority) override;
  [[nodiscard]] std::uint64_t fence_context() const override { return fence_context_; }
  /// Those that fence_at() has made have a context each.
  [[nodiscard]] bool has_fence_context(std::uint64_t context) const override {
    return context == fence_context_ || hardware_.has_pending_fence(context);
  }
  [[nodiscard]] std::string describe_head() const override;
  [[nodiscard]] const sched::Fence* head_dependency() const override { return nullptr; }

  // DeviceQueue
  [[nodiscard]] HardwareQueue& hardware() override { return hardware_; }
  /// A device in reset takes no doorbell, and the client is not stopped.
  [[nodiscard]] os::Task<> stop(os::Context& ctx) override { co_await ctx.step(); }
  [[nodiscard]] os::Task<> start(os::Context& ctx) override { co_await ctx.step(); }
  [[nodiscard]] bool is_always_known() const override { return !is_evicted_; }
  [[nodiscard]] bool is_ending() const override { return ExecQueue::is_ending(); }
  void on_reset_notify(os::Context& ctx) override;
  void on_preempt_missed(os::Context& ctx) override;
  [[nodiscard]] bool after_reset(os::Context& ctx) override;
  void on_device_gone(os::Context& ctx) override;

 private:
  enum class Standing : std::uint8_t {
    good,
    condemned,  ///< hangs, as far as the driver knows: banned when the hardware has let go of it
    banned,
  };
  /// In the ring, and its value has not been written.
  struct Job {
    std::uint64_t value = 0;
    sched::FenceRef finished;
    JobId id;
    std::uint32_t record = 0;
  };

  // ExecQueue
  [[nodiscard]] bool is_banned() const override { return standing_ == Standing::banned; }
  [[nodiscard]] Errno standing_error() const override { return is_banned() ? Errno::canceled : Errno::ok; }
  void on_kill(os::Context& /*ctx*/) override {}
  [[nodiscard]] os::Task<> on_last_user(os::Context& ctx) override;
  void kill_submission_now(os::Context& /*ctx*/, Errno /*error*/) override {}
  // HardwareQueue::Owner: nothing comes through run_job().
  [[nodiscard]] bool takes(sched::Job& /*job*/) const override { return false; }
  [[nodiscard]] sched::RunResult refuse(os::Context& /*ctx*/, sched::Job& /*job*/) override { return {}; }
  void on_progress(os::Context& /*ctx*/) override {}
  [[nodiscard]] bool end_completions(os::Context& ctx) override;
  [[nodiscard]] bool needs_look() const override;
  void on_value_written() override;

  [[nodiscard]] Errno submit_error() const;
  void end_first(Errno error);
  void end_all(Errno first_error, Errno error);
  /// All fences and jobs end: the first ones with `first_error`, the others with `error`. Any context; never waits.
  void give_up(os::Context& ctx, Errno first_error, Errno error);
  void watch_for_hang(os::Context& ctx);
  static os::Task<> hang_work(void* self, os::Context& ctx) { return static_cast<UserQueue*>(self)->on_hang(ctx); }
  [[nodiscard]] os::Task<> on_hang(os::Context& ctx);
  /// Its jobs end: the first one with `error`, the others with -ECANCELED. Any context; never waits.
  void ban(os::Context& ctx, Errno error);

  Eviction& eviction_;
  HardwareQueue hardware_;
  std::uint64_t fence_context_;  // of the values
  Fifo<Job> jobs_;
  Standing standing_ = Standing::good;
  bool is_evicted_ = false;
  Errno hang_error_ = Errno::time;  // of the job that is to blame
  os::WaitQueue last_fence_;
  os::DelayedWork hang_;
  std::uint64_t oldest_ = 0;  // value of the oldest fence that the hang work is armed for
};

}  // namespace gpusim::drv
