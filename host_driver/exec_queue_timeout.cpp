// SPDX-License-Identifier: MIT
// What becomes of a job that has been on the hardware for too long, and of the queue of one that hangs. The order of
// questions and the errors are xe's (docs/reference/firmware.md, "Timeouts"): is it done after all; has it begun; then
// it is guilty. Ours: xe asks the context's clock whether a job had its time; here a job that has begun had it.
#include <bit>

#include "host_driver/exec_queue.h"

namespace gpusim::drv {

using sched::TimeoutVerdict;

bool ExecQueue::is_done(const JobRecord& record) const {
  return pending_.empty() || pending_.front().value > record.fence_value;
}

os::Task<TimeoutVerdict> ExecQueue::timedout_job(os::Context& ctx, sched::Job& job) {
  const Pin pin{ctx, *this};
  head_timeout_ = HeadTimeout::at_work;
  JobRecord record = device_.jobs[job.driver_job()];  // the table may move while we sleep
  const TimeoutVerdict verdict = co_await judge_timeout(ctx, job.id(), record);
  device_.jobs[job.driver_job()].retries = record.retries;
  head_timeout_ = verdict == TimeoutVerdict::recovered ? HeadTimeout::open : HeadTimeout::none;
  co_return verdict;
}

os::Task<TimeoutVerdict> ExecQueue::judge_timeout(os::Context& ctx, JobId id, JobRecord& record) {
  if (device_.is_gone()) co_return TimeoutVerdict::gone;
  co_await complete_reached(ctx);  // an interrupt may have been lost
  if (is_banned()) co_return TimeoutVerdict::recovered;
  // On a killed queue this is about whatever is on the hardware, even if this job is done.
  const bool another_is_meant = is_killed() && !pending_.empty();
  if (record.fence_value == 0 || (is_done(record) && !another_is_meant)) co_return TimeoutVerdict::not_hung;
  if (standing_ == Standing::reset_under) {
    ban(ctx, id, Errno::io, Errno::canceled);
    co_return TimeoutVerdict::recovered;
  }
  if (!registered_) co_return TimeoutVerdict::recovered;  // a device reset is under way and will decide

  const Result<Message> answer = co_await device_.channel.request(ctx, id_, abi::Action::disable_queue, firmware_id_);
  if (device_.is_gone()) co_return TimeoutVerdict::gone;
  if (!answer.ok()) co_return TimeoutVerdict::recovered;  // the channel is dead: a device reset will come, or has been
  const auto reply = std::bit_cast<abi::DisableReply>(answer.value());
  co_await complete_reached(ctx);
  if (device_.is_gone()) co_return TimeoutVerdict::gone;
  if (is_banned() || !registered_) co_return TimeoutVerdict::recovered;
  const bool lost_context = (reply.flags & abi::kWasReset) != 0;
  const bool begun = (reply.flags & abi::kHeadBegun) != 0 || lost_context;
  if (is_killed()) {
    ban(ctx, JobId{}, Errno::canceled, Errno::canceled);
    co_return TimeoutVerdict::recovered;
  }
  if ((begun && !is_done(record)) || lost_context) {
    ban(ctx, id, Errno::time, Errno::canceled);
    co_return TimeoutVerdict::recovered;
  }
  if (!is_done(record) && ++record.retries > device_.spec.timeout_retries) {
    device_.request_reset(ctx, ResetReason::job_timeout);
    co_return TimeoutVerdict::recovered;
  }
  // The job is done meanwhile, or has not had its turn, or its doorbell or the registration was lost. In each case the
  // firmware reads the write index again.
  const bool known = (reply.flags & abi::kUnknown) == 0;
  const Errno error = known ? co_await enable(ctx) : co_await register_with_firmware(ctx);
  co_return error == Errno::ok ? TimeoutVerdict::not_hung : TimeoutVerdict::recovered;
}

void ExecQueue::on_reset_notify(os::Context& ctx) {
  if (is_banned()) return;
  standing_ = Standing::reset_under;
  if (head_timeout_ == HeadTimeout::at_work) return;  // the answer to its disable says so, too
  if (pending_.empty()) {
    ban(ctx, JobId{}, Errno::io, Errno::canceled);
  } else {
    submission_.domain().trigger_timeout(ctx);  // as in xe, the timeout worker cleans up
  }
}

void ExecQueue::ban(os::Context& ctx, JobId guilty, Errno head_error, Errno error) {
  if (is_banned()) return;
  standing_ = Standing::banned;
  ctx.emit(trace::queue_banned{.queue = id_, .job = guilty});
  while (!starts_.empty()) {
    const sched::FenceRef fence = std::move(starts_.pop_front().fence);
    if (!fence->is_signaled()) fence->signal(ctx, error);
  }
  for (Errno next = head_error; !pending_.empty(); next = error) {
    ctx.charge(device_.spec.irq_complete);
    const sched::FenceRef fence = std::move(pending_.pop_front().fence);
    fence->signal(ctx, next);
  }
  ring_space_.wake_all(ctx);
  if (!is_ending()) kill_submission(ctx, error);
}

bool ExecQueue::after_reset(os::Context& ctx) {
  if (is_ending() || is_banned()) return false;
  if (standing_ == Standing::reset_under) {  // its engine had been reset before the device was
    const JobId head = pending_.empty() ? JobId{} : pending_.front().job;
    ban(ctx, head, Errno::io, Errno::canceled);
    return false;
  }
  if (is_killed() && !pending_.empty()) {
    ban(ctx, JobId{}, Errno::canceled, Errno::canceled);
    return false;
  }
  if (pending_.empty()) return true;
  PendingFence& head = pending_.front();
  if (ring_.read_begun() >= head.value) {
    ban(ctx, head.job, head_timeout_ == HeadTimeout::none ? Errno::io : Errno::time, Errno::canceled);
    return false;
  }
  if (head_timeout_ == HeadTimeout::open) head_timeout_ = HeadTimeout::none;
  pending_.for_each([](PendingFence& fence) { ++fence.resets; });
  if (pending_.front().resets < device_.spec.reset_limit) return true;
  ban(ctx, pending_.front().job, Errno::canceled, Errno::canceled);
  return false;
}

void ExecQueue::on_device_gone(os::Context& ctx) { ban(ctx, JobId{}, Errno::nodev, Errno::nodev); }

}  // namespace gpusim::drv
