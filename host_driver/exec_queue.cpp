// SPDX-License-Identifier: MIT
#include "host_driver/exec_queue.h"

#include <array>
#include <bit>
#include <utility>

#include "os/host.h"

namespace gpusim::drv {

namespace {
constexpr std::uint64_t kNeverReached = ~std::uint64_t{0};  // no entry in the ring has this fence value
}

ExecQueue::ExecQueue(DeviceState& device, QueueFactory& factory, QueueId id, std::uint32_t firmware_id,
                     const QueueParams& params, std::uint32_t credit_limit)
    : device_{device},
      id_{id},
      firmware_id_{firmware_id},
      params_{params},
      ring_{device.access, device.spec.ring_entries},
      lock_{device.queue_lock_class},
      fence_context_{device.fences.new_context()},
      terminate_work_{&ExecQueue::terminate_work, this, device.kind_of(DriverWork::terminate), id.value()},
      slot_timeout_{device.timeout_wq, &ExecQueue::slot_timeout_work, this, device.kind_of(DriverWork::slot_timeout),
                    id.value()},
      submission_{factory.create_queue(id, params, credit_limit, *this, device.timeout_wq)} {}

// --- users and execs -------------------------------------------------------------------------------------------------

void ExecQueue::close(os::Context& ctx) {
  if (!is_open()) return;
  if (device_.spec.close_way == CloseWay::kill) return kill(ctx);
  life_ = Life::closed;
}

void ExecQueue::kill(os::Context& ctx) {
  life_ = Life::killed;
  ring_space_.wake_all(ctx);  // a job that waits for room has not run
  if (terminates() && has_pending()) terminate(ctx, JobId{}, Errno::canceled);
  kill_submission(ctx, Errno::canceled);
}

os::Task<> ExecQueue::drop_user(os::Context& ctx) {
  if (--users_ == 0) co_await submission_.close(ctx);
}

Errno ExecQueue::exec_error() const {
  if (device_.is_gone()) return Errno::nodev;
  if (is_killed()) return Errno::canceled;
  // xe_exec_ioctl(), amdgpu_cs_parser_init(): -ECANCELED; panthor_job_create(): -EINVAL.
  if (standing_ != Standing::good || termination_) return terminates() ? Errno::inval : Errno::canceled;
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
    submission_.kill(ctx, error);
  } else {
    submission_.drain(ctx, error, way == KillWay::drain);
  }
}

void ExecQueue::end_commit(os::Context& ctx) {
  committing_ = false;
  if (const auto error = std::exchange(kill_after_commit_, {})) kill_submission_now(ctx, *error);
}

// --- run_job ---------------------------------------------------------------------------------------------------------

bool ExecQueue::takes_jobs() const { return !is_banned() && !termination_ && !is_killed() && !device_.is_gone(); }

sched::RunResult ExecQueue::refuse(os::Context& ctx, JobId job) {
  const Errno error = device_.is_gone() ? Errno::nodev : Errno::canceled;
  // xe returns the job's hardware fence all the same; its timeout, which is zero by now, signals it. Others: an error.
  const bool by_timeout = device_.spec.kill_way == KillWay::drain && !device_.is_gone();
  if (pending_.empty() && signalling_ == 0 && !by_timeout) return {{}, error};
  const std::uint64_t alone = signalling_ != 0 ? signalling_ : kNeverReached;
  const std::uint64_t behind = pending_.empty() ? alone : pending_.back().value;
  sched::FenceRef fence =
      device_.fences.create(ctx, fence_context_, next_fence_++, id_.value(), 0, sched::FenceLock::driver);
  pending_.push_back({.value = behind, .fence = fence, .job = job, .error = error});
  return {std::move(fence), Errno::ok};
}

os::Task<sched::RunResult> ExecQueue::run_job(os::Context& ctx, sched::Job& job) {
  const os::HostSpec& host = ctx.host().spec();
  ctx.charge(device_.spec.run_job);
  if (!takes_jobs()) co_return refuse(ctx, job.id());
  if (ring_.free() == 0) {
    ctx.emit(trace::ring_full{.queue = id_, .job = job.id(), .free = 0, .needed = 1});
    co_await ring_space_.wait(ctx, {os::BlockedOn::Kind::ring_space, "ring space", id_.value(), 0},
                              [this] { return ring_.free() > 0 || !takes_jobs() || device_.is_quiet(); });
    ctx.emit(trace::ring_space{.queue = id_, .job = job.id()});
  }
  // As in xe, whose guc_exec_queue_run_job() registers a context with its first job, and again after a reset. A channel
  // that is down comes up with a reset, which registers what has jobs.
  if (!registered_ && device_.channel.is_up()) {
    (void)co_await register_with_firmware(ctx);
    if (!takes_jobs()) co_return refuse(ctx, job.id());
  }
  ctx.charge(device_.spec.ring_write);
  ctx.charge(host.memory_barrier);
  ctx.charge(host.memory_barrier);
  co_await ctx.step();
  // No other context runs from here until the fence is pending.
  if (!takes_jobs()) co_return refuse(ctx, job.id());
  // A device reset waits for this worker, so no room would come: enlarge the ring instead.
  if (ring_.free() == 0 && device_.is_quiet()) ring_.grow(ctx.cpu_number());

  JobRecord& record = device_.jobs[job.driver_job()];
  abi::RingEntry entry{};
  entry.flags = abi::kEntryInterrupt;
  entry.job = job.id().value();
  entry.work_ps = record.work_ps;
  entry.preempt_every_ps = record.preempt_every_ps;
  entry.stop_address = record.stop_address;
  entry.fence_value = ring_.written() + 1;
  if (record.work_is_estimate) entry.flags |= abi::kEntryEstimate;
  record.fence_value = entry.fence_value;
  if (record.started) {
    entry.flags |= abi::kEntryMarkStart;
    entry.start_value = next_start_++;
    starts_.push_back({entry.start_value, record.started, job.id()});
  }
  const std::uint64_t index = ring_.written();
  ring_.write(ctx.cpu_number(), entry);
  ctx.emit(trace::ring_write{
      .queue = id_, .job = job.id(), .index = index, .free = ring_.free(), .capacity = ring_.capacity()});

  sched::FenceRef fence =
      device_.fences.create(ctx, fence_context_, next_fence_++, id_.value(), 0, sched::FenceLock::driver);
  pending_.push_back({entry.fence_value, fence, job.id()});
  device_.owner.mark_active(*this);
  if (pending_.size() == 1) watch_progress(ctx);
  co_await device_.notifier->notify(ctx, id_, firmware_id_, job.id(), ring_.written());
  co_return sched::RunResult{std::move(fence), Errno::ok};
}

