// SPDX-License-Identifier: MIT
#include "host_driver/exec_queue.h"

#include <utility>

namespace gpusim::drv {

ExecQueue::ExecQueue(DeviceState& device, QueueId id, const QueueParams& params)
    : device_{device}, id_{id}, params_{params}, lock_{device.queue_lock_class} {}

void ExecQueue::close(os::Context& ctx) {
  if (!is_open()) return;
  if (device_.spec.close_way == CloseWay::kill) return kill(ctx);
  life_ = Life::closed;
}

bool ExecQueue::drop_handle() {
  if (handles_ == 1) return false;
  --handles_;
  --users_;
  return true;
}

void ExecQueue::kill(os::Context& ctx) {
  while (drop_handle()) {
  }
  life_ = Life::killed;
  on_kill(ctx);
  kill_submission(ctx, Errno::canceled);
}

os::Task<> ExecQueue::drop_user(os::Context& ctx) {
  if (--users_ == 0) co_await on_last_user(ctx);
}

Errno ExecQueue::exec_error() const {
  if (device_.is_gone()) return Errno::nodev;
  if (is_killed()) return Errno::canceled;
  if (const Errno error = standing_error(); error != Errno::ok) return error;
  return device_.spec.max_jobs != 0 && jobs_ >= device_.spec.max_jobs ? Errno::again : Errno::ok;
}

void ExecQueue::kill_submission(os::Context& ctx, Errno error) {
  if (committing_) {
    kill_after_commit_ = error;
  } else {
    kill_submission_now(ctx, error);
  }
}

// No driver kills the entity of a queue that it bans.
void ExecQueue::kill_submission_now(os::Context& ctx, Errno error) {
  const KillWay way = device_.spec.kill_way;
  if (way == KillWay::entity && is_killed() && !is_banned()) {
    submission().kill(ctx, error);
  } else {
    submission().drain(ctx, error, way == KillWay::drain);
  }
}

void ExecQueue::end_commit(os::Context& ctx) {
  committing_ = false;
  if (const auto error = std::exchange(kill_after_commit_, {})) kill_submission_now(ctx, *error);
}

void ExecQueue::release(os::Context& ctx, const sched::Job& job) {
  --jobs_;
  // A job that never began never marks its start.
  const sched::FenceRef& started = device_.jobs[job.driver_job()].started;
  if (started && !started->is_signaled()) started->signal(ctx, Errno::canceled);
  if (device_.spec.native_waits) device_.native_waits.end(ctx, job.id());
  device_.jobs.free(job.driver_job());
}

}  // namespace gpusim::drv
