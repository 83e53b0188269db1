// SPDX-License-Identifier: MIT
// What the kinds of workload have in common: a queue with its last job, the orderly end, drawing the time of work.
//
// A client whose ioctl fails submits nothing more: it waits for what it has in flight, closes its queues, and reports
// it in its client_finish event. The error of a job, unlike that of an ioctl, does not stop a client.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/errno.h"
#include "base/prng.h"
#include "host_driver/uapi.h"
#include "os/context.h"
#include "os/task.h"
#include "sim/workload/client.h"
#include "sim/workload/spec.h"

namespace gpusim::workload {

/// Where the jobs of a queue can be preempted.
class PreemptionPoints {
 public:
  PreemptionPoints() = default;  ///< anywhere
  PreemptionPoints(const QueueTraits& traits, Prng random)
      : kind_{traits.preemption}, every_{traits.preempt_every}, random_{random} {}

  /// ExecArgs::preempt_every_ps of the next job.
  [[nodiscard]] std::uint64_t next();

 private:
  Preemptible kind_ = Preemptible::anywhere;
  Work every_{};
  std::optional<Prng> random_;
};

struct ClientQueue {
  QueueId id;          ///< 0: not created
  drv::SyncFile last;  ///< finished fence of the last job; a queue's jobs finish in order
  PreemptionPoints points;
  std::uint32_t credits = 1;  ///< of each of its jobs

  [[nodiscard]] bool is_open() const { return id.value() != 0; }
};

/// Creates "<client>.<role>" on the engines of `mask`. `limits_change`: Uapi::set_limits() is for it.
[[nodiscard]] os::Task<Errno> open_queue(os::Context& ctx, const ClientEnvironment& environment, std::string_view role,
                                         std::uint32_t mask, std::uint32_t priority, ClientQueue& queue,
                                         bool limits_change = false);

/// Waits for the last job of each queue, drops the fences, closes the queues, in this order. Skips those not created.
[[nodiscard]] os::Task<> finish_queues(os::Context& ctx, drv::Uapi& uapi, std::span<ClientQueue> queues);

/// The exec ioctl as libdrm's drmIoctl() makes it: again, for as long as it gives -EAGAIN.
[[nodiscard]] os::Task<Result<drv::ExecResult>> exec_again(os::Context& ctx, drv::Uapi& uapi,
                                                           const drv::ExecArgs& args);

/// As the exec ioctl takes it.
[[nodiscard]] drv::Transfer transfer_args(const TransferSpec& transfer);

/// Submits one job, whose work is drawn from `random`; its fence becomes the queue's last.
[[nodiscard]] os::Task<Errno> submit(os::Context& ctx, drv::Uapi& uapi, ClientQueue& queue, const Work& work,
                                     Prng& random, std::span<const drv::SyncFile> in_fences,
                                     const TransferSpec& transfer = {});

/// clock_nanosleep(): a killed process does not return from it.
[[nodiscard]] os::Task<> sleep(os::Context& ctx, const ClientEnvironment& environment, SimTime until);

/// Uniform in [min, max]; a fixed time draws nothing.
[[nodiscard]] Picoseconds draw(const Work& work, Prng& random);

/// The stream "<client>.<clone>.<purpose>" of the run.
[[nodiscard]] Prng random_stream(const ClientEnvironment& environment, std::string_view purpose);

}  // namespace gpusim::workload
