// SPDX-License-Identifier: MIT
// A client's queue before rings of the kernel: an entity of their schedulers.
#pragma once

#include <span>

#include "host_driver/exec_queue.h"
#include "host_driver/queue_factory.h"

namespace gpusim::drv {

class RingQueue final : public ExecQueue, private sched::QueueOps {
 public:
  /// `rings`: the schedulers of those that it may use, at least one.
  RingQueue(DeviceState& device, QueueFactory& factory, QueueId id, const QueueParams& params,
            std::span<sched::SubmissionDomain* const> rings);

  [[nodiscard]] sched::SubmissionQueue& submission() const override { return submission_; }
  [[nodiscard]] bool has_fence_context(std::uint64_t context) const override {
    return submission_.has_fence_context(context);
  }
  /// For who schedules, and with DriverSpec::high_ring by which rings it goes from then on: amdgpu
  /// (amdgpu_ctx_set_entity_priority()).
  [[nodiscard]] os::Task<> set_priority(os::Context& ctx, std::uint32_t priority) override;

 private:
  // ExecQueue. A context whose job hung may go on submitting: its jobs end with the error (amdgpu), or run (v3d).
  [[nodiscard]] bool is_banned() const override { return false; }
  [[nodiscard]] Errno standing_error() const override { return Errno::ok; }
  void on_kill(os::Context& /*ctx*/) override {}

  // sched::QueueOps
  void release_job(os::Context& ctx, sched::Job& job) override { release(ctx, job); }
  [[nodiscard]] os::Task<> queue_fini(os::Context& ctx) override;

  sched::SubmissionQueue& submission_;
};

}  // namespace gpusim::drv
