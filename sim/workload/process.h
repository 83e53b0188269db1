// SPDX-License-Identifier: MIT
// A client's process that a scenario kills (fault.kill_client): what it has open, and its end by SIGKILL. It stands
// between the client and the driver, for such clients only.
//
// As in the kernel the signal takes effect where the thread would return to user mode: a killable sleep ends at once, a
// system call that cannot be interrupted runs to its end first. Then the thread is the process' exit: its software
// fences signal with -ENOENT, and its queues are closed as DriverSpec::kill_way says, so that their jobs' fences
// signal, with an error if the driver ends them. Buffers and syncobjs stay, because others have them, too: what the
// client would have submitted to a timeline is never submitted, and who waits for that waits on
// (docs/reference/fences.md). Not modelled: other threads of the process, and the time that the signal itself takes.
#pragma once

#include <coroutine>
#include <vector>

#include "host_driver/uapi.h"
#include "os/thread.h"

namespace gpusim::workload {

class Process final : public drv::Uapi {
 public:
  explicit Process(drv::Uapi& driver) : driver_{driver} {}

  /// SIGKILL to its thread. Any context; never waits.
  void kill(os::Thread& thread) {
    killed_ = true;
    thread.kill();
  }
  [[nodiscard]] bool is_killed() const { return killed_; }

  /// Runs `body`, what the process does in user mode, to its end or up to the kill; then its frames are gone. False: it
  /// was killed.
  [[nodiscard]] os::Task<bool> run(os::Task<> body);
  /// do_exit(): closes what is open.
  [[nodiscard]] os::Task<> exit(os::Context& ctx);

  /// Where a thread that has been killed does not come back from.
  class Boundary {
   public:
    explicit Boundary(Process& process) : process_{process} {}
    [[nodiscard]] bool await_ready() const { return !process_.killed_; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> /*user*/) const { return process_.outside_; }
    void await_resume() const {}

   private:
    Process& process_;
  };
  [[nodiscard]] Boundary boundary() { return Boundary{*this}; }

  // Uapi
  [[nodiscard]] os::Task<Result<QueueId>> create_queue(os::Context& ctx, const drv::QueueParams& params) override;
  os::Task<> set_priority(os::Context& ctx, QueueId queue, std::uint32_t priority) override;
  [[nodiscard]] os::Task<Errno> set_limits(os::Context& ctx, QueueId queue, const drv::QueueLimits& limits) override;
  [[nodiscard]] os::Task<Result<drv::ExecResult>> exec(os::Context& ctx, const drv::ExecArgs& args) override;
  os::Task<Errno> wait(os::Context& ctx, const drv::SyncFile& fence) override;
  [[nodiscard]] bool has_signalled(os::Context& ctx, const drv::SyncFile& fence) override;
  os::Task<> close_queue(os::Context& ctx, QueueId queue) override;
  os::Task<> kill_queue(os::Context& ctx, QueueId queue) override;
  [[nodiscard]] drv::SyncobjId create_syncobj(os::Context& ctx, std::string name) override;
  void signal_point(os::Context& ctx, const drv::SyncPoint& point) override;
  void reset_syncobj(os::Context& ctx, drv::SyncobjId syncobj) override;
  os::Task<Errno> wait_points(os::Context& ctx, const drv::PointWait& wait) override;
  [[nodiscard]] drv::BufferId create_buffer(os::Context& ctx) override;
  os::Task<> wait_buffer(os::Context& ctx, drv::BufferId buffer) override;
  [[nodiscard]] drv::SyncFile create_sw_fence(os::Context& ctx) override;
  void signal_sw_fence(os::Context& ctx, const drv::SyncFile& fence) override;
  void terminate(os::Context& ctx, const drv::ExecResult& job) override;

 private:
  class Entry;

  drv::Uapi& driver_;
  bool killed_ = false;
  std::coroutine_handle<> outside_;  // who goes on when the body leaves
  std::vector<QueueId> open_;
  std::vector<drv::SyncFile> sw_fences_;  // that have not signalled
};

}  // namespace gpusim::workload
