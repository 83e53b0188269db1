// SPDX-License-Identifier: MIT
// The user-mode driver of queues that are mapped into their clients (UserQueue), in front of the kernel's: what needs
// no kernel it does itself, all else is the Driver's ioctl. Clients see the same uapi.
//
//   exec   no system call. What the job depends on is awaited first, by the client's thread, since the device's rings
//          have no waits: values in memory as `wait`, other fences, points and buffers in an ioctl. Then the entry and
//          the doorbell; only what others are to see, points and buffers, needs an ioctl behind it
//   wait   looks at the value in memory again and again, or sleeps in an ioctl until its interrupt
#pragma once

#include <string>
#include <vector>

#include "host_driver/driver.h"
#include "host_driver/user_queue.h"

namespace gpusim::drv {

class UserMode final : public Uapi {
 public:
  /// Pre: the driver's DriverSpec::direct.
  UserMode(Driver& kernel, const DirectSpec& spec) : kernel_{kernel}, spec_{spec} {}

  // Uapi
  [[nodiscard]] os::Task<Result<QueueId>> create_queue(os::Context& ctx, const QueueParams& params) override {
    return kernel_.create_queue(ctx, params);
  }
  os::Task<> set_priority(os::Context& ctx, QueueId queue, std::uint32_t priority) override {
    return kernel_.set_priority(ctx, queue, priority);
  }
  [[nodiscard]] os::Task<Errno> set_limits(os::Context& ctx, QueueId queue, const QueueLimits& limits) override {
    return kernel_.set_limits(ctx, queue, limits);
  }
  /// Also -ECANCELED for a queue that is closed or killed meanwhile, and -EINVAL if ExecArgs::want_started.
  [[nodiscard]] os::Task<Result<ExecResult>> exec(os::Context& ctx, const ExecArgs& args) override;
  os::Task<Errno> wait(os::Context& ctx, const SyncFile& fence) override;
  [[nodiscard]] bool has_signalled(os::Context& ctx, const SyncFile& fence) override;
  os::Task<> close_queue(os::Context& ctx, QueueId queue) override { return kernel_.close_queue(ctx, queue); }
  os::Task<> kill_queue(os::Context& ctx, QueueId queue) override { return kernel_.kill_queue(ctx, queue); }
  [[nodiscard]] SyncobjId create_syncobj(os::Context& ctx, std::string name) override {
    return kernel_.create_syncobj(ctx, std::move(name));
  }
  void signal_point(os::Context& ctx, const SyncPoint& point) override { kernel_.signal_point(ctx, point); }
  void reset_syncobj(os::Context& ctx, SyncobjId syncobj) override { kernel_.reset_syncobj(ctx, syncobj); }
  os::Task<Errno> wait_points(os::Context& ctx, const PointWait& wait) override {
    return kernel_.wait_points(ctx, wait);
  }
  [[nodiscard]] BufferId create_buffer(os::Context& ctx) override { return kernel_.create_buffer(ctx); }
  os::Task<> wait_buffer(os::Context& ctx, BufferId buffer) override { return kernel_.wait_buffer(ctx, buffer); }
  [[nodiscard]] SyncFile create_sw_fence(os::Context& ctx) override { return kernel_.create_sw_fence(ctx); }
  void signal_sw_fence(os::Context& ctx, const SyncFile& fence) override { kernel_.signal_sw_fence(ctx, fence); }
  void terminate(os::Context& ctx, const ExecResult& job) override { kernel_.terminate(ctx, job); }

 private:
  [[nodiscard]] os::Task<Result<ExecResult>> submit(os::Context& ctx, UserQueue& queue, JobId job,
                                                    const ExecArgs& args);
  [[nodiscard]] os::Task<Errno> wait_for_dependencies(os::Context& ctx, QueueId queue, JobId job, const ExecArgs& args);
  /// Context: the client's thread in user mode. -ERESTARTSYS: it was killed.
  [[nodiscard]] os::Task<Errno> wait_for_value(os::Context& ctx, const SyncFile& fence, bool is_dependency);

  Driver& kernel_;
  DirectSpec spec_;
};

}  // namespace gpusim::drv
