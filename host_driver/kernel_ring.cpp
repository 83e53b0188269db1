// SPDX-License-Identifier: MIT
#include "host_driver/kernel_ring.h"

#include <bit>

#include "os/host.h"

namespace gpusim::drv {

using sched::TimeoutVerdict;

KernelRing::KernelRing(DeviceState& device, QueueFactory& factory, const HardwareQueue::Identity& identity,
                       const std::string& name, std::uint32_t credit_limit)
    : device_{device},
      hardware_{device, *this, identity},
      scheduler_{factory.create_scheduler(identity.id, name, credit_limit, *this, device.timeout_wq)} {}

sched::FenceRef KernelRing::finished_fence(sched::Job& job) const {
  return device_.jobs[job.driver_job()].submission->finished_fence(job);
}

// --- jobs ------------------------------------------------------------------------------------------------------------

// amdgpu_job_prepare_job(): a context whose last job failed is lost, also if that was recovered softly (until August
// 2024 -ENODATA was let pass). v3d and its kind have no such thing. A job that is not lost waits for its gang's turn.
sched::FenceRef KernelRing::prepare_job(os::Context& ctx, sched::Job& job) {
  const JobRecord& record = device_.jobs[job.driver_job()];
  const Errno error = record.submission->last_error();
  if (!resubmits() && error != Errno::ok) {
    const sched::FenceRef finished = finished_fence(job);
    if (finished->error() == Errno::ok) finished->set_error(error);
    return {};
  }
  return record.gang ? device_.gang.switch_to(ctx, job.id(), record) : sched::FenceRef{};
}

// amdgpu_job_run(): the others of a gang are not there a second time.
os::Task<sched::RunResult> KernelRing::run_job(os::Context& ctx, sched::Job& job) {
  JobRecord& record = device_.jobs[job.driver_job()];
  if (record.has_run && record.gang && !finished_fence(job)->is_signaled()) {
    finished_fence(job)->set_error(Errno::canceled);
  }
  record.has_run = true;
  return hardware_.run_job(ctx, job);
}

// amdgpu_job_run(), v3d_render_job_run(): a job with an error is not put on the hardware.
Errno KernelRing::error_of(sched::Job& job) const {
  return device_.is_gone() ? Errno::nodev : finished_fence(job)->error();
}

// The ring's fences end in order when its device is gone (amdgpu_fence_driver_force_completion()). Else run_job()
// returns no fence, and the job is done at once. Ours: not while jobs of its queue before it run again. Those of a
// guilty entity all do not; but a job of a gang is left out between others.
sched::RunResult KernelRing::refuse(os::Context& ctx, sched::Job& job) {
  const bool is_its_turn =
      device_.is_gone() ? hardware_.has_signalled_all() : hardware_.has_signalled_those_before(job);
  if (is_its_turn) return {{}, error_of(job)};
  return {hardware_.refuse(ctx, job, error_of(job)), Errno::ok};
}

// --- a job that hangs ------------------------------------------------------------------------------------------------

os::Task<TimeoutVerdict> KernelRing::timedout_job(os::Context& ctx, sched::Job& job) {
  // amdgpu answers -ENODEV, after which drm_sched has lost the job: it is neither put back nor freed. Not so here.
  if (device_.is_gone()) co_return TimeoutVerdict::no_hang;
  const DriverSpec& spec = device_.spec;
  if (spec.timeout_reads_seqno) co_await hardware_.complete_reached(ctx);
  if (hardware_.is_done(job.id())) co_return TimeoutVerdict::no_hang;
  if (!resubmits()) {
    if (spec.soft_recovery.count() != 0 && co_await recover_softly(ctx, job)) co_return TimeoutVerdict::no_hang;
    if (spec.ring_reset && co_await reset_ring(ctx, job)) co_return TimeoutVerdict::no_hang;
  }
  guilty_ = &job;
  co_await device_.owner.reset_here(ctx, ResetReason::job_timeout);
  guilty_ = nullptr;
  co_return resubmits() ? TimeoutVerdict::reset : TimeoutVerdict::no_hang;
}

/// amdgpu_ring_soft_recovery(): -ENODATA for the hardware fence; then the engine's waves are killed again and again
/// until the fence has signalled or the time is over, without sleep.
os::Task<bool> KernelRing::recover_softly(os::Context& ctx, sched::Job& job) {
  const DriverSpec& spec = device_.spec;
  const auto engine = static_cast<std::uint32_t>(std::countr_zero(hardware_.engine_mask()));
  const std::uint64_t value = device_.jobs[job.driver_job()].fence_value;
  hardware_.set_error(job.id(), Errno::nodata);  // nothing takes that back: a job that ends after all has it
  const SimTime deadline = ctx.now() + spec.soft_recovery;
  // As many register writes as fit into 10 us; on the link they are one.
  const Cost poll{us(10), spec.mmio_write.parameter};
  while (!hardware_.is_done(job.id()) && ctx.now() < deadline && !device_.is_gone()) {
    device_.access.mmio_write32(abi::kRegKillWork, abi::kill_work(engine, value), nullptr);
    ctx.charge(poll);
    co_await ctx.step();
  }
  co_return hardware_.is_done(job.id());
}

/// amdgpu_ring_reset_helper_begin(), .._end() around the ring's reset: what belongs to others is written again; the job
/// gets -ETIME, the rest of its context -ECANCELED.
os::Task<bool> KernelRing::reset_ring(os::Context& ctx, sched::Job& job) {
  co_await scheduler_.stop(ctx);
  bool is_reset = false;
  if (hardware_.is_registered() && !device_.is_resetting()) {
    is_reset = co_await hardware_.throw_away(ctx);
    if (is_reset && !device_.is_gone() && !device_.is_resetting()) {
      co_await hardware_.complete_reached(ctx);
      hardware_.write_again(ctx, job);
      if (hardware_.has_jobs()) is_reset = co_await hardware_.register_with_firmware(ctx) == Errno::ok;
      co_await hardware_.complete_reached(ctx);
    }
  }
  co_await scheduler_.start(ctx, Errno::ok);
  co_return is_reset;
}

// --- device resets ---------------------------------------------------------------------------------------------------

void KernelRing::on_preempt_missed(os::Context& ctx) { device_.request_reset(ctx, ResetReason::preempt_missed); }

bool KernelRing::after_reset(os::Context& ctx) {
  if (resubmits()) {
    // v3d_gpu_reset_for_timeout(), panfrost_reset(): what was in the ring is written again by the start.
    hardware_.drop_all(ctx);
    if (guilty_ != nullptr) scheduler_.increase_karma(ctx, *guilty_);
    return true;
  }
  // amdgpu_fence_driver_force_completion(): of the ring whose job has hung the head is that job.
  const bool is_guilty = guilty_ != nullptr && hardware_.head_job() == guilty_->id();
  hardware_.signal_starts(ctx, Errno::canceled);
  hardware_.signal_all(ctx, is_guilty ? Errno::time : Errno::canceled, Errno::canceled);
  hardware_.drop_all(ctx);
  return true;
}

void KernelRing::on_device_gone(os::Context& ctx) {
  hardware_.signal_starts(ctx, Errno::nodev);
  hardware_.signal_all(ctx, Errno::nodev, Errno::nodev);
  hardware_.wake_room(ctx);
}

}  // namespace gpusim::drv
