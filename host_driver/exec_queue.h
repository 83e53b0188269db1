// SPDX-License-Identifier: MIT
// A queue as a client has it: its users, what an exec asks of it, and the ways it ends. FirmwareQueue has a ring of its
// own, which the firmware schedules; RingQueue has a place before rings of the kernel. UserQueue is mapped into the
// client: no exec asks anything of it, and it has no component.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/ids.h"
#include "host_driver/device_state.h"
#include "host_driver/uapi.h"
#include "os/sync.h"
#include "scheduler/submission.h"

namespace gpusim::drv {

class DeviceQueue;
class UserQueue;

class ExecQueue {
 public:
  /// Context of the creation: the create ioctl. One user has it: the client's handle.
  ExecQueue(DeviceState& device, QueueId id, const QueueParams& params);
  virtual ~ExecQueue() = default;
  ExecQueue(const ExecQueue&) = delete;
  ExecQueue& operator=(const ExecQueue&) = delete;

  [[nodiscard]] QueueId id() const { return id_; }
  [[nodiscard]] const QueueParams& params() const { return params_; }
  /// Violates "user_queue" if it has none.
  [[nodiscard]] virtual sched::SubmissionQueue& submission() const = 0;
  /// What it has of the device for itself; nullptr: nothing.
  [[nodiscard]] virtual DeviceQueue* device_queue() { return nullptr; }
  /// nullptr: it is not mapped into its client.
  [[nodiscard]] virtual UserQueue* user_queue() { return nullptr; }

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
  /// The client has it under one more name (Entities::client).
  void add_handle() { ++handles_, ++users_; }
  /// One of several handles goes; false: it is the last one, for close(). Any context.
  [[nodiscard]] bool drop_handle();
  /// With the last user the queue closes. Context: may sleep.
  [[nodiscard]] os::Task<> drop_user(os::Context& ctx);
  /// Its level from here on, for who serves the queue. Context: may sleep.
  [[nodiscard]] virtual os::Task<> set_priority(os::Context& ctx, std::uint32_t priority) = 0;

  // --- for the stall report, as sched::SubmissionQueue has it

  [[nodiscard]] virtual std::uint64_t fence_context() const { return submission().fence_context(); }
  [[nodiscard]] virtual bool has_fence_context(std::uint64_t context) const { return context == fence_context(); }
  [[nodiscard]] virtual std::string describe_head() const { return submission().describe_head(); }
  [[nodiscard]] virtual const sched::Fence* head_dependency() const { return submission().head_dependency(); }

  // --- an exec, under the lock

  /// Serialises prepare..push, so that sequence numbers are in push order.
  [[nodiscard]] os::Mutex& lock() { return lock_; }
  /// Why it accepts no job; ok: it does.
  [[nodiscard]] Errno exec_error() const;
  /// One more job of the client, until release().
  void take_job() { ++jobs_; }
  /// Around the last look at exec_error() and the push: a kill in between takes effect at the end, because a component
  /// need not know of jobs that are pushed to a killed queue (drm_sched would never end them). Any context.
  void begin_commit() { committing_ = true; }
  void end_commit(os::Context& ctx);

  /// queue_fini() is running: there are no jobs in it.
  [[nodiscard]] bool is_ending() const { return life_ == Life::ending; }

 protected:
  [[nodiscard]] bool is_killed() const { return life_ == Life::killed; }
  /// All its fences have signalled, and it takes no more jobs.
  [[nodiscard]] virtual bool is_banned() const = 0;
  /// Why it takes no more jobs although nobody has closed it; ok: it does.
  [[nodiscard]] virtual Errno standing_error() const = 0;
  /// kill() has begun; the component's queue is not killed yet. Never waits.
  virtual void on_kill(os::Context& ctx) = 0;
  /// The last user is gone. The object is gone when the call returns, or later. Context: may sleep.
  [[nodiscard]] virtual os::Task<> on_last_user(os::Context& ctx) { return submission().close(ctx); }

  void set_ending() { life_ = Life::ending; }
  void set_level(std::uint32_t priority) { params_.priority = priority; }
  /// Kills or drains the component's queue, at once or at the end of the commit under way. Any context.
  void kill_submission(os::Context& ctx, Errno error);
  /// release_job(): gives back the driver's record.
  void release(os::Context& ctx, const sched::Job& job);

  DeviceState& device_;

 private:
  enum class Life : std::uint8_t {
    open,
    closed,  ///< the client's handle is gone; jobs in it still run
    killed,  ///< and jobs that have not run are refused
    ending,  ///< queue_fini() is running
  };
  virtual void kill_submission_now(os::Context& ctx, Errno error);

  QueueId id_;
  QueueParams params_;
  os::Mutex lock_;
  std::uint32_t users_ = 1;
  std::uint32_t handles_ = 1;
  std::uint32_t jobs_ = 0;
  Life life_ = Life::open;
  bool committing_ = false;
  std::optional<Errno> kill_after_commit_;
};

}  // namespace gpusim::drv
