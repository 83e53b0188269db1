// SPDX-License-Identifier: MIT
// The kernel-mode driver: implements the uapi over a submission component, owns queues, buffers and job records,
// handles the device's interrupts. Probes the device (an MMIO read of its version, the channel's address) before the
// first ioctl gets through; resets it when it does not answer; survives its removal.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "host_driver/control_channel.h"
#include "host_driver/device_access.h"
#include "host_driver/exec_queue.h"
#include "host_driver/id_allocator.h"
#include "host_driver/notifier.h"
#include "host_driver/spec.h"
#include "host_driver/uapi.h"
#include "os/host.h"
#include "os/workqueue.h"
#include "scheduler/reservation.h"
#include "scheduler/submission.h"

namespace gpusim::drv {

/// Makes the submission component's object for a queue: the driver knows no component by name.
class QueueFactory {
 public:
  virtual ~QueueFactory() = default;
  [[nodiscard]] virtual sched::SubmissionQueue& create_queue(QueueId id, const QueueParams& params,
                                                             std::uint32_t credit_limit,
                                                             sched::SubmissionBackend& backend) = 0;
};

class Driver final : public Uapi {
 public:
  Driver(os::Host& host, DeviceAccess& device, const abi::DeviceDescriptor& descriptor, const DriverSpec& spec,
         sched::FenceArena& fences, QueueFactory& factory);
  ~Driver() override;

  // Uapi
  [[nodiscard]] os::Task<Result<QueueId>> create_queue(os::Context& ctx, const QueueParams& params) override;
  os::Task<> set_priority(os::Context& ctx, QueueId queue, std::uint32_t priority) override;
  [[nodiscard]] os::Task<Result<ExecResult>> exec(os::Context& ctx, const ExecArgs& args) override;
  os::Task<Errno> wait(os::Context& ctx, const SyncFile& fence) override;
  os::Task<> close_queue(os::Context& ctx, QueueId queue) override;
  os::Task<> kill_queue(os::Context& ctx, QueueId queue) override;
  [[nodiscard]] BufferId create_buffer(os::Context& ctx) override;
  os::Task<> wait_buffer(os::Context& ctx, BufferId buffer) override;
  [[nodiscard]] SyncFile create_sw_fence(os::Context& ctx) override;
  void signal_sw_fence(os::Context& ctx, const SyncFile& fence) override;
  void terminate(os::Context& ctx, const ExecResult& job) override;

  /// A full reset of the device, in the driver's own worker; whoever asks while one is wanted or at work joins it. Any
  /// context; never waits.
  void request_reset(os::Context& ctx, ResetReason reason);
  /// The device is gone for good (unplugged, or it survives no reset): every hardware fence signals with -ENODEV,
  /// nothing is accepted any more, teardown asks nobody. Any context; never waits.
  void device_gone(os::Context& ctx);

  [[nodiscard]] std::uint32_t credit_limit() const {
    return spec_.credit_limit != 0 ? spec_.credit_limit : spec_.ring_entries;
  }
  /// Queues that the firmware still knows, or that have not been torn down.
  [[nodiscard]] std::size_t live_queues() const { return live_queues_; }
  /// Buffers keep the fences of their users; the end of the process drops them.
  void drop_buffers() { buffers_.clear(); }
  /// Violates "reply_credits" if room for an answer is still set aside. After a finished run.
  void check_released() const;
  /// For the stall report: what has to happen before a fence signals, one line a hop.
  [[nodiscard]] std::string explain_fence(std::uint64_t context, std::uint64_t seqno) const;

 private:
  friend class ExecQueue;

  /// A buffer's reservation object and its lock, held by an exec from the look at its users until it is one itself.
  struct Buffer {
    explicit Buffer(os::LockClass lock_class) : lock{lock_class} {}
    sched::Reservation reservation;
    os::Mutex lock;
  };

  class RegisterRead;
  [[nodiscard]] os::Task<std::uint32_t> read_register(os::Context& ctx, std::uint64_t address);
  [[nodiscard]] os::Task<> probe(os::Context& ctx);
  [[nodiscard]] os::Task<> wait_for_probe(os::Context& ctx);
  [[nodiscard]] os::Task<> on_completion_interrupt(os::Context& ctx, std::uint32_t vector);
  [[nodiscard]] os::Task<> on_reply_interrupt(os::Context& ctx);

  // Full reset (device_reset.cpp).
  static os::Task<> reset_work(void* self, os::Context& ctx) { return static_cast<Driver*>(self)->reset_worker(ctx); }
  [[nodiscard]] os::Task<> reset_worker(os::Context& ctx);
  [[nodiscard]] os::Task<> reset_device(os::Context& ctx);
  [[nodiscard]] os::Task<> stop_domains(os::Context& ctx);
  [[nodiscard]] os::Task<> bring_back_queues(os::Context& ctx);
  [[nodiscard]] os::Task<> start_domains(os::Context& ctx);
  /// Sleeps until no reset is wanted or at work.
  [[nodiscard]] os::Task<> wait_for_reset(os::Context& ctx);

  void enter(os::Context& ctx) const { ctx.charge(host_.spec().syscall_entry); }
  void leave(os::Context& ctx) const { ctx.charge(host_.spec().syscall_exit); }
  [[nodiscard]] os::Task<Errno> fail(os::Context& ctx, Errno error) const;
  [[nodiscard]] ExecQueue* find(QueueId queue) const;
  [[nodiscard]] bool valid_mask(std::uint32_t mask) const;
  [[nodiscard]] std::uint32_t allocate_job_record(const ExecArgs& args);
  void free_job_record(std::uint32_t index);
  void mark_active(ExecQueue& queue);
  void forget_queue(ExecQueue& queue);
  /// Drops a reference on the queue; the last one closes it.
  [[nodiscard]] os::Task<> put_user(os::Context& ctx, ExecQueue& queue);
  [[nodiscard]] os::Task<> lock_for_exec(os::Context& ctx, os::Mutex& lock, QueueId queue, JobId job);
  void add_dependencies(os::Context& ctx, ExecQueue& queue, sched::Job& job, const ExecArgs& args);

  os::Host& host_;
  DeviceAccess& device_;
  abi::DeviceDescriptor descriptor_;
  DriverSpec spec_;
  sched::FenceArena& fences_;
  QueueFactory& factory_;
  os::LockClass queue_lock_class_;
  os::LockClass reservation_lock_class_;
  std::unique_ptr<ControlChannel> channel_;
  std::unique_ptr<Notifier> notifier_;
  bool ready_ = false;
  os::WaitQueue ready_wait_;
  std::uint64_t next_job_ = 1;
  std::vector<std::unique_ptr<ExecQueue>> queues_;  // by id; [0] unused
  std::size_t live_queues_ = 0;
  IdAllocator ids_;
  std::vector<ExecQueue*> by_firmware_id_;
  bool gone_ = false;
  bool reset_wanted_ = false;     // or at work
  bool device_is_quiet_ = false;  // in reset: it touches no memory
  ResetReason reset_reason_ = ResetReason::requested;
  std::vector<ExecQueue*> stopped_;  // by the reset that is at work; each is pinned
  os::WaitQueue reset_wait_;
  os::Workqueue reset_wq_;
  os::Work reset_work_;
  std::array<std::vector<ExecQueue*>, abi::kVectors> active_;
  std::vector<JobRecord> jobs_;
  std::vector<std::uint32_t> free_jobs_;
  std::vector<std::unique_ptr<Buffer>> buffers_;
};

}  // namespace gpusim::drv
