// SPDX-License-Identifier: MIT
// The driver's interface to user space: the ioctls, and the two things that a client does without the kernel (a store
// to mapped memory, nothing else). Clients know this header and no other of the driver.
//
// Every call runs in the client's context and charges entry and exit of the system call. Contexts: may sleep.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "os/context.h"
#include "os/task.h"
#include "scheduler/fence.h"

namespace gpusim::drv {

/// What a sync_file or syncobj holds for user space: a fence.
using SyncFile = sched::FenceRef;

using BufferId = StrongId<struct BufferTag>;

struct QueueParams {
  std::string name;  ///< unique; shown as the ring's name in traces
  ClientId client;
  std::uint32_t engine_mask = 0;  ///< engines it may run on, all of one class
  std::uint32_t priority = 1;     ///< 0..kPriorityLevels-1, 0 served first
};

struct BufferUse {
  BufferId buffer;
  bool write = false;
};

struct ExecArgs {
  QueueId queue;
  std::uint64_t work_ps = 0;           ///< abi::kEndless: until terminate()
  bool work_is_estimate = false;       ///< for the simulator's books only
  std::uint64_t preempt_every_ps = 1;  ///< abi::kPreemptAnywhere, kPreemptNowhere, or a distance
  std::uint32_t credits = 1;
  bool want_started = false;            ///< ExecResult::started is wanted (a submit fence)
  std::span<const SyncFile> in_fences;  ///< explicit dependencies
  std::span<const BufferUse> buffers;   ///< implicit ones: a reader waits for the last writer, a writer for all users
};

struct ExecResult {
  JobId job;
  SyncFile finished;
  SyncFile started;                ///< signals when the job has begun to execute
  std::uint64_t stop_address = 0;  ///< of an endless job
};

class Uapi {
 public:
  virtual ~Uapi() = default;

  /// -ENOSPC: as many queues live as the device has ids; one that was closed lives until the firmware has forgotten it.
  /// -EINVAL: no such engine, or engines of several classes. -ENODEV: the device is gone.
  [[nodiscard]] virtual os::Task<Result<QueueId>> create_queue(os::Context& ctx, const QueueParams& params) = 0;
  virtual os::Task<> set_priority(os::Context& ctx, QueueId queue, std::uint32_t priority) = 0;

  /// Submits one job. The spans must stay valid until the call returns. -EINVAL: unknown queue or zero credits.
  /// -ECANCELED, with KillWay::terminate -EINVAL: the queue is banned, because a job of it hung or was lost with a
  /// reset. -EAGAIN: it has DriverSpec::max_jobs. -ENODEV: the device is gone. After an error the job has left no
  /// trace: no fence, no sequence number.
  [[nodiscard]] virtual os::Task<Result<ExecResult>> exec(os::Context& ctx, const ExecArgs& args) = 0;

  /// Sleeps until the fence has signalled; its error: -ETIME for a job that hung, -EIO for one whose engine was reset
  /// under it, -ECANCELED for those behind it, -ENODEV if the device went away; -ETIMEDOUT, -EINVAL with
  /// KillWay::terminate, for all on the hardware.
  virtual os::Task<Errno> wait(os::Context& ctx, const SyncFile& fence) = 0;

  /// Drops the client's handle. Jobs in flight run on, or are ended (DriverSpec::close_way); then the queue goes.
  virtual os::Task<> close_queue(os::Context& ctx, QueueId queue) = 0;

  /// What the end of the process does to a queue (DriverSpec::kill_way); then as close_queue().
  virtual os::Task<> kill_queue(os::Context& ctx, QueueId queue) = 0;

  [[nodiscard]] virtual BufferId create_buffer(os::Context& ctx) = 0;
  /// Sleeps until every job that used the buffer so far is done (GEM_WAIT, all users).
  virtual os::Task<> wait_buffer(os::Context& ctx, BufferId buffer) = 0;

  /// sw_sync: a fence that the client signals itself.
  [[nodiscard]] virtual SyncFile create_sw_fence(os::Context& ctx) = 0;
  virtual void signal_sw_fence(os::Context& ctx, const SyncFile& fence) = 0;

  /// Ends an endless job by a store to its mapped batch: no system call.
  virtual void terminate(os::Context& ctx, const ExecResult& job) = 0;
};

}  // namespace gpusim::drv
