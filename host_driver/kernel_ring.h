// SPDX-License-Identifier: MIT
// A ring of the kernel before one engine, which all clients share: amdgpu's kernel rings, v3d, panfrost, etnaviv, lima
// and msm in kind. The host schedules: the queues of clients are entities of the ring's scheduler (RingQueue). The
// firmware knows the ring as one queue, which has its engine to itself.
//
// What a job that hangs costs, DriverSpec::stop_way says:
//
//   workers   amdgpu (7.3, amdgpu_job_timedout()): soft recovery, which ends the work of the job alone; reset of the
//             ring, with the jobs of others written again; reset of the device, which costs all that is in rings
//   resubmit  v3d, panfrost: karma for the job, reset of the device, all that is in rings runs again except the guilty
#pragma once

#include <cstdint>
#include <string>

#include "host_driver/device_queue.h"
#include "host_driver/queue_factory.h"

namespace gpusim::drv {

class KernelRing final : public DeviceQueue, public sched::SchedulerOps, private HardwareQueue::Owner {
 public:
  /// Context of the creation: the driver's load.
  KernelRing(DeviceState& device, QueueFactory& factory, const HardwareQueue::Identity& identity,
             const std::string& name, std::uint32_t credit_limit);

  // DeviceQueue
  [[nodiscard]] HardwareQueue& hardware() override { return hardware_; }
  [[nodiscard]] sched::SubmissionDomain& domain() { return scheduler_; }
  [[nodiscard]] os::Task<> stop(os::Context& ctx) override { return scheduler_.stop(ctx); }
  [[nodiscard]] os::Task<> start(os::Context& ctx) override { return scheduler_.start(ctx, Errno::ok); }
  [[nodiscard]] bool is_ending() const override { return false; }
  void on_reset_notify(os::Context& ctx) override { scheduler_.trigger_timeout(ctx); }
  void on_preempt_missed(os::Context& ctx) override;
  [[nodiscard]] bool after_reset(os::Context& ctx) override;
  void on_device_gone(os::Context& ctx) override;

  // sched::SchedulerOps
  [[nodiscard]] sched::FenceRef prepare_job(os::Context& ctx, sched::Job& job) override;
  [[nodiscard]] os::Task<sched::RunResult> run_job(os::Context& ctx, sched::Job& job) override;
  [[nodiscard]] os::Task<sched::TimeoutVerdict> timedout_job(os::Context& ctx, sched::Job& job) override;

 private:
  // HardwareQueue::Owner
  [[nodiscard]] bool takes(sched::Job& job) const override { return error_of(job) == Errno::ok; }
  [[nodiscard]] sched::RunResult refuse(os::Context& ctx, sched::Job& job) override;
  void on_progress(os::Context& /*ctx*/) override {}

  [[nodiscard]] bool resubmits() const { return device_.spec.stop_way == StopWay::resubmit; }
  [[nodiscard]] sched::FenceRef finished_fence(sched::Job& job) const;
  [[nodiscard]] Errno error_of(sched::Job& job) const;
  [[nodiscard]] os::Task<bool> recover_softly(os::Context& ctx, sched::Job& job);
  [[nodiscard]] os::Task<bool> reset_ring(os::Context& ctx, sched::Job& job);

  DeviceState& device_;
  HardwareQueue hardware_;
  sched::Job* guilty_ = nullptr;  // while the device is reset for it
  sched::SubmissionDomain& scheduler_;
};

}  // namespace gpusim::drv
