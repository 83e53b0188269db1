// SPDX-License-Identifier: MIT
#include "host_driver/firmware_queue.h"

#include "host_driver/tick_scheduler.h"
#include "os/host.h"

namespace gpusim::drv {

FirmwareQueue::FirmwareQueue(DeviceState& device, QueueFactory& factory, QueueId id, std::uint32_t firmware_id,
                             const QueueParams& params, std::uint32_t credit_limit)
    : ExecQueue{device, id, params},
      hardware_{device,
                *this,
                {id, firmware_id, params.engine_mask, params.priority,
                 static_cast<std::uint32_t>(params.client.value()), params.limits}},
      terminate_work_{&FirmwareQueue::terminate_work, this, device.kind_of(DriverWork::terminate), id.value()},
      slot_timeout_{device.timeout_wq, &FirmwareQueue::slot_timeout_work, this,
                    device.kind_of(DriverWork::slot_timeout), id.value()},
      submission_{factory.create_queue(id, params, credit_limit, *this, device.timeout_wq)} {}

// --- as an ExecQueue -------------------------------------------------------------------------------------------------

void FirmwareQueue::on_kill(os::Context& ctx) {
  hardware_.wake_room(ctx);  // a job that waits for room has not run
  if (terminates() && hardware_.has_pending()) terminate(ctx, JobId{}, Errno::canceled);
}

Errno FirmwareQueue::standing_error() const {
  // xe_exec_ioctl(), amdgpu_cs_parser_init(): -ECANCELED; panthor_job_create(): -EINVAL.
  if (standing_ == Standing::good && !termination_) return Errno::ok;
  return terminates() ? Errno::inval : Errno::canceled;
}

// As xe does, for the firmware alone: drm_sched_entity_set_priority() is amdgpu's, whose rings the host schedules.
os::Task<> FirmwareQueue::set_priority(os::Context& ctx, std::uint32_t priority) {
  set_level(priority);
  if (device_.tick != nullptr) {
    (void)co_await device_.tick->set_level(ctx, hardware_, priority);
    co_return;
  }
  hardware_.set_priority(priority);
  (void)co_await hardware_.send_level(ctx);
}

// --- run_job ---------------------------------------------------------------------------------------------------------

bool FirmwareQueue::takes_jobs() const { return !is_banned() && !termination_ && !is_killed() && !device_.is_gone(); }

// xe returns the job's hardware fence all the same. Others: an error.
Errno FirmwareQueue::refusal() const {
  if (device_.is_gone()) return Errno::nodev;
  return device_.spec.kill_way == KillWay::drain ? Errno::ok : Errno::canceled;
}

std::optional<Errno> FirmwareQueue::refuses_put_off() const {
  return takes_jobs() ? std::nullopt : std::optional{refusal()};
}

sched::RunResult FirmwareQueue::refuse(os::Context& ctx, sched::Job& job) {
  const Errno error = refusal();
  if (error == Errno::ok) return {hardware_.refuse_for_timeout(ctx, job), Errno::ok};
  if (hardware_.has_signalled_all()) return {{}, error};
  return {hardware_.refuse(ctx, job, error), Errno::ok};
}

// --- teardown --------------------------------------------------------------------------------------------------------

os::Task<> FirmwareQueue::queue_fini(os::Context& ctx) {
  // The firmware may still know the queue: two round trips before its id and memory can go. A device reset in between
  // answers for the firmware, and a device that is gone needs none.
  set_ending();
  co_await hardware_.forget(ctx);
  if (has_slot_timeout()) co_await slot_timeout_.cancel_sync(ctx);
  if (termination_) co_await device_.timeout_wq.cancel_sync(ctx, terminate_work_);
  co_await hardware_.wait_for_pins(ctx);
  ctx.emit(trace::queue_destroyed{.queue = id()});
  device_.firmware_ids.give_back(hardware_.firmware_id());
  device_.owner.forget_queue(*this);
}

}  // namespace gpusim::drv
