// SPDX-License-Identifier: MIT
// What becomes of a job that has been on the hardware for too long, and of the queue of one that hangs. The steps and
// their order are those of xe's guc_exec_queue_timedout_job() (xe_guc_submit.c, 7.3; docs/reference/firmware.md,
// "Timeouts"): done after all? submission stopped; spent its time? disabled and the answer awaited; begun? guilty.
// Where panthor and amdgpu decide otherwise, a choice of DriverSpec says so.
//
// Not modelled: kernel queues. Of xe's immediate disable one message instead of two: it says a preempt timeout of 1 us
// first, and then what is on the engine has no time to be saved.
#include <bit>

#include "host_driver/firmware_queue.h"
#include "host_driver/tick_scheduler.h"

namespace gpusim::drv {

using sched::TimeoutVerdict;

Errno FirmwareQueue::timeout_error() const { return terminates() ? Errno::timedout : Errno::time; }

/// xe: err of guc_exec_queue_timedout_job(); panthor: group_term_post_processing(), of a queue that reported a fault.
Errno FirmwareQueue::lost_engine_error() const { return terminates() ? Errno::inval : Errno::io; }

os::Task<TimeoutVerdict> FirmwareQueue::timedout_job(os::Context& ctx, sched::Job& job) {
  const HardwareQueue::Pin pin{ctx, hardware_};
  const DriverSpec& spec = device_.spec;
  const bool resets = spec.stop_way == StopWay::scheduler;
  judging_ = true;
  // An interrupt may have been lost. xe does not ask: it looks at the fence's bit alone.
  if (spec.timeout_reads_seqno) co_await hardware_.complete_reached(ctx);
  bool done = hardware_.is_done(job.id());
  timed_out_ = job.id();
  // A run_job that waits for room in the ring, which credits prevent, would wait for what happens here.
  const bool stops = (resets || !done) && domain().credit_limit() <= hardware_.ring().capacity();
  if (stops) co_await domain().stop(ctx);
  done = hardware_.is_done(job.id());  // until the workers had stopped: what is said now is of no other job
  HeadTimeout judged = HeadTimeout::none;
  const std::optional<std::uint32_t> left_disabled = std::exchange(left_disabled_, std::nullopt);
  if (!done && !device_.is_gone()) {
    const bool is_blamed = spec.timeout_not_begun == NotBegun::blame || spec.timeout_clock == TimeoutClock::in_stage ||
                           hardware_.head_has_begun();
    if (left_disabled && (*left_disabled & abi::kUnknown) != 0 && hardware_.is_registered() && !is_banned() &&
        !device_.is_resetting()) {
      // The firmware does not know it, whatever its head had done before the last reset: no job's fault.
      judged = co_await make_good(ctx, job, *left_disabled);
      if (judged == HeadTimeout::none) watch_progress(ctx);
    } else if (terminates() && is_blamed && is_counted_by_driver(spec.timeout_clock)) {
      terminate(ctx, job.id(), timeout_error());  // check_progress() has found it guilty, or the queue was killed
    } else {
      judged = co_await judge_timeout(ctx, job);
      if (judged == HeadTimeout::none && !is_banned() && !slot_timeout_.is_pending()) watch_progress(ctx);
    }
  } else if (left_disabled && !is_banned() && !device_.is_gone() && !device_.is_resetting()) {
    // The hardware's head, for which it was disabled, is a later one than the component's, which has not been told yet
    // that its own is done.
    judged = co_await let_go_on(ctx, *left_disabled);
    watch_progress(ctx);
  }
  head_timeout_ = judged;
  // After the start the job may be gone.
  if (stops) co_await domain().start(ctx, Errno::ok);
  judging_ = false;
  // The firmware may have reset an engine under it meanwhile.
  if (standing_ == Standing::reset_under && head_timeout_ == HeadTimeout::none) {
    domain().trigger_timeout_for_good(ctx);
  }
  co_return resets ? TimeoutVerdict::reset : TimeoutVerdict::no_hang;
}

/// What the driver can read of the head without the firmware's help.
FirmwareQueue::Suspicion FirmwareQueue::suspect(os::Context& ctx) {
  const DriverSpec& spec = device_.spec;
  const HardwareQueue::PendingJob& head = hardware_.head();
  if (!hardware_.head_has_begun()) return Suspicion::not_begun;
  if (spec.timeout_clock == TimeoutClock::wall) return Suspicion::hung;
  const Picoseconds run = hardware_.ring().read_run_time(ctx.now()).run;
  const bool stands_still = sampled_job_ == head.job && sampled_run_ == run;
  if (!stands_still) ran_at_ = ctx.now();
  sampled_job_ = head.job;
  sampled_run_ = run;
  // check_timeout(): 5 % are allowed for the clocks.
  const bool spent =
      spec.timeout_clock == TimeoutClock::on_slot ? run >= spec.job_timeout : run + run / 20 >= spec.job_timeout;
  if (spent || (stands_still && spec.timeout_stuck)) return Suspicion::hung;
  return stands_still ? Suspicion::stands_still : Suspicion::none;
}

/// Pre: submission is stopped, the job is not done.
os::Task<FirmwareQueue::HeadTimeout> FirmwareQueue::judge_timeout(os::Context& ctx, sched::Job& job) {
  if (is_banned()) {  // what was refused since: xe's err is -ETIME each time it comes here
    hardware_.signal_all(ctx, timeout_error(), Errno::canceled);
    co_return HeadTimeout::none;
  }
  const bool is_bystander = device_.is_resetting();
  if (!is_bystander && !hardware_.is_registered()) {
    if (!is_killed()) co_return HeadTimeout::open;
    // Nothing of it is on the hardware: these were refused.
    hardware_.signal_all(ctx, timeout_error(), Errno::canceled);
    co_return HeadTimeout::none;
  }
  if (is_bystander && device_.spec.timeout_not_begun != NotBegun::reset) co_return HeadTimeout::open;
  const bool certain = standing_ == Standing::reset_under || is_killed_outright();
  const Suspicion suspicion = certain ? Suspicion::hung : suspect(ctx);
  if (suspicion == Suspicion::none) co_return HeadTimeout::none;
  // xe sets the ban before it finds submission stopped for a reset that another queue asked for, and leaves it set.
  const bool is_preempted = suspicion == Suspicion::stands_still;
  if (is_bystander) co_return is_preempted ? HeadTimeout::open : HeadTimeout::condemned;

  // xe decides on the error before it disables, where the engine may be reset because the job does not let go of it.
  const Errno error = standing_ == Standing::reset_under ? lost_engine_error() : timeout_error();
  const NotBegun way = device_.spec.timeout_not_begun;
  // A reset that comes meanwhile, whoever asks for it, is a miss in xe; its ban stands.
  const bool stands = suspicion == Suspicion::hung || (way == NotBegun::reset && !is_preempted);
  head_timeout_ = stands ? HeadTimeout::condemned : HeadTimeout::open;
  const std::uint64_t resets_before = resets_seen_;
  const abi::Action way_off = certain ? abi::Action::terminate_queue : abi::Action::disable_queue;
  const Result<Message> answer = co_await hardware_.request(ctx, way_off);
  if (device_.is_gone() || is_banned()) co_return HeadTimeout::none;
  // A reset has judged it; the next one, if it is under way already, is another matter.
  if (resets_seen_ != resets_before) co_return HeadTimeout::none;
  if (!answer.ok()) {
    if (!device_.is_resetting()) co_return HeadTimeout::none;
    const bool is_missed = way == NotBegun::blame && answer.error() == Errno::time && !is_preempted;
    co_return is_missed ? HeadTimeout::condemned : head_timeout_;
  }
  const std::uint32_t flags = std::bit_cast<abi::DisableReply>(answer.value()).flags;
  if (device_.spec.timeout_reads_seqno) co_await hardware_.complete_reached(ctx);
  if (device_.is_gone() || is_banned() || resets_seen_ != resets_before) co_return HeadTimeout::none;
  if (device_.is_resetting() || !hardware_.is_registered()) co_return head_timeout_;
  const bool done = hardware_.is_done(job.id());
  const bool is_lost = (flags & abi::kWasReset) != 0;  // its context, whether or not the job is done
  // xe asks only whether the job has started by now: that it ended meanwhile does not lift the ban.
  const bool stays_banned = done && !is_preempted && device_.spec.timeout_not_begun == NotBegun::reset;
  if (is_killed_outright() || is_lost || stays_banned) {
    const bool is_blamed = !done && !is_killed_outright();
    ban(ctx, is_blamed ? job.id() : JobId{}, done ? Errno::canceled : error, Errno::canceled);
    co_return HeadTimeout::none;
  }
  // What stands still has been preempted, and goes on.
  if (done || is_preempted) co_return co_await let_go_on(ctx, flags);
  if (suspicion == Suspicion::not_begun) co_return co_await judge_not_begun(ctx, job, flags);
  ban(ctx, job.id(), error, Errno::canceled);
  co_return HeadTimeout::none;
}

/// Pre: the queue is disabled; the job had not begun when that was ordered.
os::Task<FirmwareQueue::HeadTimeout> FirmwareQueue::judge_not_begun(os::Context& ctx, sched::Job& job,
                                                                    std::uint32_t flags) {
  const DriverSpec& spec = device_.spec;
  HardwareQueue::PendingJob& head = hardware_.head();
  const bool begun = hardware_.head_has_begun();
  // Its ring waits for another queue, whose own timeouts end that.
  if (!begun && (flags & abi::kWaits) != 0) co_return co_await let_go_on(ctx, flags);
  switch (spec.timeout_not_begun) {
    case NotBegun::wait:
      // It waits its turn, or has begun meanwhile; or its doorbell or its registration was lost, which is made good.
      co_return co_await make_good(ctx, job, flags);
    case NotBegun::reset:
      if (!begun && (++head.karma <= spec.reset_limit || spec.reset_limit == 0)) {
        device_.request_reset(ctx, ResetReason::job_timeout);  // xe lifts the ban
        co_return HeadTimeout::open;
      }
      break;
    case NotBegun::blame:
      // Not on a slot.
      if (spec.timeout_clock == TimeoutClock::on_slot && (flags & abi::kHasWork) != 0) {
        co_return co_await let_go_on(ctx, flags);
      }
      break;
  }
  ban(ctx, job.id(), timeout_error(), Errno::canceled);
  co_return HeadTimeout::none;
}

/// What the firmware knows nothing of is told again, so often for each job.
os::Task<FirmwareQueue::HeadTimeout> FirmwareQueue::make_good(os::Context& ctx, sched::Job& job, std::uint32_t flags) {
  const bool is_lost = (flags & abi::kHasWork) == 0;
  if (is_lost && ++device_.jobs[job.driver_job()].retries > device_.spec.timeout_retries) {
    device_.request_reset(ctx, ResetReason::job_timeout);
    co_return HeadTimeout::open;
  }
  co_return co_await let_go_on(ctx, flags);
}

/// Ends a disable; the firmware reads the write index again. Open: the channel is dead, and a reset will decide.
os::Task<FirmwareQueue::HeadTimeout> FirmwareQueue::let_go_on(os::Context& ctx, std::uint32_t flags) {
  if (termination_) co_return HeadTimeout::none;  // it is being taken off, and must not come back
  const bool known = (flags & abi::kUnknown) == 0;
  const std::uint64_t resets_before = resets_seen_;
  const Errno error = known ? co_await hardware_.enable(ctx) : co_await hardware_.register_with_firmware(ctx);
  co_return error == Errno::ok || resets_seen_ != resets_before ? HeadTimeout::none : HeadTimeout::open;
}

void FirmwareQueue::on_reset_notify(os::Context& ctx) {
  if (is_banned()) return;
  standing_ = Standing::reset_under;
  if (terminates()) return terminate(ctx, hardware_.head_job(), lost_engine_error());
  if (judging_) return;  // it looks for this at its end
  if (!hardware_.has_jobs()) {
    ban(ctx, JobId{}, Errno::io, Errno::canceled);
  } else {
    domain().trigger_timeout_for_good(ctx);  // as in xe, the timeout worker cleans up
  }
}

void FirmwareQueue::on_preempt_missed(os::Context& ctx) {
  if (is_banned() || is_ending() || device_.is_resetting()) return;
  head_timeout_ = HeadTimeout::condemned;
  timed_out_ = hardware_.head_job();
  device_.request_reset(ctx, ResetReason::preempt_missed);
}

// --- KillWay::terminate ----------------------------------------------------------------------------------------------
//
// panthor marks the group and has the tick, or the group's own term work, take it off its slot by CSG TERMINATE; then
// group_term_post_processing() ends all its jobs on the hardware with one error. Here that work runs where timeouts do
// (ours); both wait for each other there, too, for sched->lock.

void FirmwareQueue::terminate(os::Context& ctx, JobId guilty, Errno error) {
  if (is_banned() || termination_ || is_ending()) return;
  termination_ = Termination{guilty, error};
  if (device_.tick != nullptr) device_.tick->condemn(hardware_);
  hardware_.wake_room(ctx);
  device_.timeout_wq.queue(ctx, terminate_work_);
}

os::Task<> FirmwareQueue::terminate_work(void* self, os::Context& ctx) {
  return static_cast<FirmwareQueue*>(self)->take_off(ctx);
}

os::Task<> FirmwareQueue::take_off(os::Context& ctx) {
  const HardwareQueue::Pin pin{ctx, hardware_};
  co_await hardware_.complete_reached(ctx);
  if (is_banned() || device_.is_gone() || device_.is_resetting()) co_return;  // after_reset() ends it
  if (hardware_.is_registered()) {
    const Result<Message> answer = co_await hardware_.request(ctx, abi::Action::terminate_queue);
    if (!answer.ok()) co_return;  // so it does here
    co_await hardware_.complete_reached(ctx);
  }
  if (!device_.is_gone()) ban(ctx, termination_->guilty, termination_->error, termination_->error);
}

// --- the queue's end as a client knows it ----------------------------------------------------------------------------

void FirmwareQueue::ban(os::Context& ctx, JobId guilty, Errno head_error, Errno error) {
  if (is_banned()) return;
  standing_ = Standing::banned;
  ctx.emit(trace::queue_banned{.queue = id(), .job = guilty});
  hardware_.signal_starts(ctx, error);
  hardware_.signal_all(ctx, head_error, error);
  hardware_.force_value(ctx);
  hardware_.wake_room(ctx);
  if (!is_ending()) kill_submission(ctx, error);
}

// --- a device reset --------------------------------------------------------------------------------------------------

bool FirmwareQueue::is_victim_of_reset() {
  const bool begun = hardware_.head_has_begun();
  switch (device_.spec.reset_victims) {
    case ResetVictims::on_engine:
      return begun && hardware_.ring().read_run_time(SimTime{}).on_engine;
    case ResetVictims::begun:
      return begun;
    case ResetVictims::all:
      break;
  }
  return true;
}

bool FirmwareQueue::after_reset(os::Context& ctx) {
  ++resets_seen_;
  if (is_ending() || is_banned()) return false;
  HeadTimeout timeout = std::exchange(head_timeout_, HeadTimeout::none);
  left_disabled_.reset();
  if (termination_) {
    ban(ctx, termination_->guilty, termination_->error, termination_->error);
    return false;
  }
  if (standing_ == Standing::reset_under) {  // its engine had been reset before the device was
    ban(ctx, hardware_.head_job(), lost_engine_error(), Errno::canceled);
    return false;
  }
  if (is_killed_outright() && hardware_.has_jobs()) {
    ban(ctx, JobId{}, timeout_error(), Errno::canceled);
    return false;
  }
  if (!hardware_.has_jobs()) return true;
  watch_progress(ctx);  // the head has its time anew
  HardwareQueue::PendingJob& head = hardware_.head();
  if (timeout != HeadTimeout::none && head.job != timed_out_) {  // that one is done; xe's ban stands all the same
    if (timeout == HeadTimeout::condemned && device_.spec.timeout_not_begun == NotBegun::reset) {
      ban(ctx, JobId{}, timeout_error(), Errno::canceled);
      return false;
    }
    timeout = HeadTimeout::none;
  }
  if (timeout == HeadTimeout::condemned || is_victim_of_reset()) {
    // xe's err is -ETIME unless an engine was reset under the queue; panthor's groups that did not suspend before the
    // reset count as timed out; amdgpu cancels what did not hang.
    const bool own = timeout != HeadTimeout::none || terminates();
    const Errno innocent = device_.spec.reset_victims == ResetVictims::on_engine ? Errno::io
                           : device_.spec.reset_victims == ResetVictims::begun   ? Errno::time
                                                                                 : Errno::canceled;
    ban(ctx, head.job, own ? timeout_error() : innocent, terminates() ? timeout_error() : Errno::canceled);
    return false;
  }
  // guc_exec_queue_stop() counts only the head, and only if it has not begun.
  if (hardware_.head_has_begun() || device_.spec.reset_limit == 0) return true;
  if (++head.karma <= device_.spec.reset_limit) return true;
  ban(ctx, head.job, device_.spec.reset_victims == ResetVictims::begun ? Errno::time : Errno::canceled,
      Errno::canceled);
  return false;
}

void FirmwareQueue::on_device_gone(os::Context& ctx) {
  ban(ctx, JobId{}, Errno::nodev, Errno::nodev);
  // What was refused since an earlier ban waits for a timeout, whose handler leaves it alone now.
  hardware_.signal_all(ctx, Errno::nodev, Errno::nodev);
}

}  // namespace gpusim::drv
