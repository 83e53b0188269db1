// SPDX-License-Identifier: MIT
// The driver's interface to user space: the ioctls, and the two things that a client does without the kernel (a store
// to mapped memory, nothing else). Clients know this header and no other of the driver.
//
// Every call runs in the client's context and charges entry and exit of the system call. Contexts: may sleep.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "host_driver/queue_limits.h"
#include "os/context.h"
#include "os/task.h"
#include "scheduler/fence.h"
#include "scheduler/reservation.h"

namespace gpusim::drv {

/// What a sync_file or syncobj holds for user space: a fence.
using SyncFile = sched::FenceRef;

using BufferId = StrongId<struct BufferTag>;
using SyncobjId = StrongId<struct SyncobjTag>;

struct QueueParams {
  std::string name;  ///< unique; shown as the ring's name in traces
  ClientId client;
  std::uint32_t engine_mask = 0;  ///< engines it may run on, all of one class
  std::uint32_t priority = 1;     ///< 0..kPriorityLevels-1, 0 served first
  QueueLimits limits;             ///< not with Rings::shared, whose queues the device does not know
};

/// How a job uses a buffer, and with it what it waits for (docs/reference/fences.md): a reader for what writes, a
/// writer for readers, too; `bookkeep`, what takes no part in implicit synchronisation, for moves of the buffer only;
/// `kernel`, such a move, for everybody.
struct BufferUse {
  BufferId buffer;
  sched::Usage usage = sched::Usage::read;
};

/// A point of a timeline syncobj; 0: a binary one.
struct SyncPoint {
  SyncobjId syncobj;
  std::uint64_t point = 0;
};

/// What a wait for points waits for. Both wait for what nobody has submitted yet, too.
enum class WaitFor : std::uint8_t {
  signalled,  ///< DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT
  available,  ///< and _WAIT_AVAILABLE: the point has a fence
};

struct PointWait {
  ClientId client;  ///< for the trace only
  std::span<const SyncPoint> points;
  WaitFor wait_for = WaitFor::signalled;
  bool all = true;          ///< DRM_SYNCOBJ_WAIT_FLAGS_WAIT_ALL; else the first one ends it
  bool by_eventfd = false;  ///< DRM_IOCTL_SYNCOBJ_EVENTFD for each, and one poll() of the descriptors
  std::optional<SimTime> deadline;
};

/// What a job moves beside its work: out of one memory into another, of which one is the device's.
struct Transfer {
  std::uint64_t bytes = 0;  ///< 0: nothing
  bool from_host = false;   ///< else from the device's memory
  bool to_host = false;
};

/// A further job of an exec, which has all else in common with that of ExecArgs.
struct GangMember {
  QueueId queue;
  std::uint64_t work_ps = 0;  ///< not abi::kEndless
};

/// Jobs of a gang, with the leader: AMDGPU_CS_GANG_SIZE (amdgpu_cs.h).
inline constexpr std::size_t kMaxGang = 4;

struct ExecArgs {
  QueueId queue;
  std::uint64_t work_ps = 0;           ///< abi::kEndless: until terminate()
  bool work_is_estimate = false;       ///< for the simulator's books only
  Transfer transfer;                   ///< not with abi::kEndless
  std::uint64_t preempt_every_ps = 1;  ///< abi::kPreemptAnywhere, kPreemptNowhere, or a distance
  std::uint32_t credits = 1;
  bool want_started = false;  ///< ExecResult::started is wanted (a submit fence)
  /// Jobs that depend on it wait for its end, also those of the same ring: DRM_SCHED_FENCE_DONT_PIPELINE, which amdgpu
  /// sets on updates of page tables (amdgpu_vm_sdma_commit()). Shared rings only.
  bool dont_pipeline = false;
  std::span<const SyncFile> in_fences;  ///< explicit dependencies
  std::span<const BufferUse> buffers;   ///< implicit ones
  std::span<const SyncPoint> waits;     ///< further explicit ones
  std::span<const SyncPoint> signals;   ///< get the job's finished fence
  /// The exec is a gang (docs/drm_sched.md, "Gangs"): these jobs, and as their leader that of `queue`, which is handed
  /// to its ring last. All wait for the same; `signals` and the result are the leader's.
  std::span<const GangMember> members;
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
  /// Other limits from now on: a slice that has begun, or an order to leave, goes by the new ones. No ioctl of xe's
  /// does that for one queue (ours); what the firmware is told is xe's. -EINVAL: unknown queue; rings are shared, which
  /// the device does not know as the client's; or the queue was created without QueueLimits::may_change and without
  /// limits.
  [[nodiscard]] virtual os::Task<Errno> set_limits(os::Context& ctx, QueueId queue, const QueueLimits& limits) = 0;

  /// Submits one job. The spans must stay valid until the call returns. -EINVAL: unknown queue, zero credits, an
  /// endless job that moves bytes, or a wait for a point that nobody has submitted yet.
  /// -ECANCELED, with KillWay::terminate -EINVAL: the queue is banned, because a job of it hung or was lost with a
  /// reset. -EAGAIN: it has DriverSpec::max_jobs. -ENODEV: the device is gone. After an error the job has left no
  /// trace: no fence, no sequence number. A gang has the errors of each of its queues, and -EINVAL where rings are not
  /// shared, with more than kMaxGang jobs, two of one queue, or queues of several clients.
  [[nodiscard]] virtual os::Task<Result<ExecResult>> exec(os::Context& ctx, const ExecArgs& args) = 0;

  /// Sleeps until the fence has signalled; its error: -ETIME for a job that hung, -EIO for one whose engine was reset
  /// under it, -ECANCELED for those behind it, -ENODEV if the device went away; -ETIMEDOUT, -EINVAL with
  /// KillWay::terminate, for all on the hardware.
  virtual os::Task<Errno> wait(os::Context& ctx, const SyncFile& fence) = 0;

  /// poll() on a sync_file with a timeout of zero.
  [[nodiscard]] virtual bool has_signalled(os::Context& ctx, const SyncFile& fence) = 0;

  /// Drops the client's handle. Jobs in flight run on, or are ended (DriverSpec::close_way); then the queue goes.
  virtual os::Task<> close_queue(os::Context& ctx, QueueId queue) = 0;

  /// What the end of the process does to a queue (DriverSpec::kill_way); then as close_queue().
  virtual os::Task<> kill_queue(os::Context& ctx, QueueId queue) = 0;

  /// `name`: for reports only.
  [[nodiscard]] virtual SyncobjId create_syncobj(os::Context& ctx, std::string name) = 0;
  /// DRM_IOCTL_SYNCOBJ_(TIMELINE_)SIGNAL: a fence that has signalled.
  virtual void signal_point(os::Context& ctx, const SyncPoint& point) = 0;
  /// DRM_IOCTL_SYNCOBJ_RESET.
  virtual void reset_syncobj(os::Context& ctx, SyncobjId syncobj) = 0;
  /// DRM_IOCTL_SYNCOBJ_TIMELINE_WAIT, or eventfds. Sleeps; a fence's error is not told. -ETIME: not before the
  /// deadline. -ERESTARTSYS: the thread was killed.
  virtual os::Task<Errno> wait_points(os::Context& ctx, const PointWait& wait) = 0;

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
