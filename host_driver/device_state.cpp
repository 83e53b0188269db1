// SPDX-License-Identifier: MIT
#include "host_driver/device_state.h"

#include <span>

#include "host_driver/tick_scheduler.h"
#include "os/host.h"

namespace gpusim::drv {

DeviceState::DeviceState(os::Host& the_host, DeviceAccess& device, const abi::DeviceDescriptor& descriptor,
                         const DriverSpec& driver_spec, sched::FenceArena& fence_arena, DeviceOwner& device_owner)
    : spec{driver_spec},
      host{the_host},
      access{device},
      fences{fence_arena},
      owner{device_owner},
      // A gang takes several, by number.
      queue_lock_class{host.lockdep().lock_class("exec_queue.lock", driver_spec.rings == Rings::shared)},
      channel{device, spec, host.lockdep().lock_class("control_channel.lock"), *this},
      notifier{make_notifier(descriptor.notify, device, channel, spec)},
      jobs{device},
      native_waits{fence_arena},
      firmware_ids{descriptor.max_queues},
      timeout_wq{host, 1},
      first_work_{host.names().works.size()} {
  // What only mapped queues have, or only a host that gives slots, comes last; others' kinds may follow.
  const bool ticks = descriptor.policy == abi::RunPolicy::host_slots;
  const DriverWork end = driver_spec.direct ? DriverWork::slot_tick : DriverWork::user_queue_hang;
  const std::size_t count = ticks ? kDriverWorkNames.size() : static_cast<std::size_t>(end);
  const std::span known{kDriverWorkNames.data(), count};
  host.names().works.insert(host.names().works.end(), known.begin(), known.end());
  if (ticks) tick = std::make_unique<TickScheduler>(*this, descriptor);
}

DeviceState::~DeviceState() = default;

void DeviceState::request_reset(os::Context& ctx, ResetReason reason) {
  if (is_gone() || reset_ != Reset::none) return;
  reset_ = Reset::wanted;
  reset_reason_ = reason;
  channel.interrupt(ctx);  // whoever waits for an answer holds up the reset
  owner.start_reset(ctx);
}

os::Task<> DeviceState::wait_for_reset(os::Context& ctx) {
  return reset_wait_.wait(ctx, {os::BlockedOn::Kind::other, "a device reset", 0, 0},
                          [this] { return reset_ == Reset::none || is_gone(); });
}

os::Task<> DeviceState::wait_for_probe(os::Context& ctx) {
  return probe_wait_.wait(ctx, {os::BlockedOn::Kind::other, "the driver's probe", 0, 0},
                          [this] { return presence_ != Presence::probing; });
}

void DeviceState::set_present(os::Context& ctx) {
  if (!is_gone()) presence_ = Presence::present;
  probe_wait_.wake_all(ctx);
}

void DeviceState::set_gone(os::Context& ctx) {
  presence_ = Presence::gone;
  channel.take_down(ctx, Errno::nodev);
  probe_wait_.wake_all(ctx);
  reset_wait_.wake_all(ctx);
}

void DeviceState::end_reset(os::Context& ctx) {
  reset_ = Reset::none;
  reset_wait_.wake_all(ctx);
}

}  // namespace gpusim::drv
