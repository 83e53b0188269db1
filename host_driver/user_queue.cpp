// SPDX-License-Identifier: MIT
#include "host_driver/user_queue.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "os/host.h"
#include "os/poll.h"

namespace gpusim::drv {

UserQueue::UserQueue(DeviceState& device, Eviction& eviction, QueueId id, std::uint32_t firmware_id,
                     const QueueParams& params)
    : ExecQueue{device, id, params},
      eviction_{eviction},
      hardware_{device,
                *this,
                {id, firmware_id, params.engine_mask, params.priority,
                 static_cast<std::uint32_t>(params.client.value()), params.limits}},
      fence_context_{device.fences.new_context()},
      hang_{device.timeout_wq, &UserQueue::hang_work, this, device.kind_of(DriverWork::user_queue_hang), id.value()} {
  eviction.add(*this);
}

UserQueue::~UserQueue() { eviction_.remove(*this); }

sched::SubmissionQueue& UserQueue::submission() const {
  violate("user_queue", fmt::format("queue {} is mapped into its client and has no component", params().name));
}

std::string UserQueue::describe_head() const {
  if (jobs_.empty()) return {};
  return fmt::format("job {} is in the ring, and its value has not been written", jobs_.front().id.value());
}

// --- in user mode ----------------------------------------------------------------------------------------------------

Errno UserQueue::submit_error() const {
  if (device_.is_gone()) return Errno::nodev;
  return is_open() ? standing_error() : Errno::canceled;
}

os::Task<Result<ExecResult>> UserQueue::submit(os::Context& ctx, JobId job, const ExecArgs& args, bool interrupts) {
  const os::Thread& thread = os::thread_of(ctx, "a submission in user mode");
  const auto error = [&] { return thread.is_killed() ? Errno::restartsys : submit_error(); };
  if (error() == Errno::ok && hardware_.is_full()) {
    ctx.emit(trace::ring_full{.queue = id(), .job = job, .free = 0, .needed = 1});
    co_await os::poll(ctx, device_.spec.direct->poll, {os::BlockedOn::Kind::ring_space, "ring space", id().value(), 0},
                      [&] { return !hardware_.is_full() || error() != Errno::ok; });
    ctx.emit(trace::ring_space{.queue = id(), .job = job});
  }
  ctx.charge(device_.spec.ring_write);
  ctx.charge(ctx.host().spec().memory_barrier);
  ctx.charge(ctx.host().spec().memory_barrier);
  co_await ctx.step();
  if (const Errno failed = error(); failed != Errno::ok) co_return failed;
  // No other context runs from here until the entry is there.
  const std::uint32_t record = device_.jobs.allocate(args);
  ExecResult result;
  result.job = job;
  result.stop_address = device_.jobs[record].stop_address;
  const std::uint64_t value = hardware_.write_mapped(ctx, job, record, interrupts);
  result.finished = device_.fences.create_in_memory(device_.host, fence_context_, value, id().value(), job.value());
  jobs_.push_back({value, result.finished, job, record});
  co_await device_.notifier->notify(ctx, id(), hardware_.firmware_id(), job, hardware_.ring().written());
  co_return result;
}

void UserQueue::on_value_written() {
  const std::uint64_t value = hardware_.ring().read_completed();
  while (!jobs_.empty() && jobs_.front().value <= value) end_first(Errno::ok);
  if (value > hardware_.ring().completed()) hardware_.ring().set_completed(value);
}

void UserQueue::end_first(Errno error) {
  const Job job = jobs_.pop_front();
  device_.jobs.free(job.record);
  job.finished->reach(device_.host, error);
  device_.host.recorder().emit(trace::job_released{.queue = id(), .job = job.id});
}

void UserQueue::end_all(Errno first_error, Errno error) {
  for (Errno next = first_error; !jobs_.empty(); next = error) end_first(next);
}

void UserQueue::give_up(os::Context& ctx, Errno first_error, Errno error) {
  hardware_.signal_all(ctx, first_error, error);
  last_fence_.wake_all(ctx);
  end_all(first_error, error);
}

// --- in the kernel ---------------------------------------------------------------------------------------------------

// amdgpu_userq_create(): an eviction fence first, then the mapping under reset_domain->sem.
os::Task<> UserQueue::wait_until_mappable(os::Context& ctx) {
  co_await eviction_.wait_until_mapped(ctx);
  while (device_.is_resetting() && !device_.is_gone()) {
    co_await device_.wait_for_reset(ctx);
    co_await eviction_.wait_until_mapped(ctx);
  }
}

// A channel that is down comes up with a reset, which tells the firmware of all queues. A queue may have been closed
// under the ioctl that creates it, while that waited for the end of an eviction: then its memory is on its way out.
os::Task<> UserQueue::make_known(os::Context& ctx) {
  if (is_ending() || is_banned()) co_return;
  if (device_.channel.is_up() && !hardware_.is_registered()) (void)co_await hardware_.register_with_firmware(ctx);
}

os::Task<> UserQueue::set_priority(os::Context& ctx, std::uint32_t priority) {
  set_level(priority);
  hardware_.set_priority(priority);
  (void)co_await hardware_.send_level(ctx);
}

sched::FenceRef UserQueue::fence_at(os::Context& ctx, std::uint64_t value) {
  sched::FenceRef fence = hardware_.fence_at(ctx, value);
  oldest_ = std::min(oldest_, value);  // values are asked for in any order
  if (!is_ending() && !hang_.is_pending()) watch_for_hang(ctx);
  return fence;
}

// amdgpu destroys a queue in the ioctl, and at the end of its process the same way (amdgpu_userq_mgr_fini()): it waits
// for the last fence, then unmaps. What is in the ring behind it, or of a client that never asked for a fence, is not
// waited for: the kernel does not know of it.
os::Task<> UserQueue::on_last_user(os::Context& ctx) {
  co_await wait_for_last_fence(ctx);
  co_await eviction_.wait_for_works(ctx);
  set_ending();
  co_await hardware_.forget(ctx);
  (void)co_await hang_.cancel_sync(ctx);
  give_up(ctx, Errno::canceled, Errno::canceled);
  co_await hardware_.wait_for_pins(ctx);
  ctx.emit(trace::queue_destroyed{.queue = id()});
  device_.firmware_ids.give_back(hardware_.firmware_id());
  device_.owner.forget_queue(*this);
}

// --- an eviction -----------------------------------------------------------------------------------------------------

os::Task<> UserQueue::wait_for_last_fence(os::Context& ctx) {
  if (hardware_.has_signalled_all()) co_return;
  co_await last_fence_.wait(ctx, {os::BlockedOn::Kind::other, "the last fence of a queue", id().value(), 0}, [this] {
    hardware_.expect_look();  // it wakes whoever goes to sleep now
    return hardware_.has_signalled_all();
  });
}

// A device reset under way from here on does not map it. amdgpu: a queue that cannot be unmapped has the device reset
// (amdgpu_userq_evict_all()); forget() waits for that.
os::Task<> UserQueue::unmap(os::Context& ctx) {
  if (is_banned() || device_.is_gone()) co_return;
  is_evicted_ = true;
  co_await hardware_.forget(ctx);
  hardware_.forget_registration();
  if (!is_banned()) ctx.emit(trace::queue_evicted{.queue = id()});
}

os::Task<> UserQueue::map(os::Context& ctx) {
  if (!is_evicted_) co_return;
  is_evicted_ = false;
  if (standing_ != Standing::good || device_.is_gone()) co_return;
  ctx.emit(trace::queue_restored{.queue = id()});
  co_await make_known(ctx);
}

// --- a hang ----------------------------------------------------------------------------------------------------------

void UserQueue::watch_for_hang(os::Context& ctx) {
  const Picoseconds timeout = device_.spec.direct->hang_timeout;
  oldest_ = hardware_.head().value;
  if (timeout.count() != 0) hang_.modify(ctx, timeout);
}

// amdgpu_userq_process_fence_irq(): who signals a fence stops the work, and arms it again if there are others. That
// jobs behind which there is no fence come to their end does not count.
bool UserQueue::end_completions(os::Context& ctx) {
  last_fence_.wake_all(ctx);
  if (standing_ != Standing::good || is_ending()) return false;
  if (!hardware_.has_jobs()) {
    hang_.cancel(ctx);
  } else if (hardware_.head().value > oldest_) {
    watch_for_hang(ctx);
  }
  return false;
}

bool UserQueue::needs_look() const {
  const bool is_watched = standing_ == Standing::good && !is_ending();
  return last_fence_.has_sleepers() || (is_watched && hardware_.has_jobs() && hardware_.head().value > oldest_);
}

os::Task<> UserQueue::on_hang(os::Context& ctx) {
  const HardwareQueue::Pin pin{ctx, hardware_};
  co_await hardware_.complete_reached(ctx);  // ours: an interrupt may have been lost
  if (is_banned() || is_ending() || device_.is_gone() || device_.is_resetting()) co_return;
  const bool was_told = standing_ == Standing::condemned;
  if (!was_told && (!hardware_.has_jobs() || hang_.is_pending())) co_return;
  standing_ = Standing::condemned;
  // No answer: the device is reset for that, and after_reset() bans the queue.
  if (hardware_.is_registered() && !co_await hardware_.throw_away(ctx)) co_return;
  if (is_banned() || is_ending() || device_.is_gone() || device_.is_resetting()) co_return;
  co_await hardware_.complete_reached(ctx);
  ban(ctx, hang_error_);
}

void UserQueue::ban(os::Context& ctx, Errno error) {
  if (is_banned()) return;
  standing_ = Standing::banned;
  ctx.emit(trace::queue_banned{.queue = id(), .job = jobs_.empty() ? JobId{} : jobs_.front().id});
  give_up(ctx, error, Errno::canceled);
}

// The firmware has reset an engine under it: a hang that it has found itself.
void UserQueue::on_reset_notify(os::Context& ctx) {
  if (standing_ != Standing::good || is_ending()) return;
  standing_ = Standing::condemned;
  hang_error_ = Errno::io;
  hang_.modify(ctx, Picoseconds{0});
}

void UserQueue::on_preempt_missed(os::Context& ctx) {
  if (is_banned() || is_ending() || device_.is_resetting()) return;
  standing_ = Standing::condemned;
  device_.request_reset(ctx, ResetReason::preempt_missed);
}

// amdgpu_userq_pre_reset(), amdgpu_userq_post_reset(): all fences are completed by force, and the queues are mapped
// again. Ours: that the one to blame is not, that the rings are empty then, and which jobs have an error.
bool UserQueue::after_reset(os::Context& ctx) {
  if (is_ending() || is_banned()) return false;
  if (standing_ == Standing::condemned) {
    ban(ctx, hang_error_);
    return false;
  }
  hang_.cancel(ctx);
  give_up(ctx, Errno::canceled, Errno::canceled);
  hardware_.drop_all(ctx);
  return true;
}

void UserQueue::on_device_gone(os::Context& ctx) {
  if (is_banned()) return;
  standing_ = Standing::banned;
  ctx.emit(trace::queue_banned{.queue = id(), .job = {}});
  give_up(ctx, Errno::nodev, Errno::nodev);
}

}  // namespace gpusim::drv
