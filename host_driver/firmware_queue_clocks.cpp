// SPDX-License-Identifier: MIT
// Timeouts that the driver counts by itself, for each queue, where the component has none (is_counted_by_driver()): how
// long a job or its queue has had, and when to look again. What follows for a job whose time is over is in
// firmware_queue_timeout.cpp.
#include <algorithm>
#include <bit>

#include "host_driver/firmware_queue.h"

namespace gpusim::drv {

using sched::TimeoutVerdict;

// --- TimeoutClock::in_stage ------------------------------------------------------------------------------------------
//
// Tyr's QueueCompletionStage (queue.rs, 2026): at each tick it looks at what the device has completed, then at the
// job's time since submit, less what its queue was off its slot since; a job whose time is over costs its group. So the
// time of jobs that are ahead of it in the ring counts, too. There its fence signals at once, and the group leaves its
// slot at a tick behind that; here it signals when the firmware has let go of the queue, as panthor's do (ours). A
// firmware that gives the slots by itself does not say when: nothing is taken off then (ours: Tyr has no such device).
// A device reset does not count either, as with the other clocks.

os::Task<sched::RunResult> FirmwareQueue::run_job(os::Context& ctx, sched::Job& job) {
  if (has_stage_timeout()) {
    device_.jobs[job.driver_job()].off_slot = hardware_.slot_group().off_slot.total(ctx.now());
  }
  return hardware_.run_job(ctx, job);
}

os::Task<> FirmwareQueue::stop(os::Context& ctx) {
  hardware_.slot_group().off_slot.begin(ctx.now());
  return domain().stop(ctx);
}

// With a host that gives the slots, its time goes on when it has one again.
os::Task<> FirmwareQueue::start(os::Context& ctx) {
  if (device_.tick == nullptr) hardware_.slot_group().off_slot.end(ctx.now());
  return domain().start(ctx, Errno::ok);
}

os::Task<sched::StageAnswer> FirmwareQueue::process_stage(os::Context& ctx, sched::Job& job, std::uint32_t /*stage*/,
                                                          Picoseconds elapsed) {
  using Kind = sched::StageAnswer::Kind;
  const HardwareQueue::Pin pin{ctx, hardware_};
  const SimTime asked_at = ctx.now();
  ctx.charge(device_.spec.irq_scan);
  co_await hardware_.complete_reached(ctx);
  if (hardware_.is_done(job.id())) co_return sched::StageAnswer{.kind = Kind::advance};
  if (is_banned() || termination_ || device_.is_gone()) co_return sched::StageAnswer{.kind = Kind::wait};
  const Picoseconds off_slot =
      hardware_.slot_group().off_slot.total(asked_at) - device_.jobs[job.driver_job()].off_slot;
  const Picoseconds counted = elapsed - off_slot;
  if (counted < device_.spec.job_timeout) {
    co_return sched::StageAnswer{.kind = Kind::wait_for, .duration = device_.spec.job_timeout - counted};
  }
  ctx.emit(trace::job_timedout{.queue = id(), .job = job.id(), .hardware_done = false});
  terminate(ctx, job.id(), timeout_error());
  ctx.emit(trace::timeout_verdict{.queue = id(), .job = job.id(), .verdict = TimeoutVerdict::no_hang});
  co_return sched::StageAnswer{.kind = Kind::wait};  // its fence signals when the firmware has let go of the queue
}

// --- TimeoutClock::on_slot -------------------------------------------------------------------------------------------
//
// panthor gives drm_sched no timeout; each queue has a delayed work of its own, which runs while its group is on a slot
// and begins anew with each completion (panthor_sched.c: queue_timeout_work(), queue_check_job_completion()). The host
// binds the slots there and knows when; here it reads from the queue's context how long the head has had the engine,
// and looks again when the rest could be over. On this device the engine serves one queue at a time, and the preset's
// quantum stands for panthor's tick: so "on a slot" is "on the engine" (ours).

void FirmwareQueue::watch_progress(os::Context& ctx) {
  if (!has_slot_timeout()) return;
  if (!hardware_.has_jobs()) {
    slot_timeout_.cancel(ctx);
  } else {
    slot_timeout_.modify(ctx, device_.spec.job_timeout);
  }
}

os::Task<> FirmwareQueue::slot_timeout_work(void* self, os::Context& ctx) {
  return static_cast<FirmwareQueue*>(self)->check_progress(ctx);
}

os::Task<> FirmwareQueue::check_progress(os::Context& ctx) {
  const HardwareQueue::Pin pin{ctx, hardware_};
  co_await hardware_.complete_reached(ctx);  // first, as in panthor
  if (!hardware_.has_jobs() || is_banned() || device_.is_gone() || slot_timeout_.is_pending()) co_return;
  const bool waits_for_slot = hardware_.slot_group().place() == SlotGroup::Place::runnable;  // the host gives it
  if (device_.is_resetting() || !hardware_.is_registered() || judging_ || waits_for_slot) co_return watch_progress(ctx);
  if (const std::optional<std::uint32_t> flags = std::exchange(left_disabled_, std::nullopt)) {
    // timedout_job() was not called: the component has not been told yet that run_job is over.
    (void)co_await let_go_on(ctx, *flags);
    co_return watch_progress(ctx);
  }
  switch (suspect(ctx)) {
    case Suspicion::hung:
      domain().trigger_timeout(ctx);
      co_return;
    case Suspicion::none: {
      const Picoseconds run = hardware_.ring().read_run_time(ctx.now()).run;
      slot_timeout_.modify(ctx, std::max(device_.spec.job_timeout - run, os::kJiffy));
      co_return;
    }
    case Suspicion::stands_still:
      // Off its slot, most likely. To ask the firmware would take its turn away.
      if (ctx.now() - ran_at_ < device_.spec.job_timeout) co_return watch_rest(ctx);
      ran_at_ = ctx.now();
      break;
    case Suspicion::not_begun:
      break;
  }
  // Off the slot; or its doorbell was lost, and it is idle on it, as the host of a real CSF device would see; or its
  // engine was reset, and the message about that lost.
  const Result<Message> answer = co_await hardware_.request(ctx, abi::Action::disable_queue);
  if (!answer.ok()) co_return watch_progress(ctx);
  const std::uint32_t flags = std::bit_cast<abi::DisableReply>(answer.value()).flags;
  co_await hardware_.complete_reached(ctx);
  if (device_.is_gone() || device_.is_resetting() || !hardware_.is_registered() || is_banned())
    co_return watch_progress(ctx);
  if ((flags & abi::kHasWork) == 0 || (flags & abi::kWasReset) != 0) {
    left_disabled_ = flags;
    domain().trigger_timeout(ctx);
  } else {
    (void)co_await let_go_on(ctx, flags);
    co_return watch_rest(ctx);
  }
  watch_progress(ctx);
}

// The time that it had is not lost, as panthor's timer stands still off the slot. That it looks again no sooner than
// after a sixteenth of the timeout is ours.
void FirmwareQueue::watch_rest(os::Context& ctx) {
  if (!hardware_.has_jobs() || !hardware_.head_has_begun()) return watch_progress(ctx);
  const Picoseconds timeout = device_.spec.job_timeout;
  const Picoseconds rest = timeout - hardware_.ring().read_run_time(ctx.now()).run;
  slot_timeout_.modify(ctx, std::max({rest, timeout / 16, Picoseconds{os::kJiffy}}));
}

}  // namespace gpusim::drv