// What the queue does not take any more ends by a kill.
bool ExecQueue::has_room(const sched::Job& /*job*/) const { return ring_.free() > 0 && takes_jobs(); }

void ExecQueue::release_job(os::Context& ctx, sched::Job& job) {
  --jobs_;
  // A job that never began never marks its start.
  const sched::FenceRef& started = device_.jobs[job.driver_job()].started;
  if (started && !started->is_signaled()) started->signal(ctx, Errno::canceled);
  device_.jobs.free(job.driver_job());
}

// --- completion ------------------------------------------------------------------------------------------------------

os::Task<> ExecQueue::complete_reached(os::Context& ctx) {
  const auto signal_reached = [&](Fifo<PendingFence>& fences, std::uint64_t value) -> os::Task<> {
    while (!fences.empty() && fences.front().value <= value) {
      ctx.charge(device_.spec.irq_complete);
      co_await ctx.step();
      // Another context may have been faster: both the interrupt and the timeout worker come here.
      if (fences.empty() || fences.front().value > value) co_return;
      const Errno error = fences.front().error;
      const std::uint64_t reached = fences.front().value;
      const sched::FenceRef fence = std::move(fences.pop_front().fence);
      if (&fences == &pending_) signalling_ = reached;
      co_await fence->signaling(ctx, error);
      if (&fences == &pending_ && signalling_ == reached) signalling_ = 0;
    }
  };
  submission_.begin_completions();
  if (!starts_.empty()) co_await signal_reached(starts_, ring_.read_started());
  const std::uint64_t completed = ring_.read_completed();
  co_await signal_reached(pending_, completed);
  if (completed > ring_.completed()) {
    watch_progress(ctx);
    ring_.set_completed(completed);
    ring_space_.wake_all(ctx);
    submission_.room_again(ctx);
  }
  if (submission_.end_completions(ctx)) co_await submission_.tick_inline(ctx);
}

// --- messages about it -----------------------------------------------------------------------------------------------

os::Task<Errno> ExecQueue::register_with_firmware(os::Context& ctx) {
  const auto low = [](std::uint64_t address) { return static_cast<std::uint32_t>(address); };
  const auto high = [](std::uint64_t address) { return static_cast<std::uint32_t>(address >> 32); };
  const abi::RegisterQueue message{abi::message_header(abi::Action::register_queue, sizeof(abi::RegisterQueue) / 4),
                                   firmware_id_,
                                   params_.engine_mask,
                                   params_.priority,
                                   low(ring_.context_address()),
                                   high(ring_.context_address()),
                                   low(ring_.ring_address()),
                                   high(ring_.ring_address()),
                                   ring_.capacity(),
                                   low(ring_.completed()),
                                   id_.value()};
  registered_ = true;
  const auto words = std::bit_cast<std::array<std::uint32_t, sizeof(abi::RegisterQueue) / 4>>(message);
  co_return co_await device_.channel.send(ctx, id_, words);
}

os::Task<Errno> ExecQueue::enable(os::Context& ctx) {
  const std::array<std::uint32_t, 2> words{abi::message_header(abi::Action::enable_queue, 2), firmware_id_};
  co_return co_await device_.channel.send(ctx, id_, words);
}

os::Task<> ExecQueue::request_or_reset(os::Context& ctx, abi::Action action) {
  // Until the reset is over the device may still write to what the queue has in memory.
  for (; !device_.is_gone(); co_await device_.wait_for_reset(ctx)) {
    if (device_.is_resetting()) continue;
    if (!registered_) co_return;
    const Result<Message> answer = co_await device_.channel.request(ctx, id_, action, firmware_id_);
    if (answer.ok()) co_return;
  }
}

// --- teardown --------------------------------------------------------------------------------------------------------

os::Task<> ExecQueue::queue_fini(os::Context& ctx) {
  // The firmware may still know the queue: two round trips before its id and memory can go. A device reset in between
  // answers for the firmware, and a device that is gone needs none.
  life_ = Life::ending;
  co_await request_or_reset(ctx, abi::Action::disable_queue);
  co_await request_or_reset(ctx, abi::Action::deregister_queue);
  if (device_.spec.timeout_clock == TimeoutClock::on_slot) co_await slot_timeout_.cancel_sync(ctx);
  if (termination_) co_await device_.timeout_wq.cancel_sync(ctx, terminate_work_);
  co_await pin_wait_.wait(ctx, {os::BlockedOn::Kind::other, "the last user of a queue", id_.value(), 0},
                          [this] { return pins_ == 0; });
  ctx.emit(trace::queue_destroyed{.queue = id_});
  device_.firmware_ids.give_back(firmware_id_);
  device_.owner.forget_queue(*this);
}

}  // namespace gpusim::drv
