// SPDX-License-Identifier: MIT
// The one device of a driver, as its queues see it: the ways to it, what is shared of it, and how it is. The Driver
// owns the DeviceState and the queues; a queue knows this header and not the Driver.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "firmware/abi/device.h"
#include "host_driver/control_channel.h"
#include "host_driver/current_gang.h"
#include "host_driver/device_access.h"
#include "host_driver/id_allocator.h"
#include "host_driver/job_records.h"
#include "host_driver/native_waits.h"
#include "host_driver/notifier.h"
#include "host_driver/spec.h"
#include "os/lockdep.h"
#include "os/sync.h"
#include "os/workqueue.h"
#include "scheduler/fence.h"
#include "scheduler/submission.h"

namespace gpusim::drv {

class ExecQueue;
class HardwareQueue;
class TickScheduler;

/// The driver's kinds of work. In Names::works they stand behind the component's.
enum class DriverWork : std::uint8_t {
  device_reset,
  slot_timeout,
  terminate,
  firmware_reply,
  user_queue_hang,
  user_queue_suspend,
  user_queue_restore,
  slot_tick,
};
inline constexpr std::array kDriverWorkNames{"device_reset",       "slot_timeout",    "terminate",
                                             "firmware_reply",     "user_queue_hang", "user_queue_suspend",
                                             "user_queue_restore", "slot_tick"};

/// What the device's owner is asked for. Any context, and no call waits, unless said.
class DeviceOwner {
 public:
  /// The queue has entries on the hardware: completion interrupts of its engines look at it until it has none.
  virtual void mark_active(HardwareQueue& queue) = 0;
  /// The queue has ended, and the firmware has forgotten what it had of the device: destroys it.
  virtual void forget_queue(ExecQueue& queue) = 0;
  /// DriverSpec::high_ring: which rings a queue of these engines may use depends on its level.
  [[nodiscard]] virtual bool has_rings_by_level(std::uint32_t engine_mask) const = 0;
  /// Shared rings: the schedulers among which an entity with these engines and this level chooses, at least one.
  [[nodiscard]] virtual std::vector<sched::SubmissionDomain*> schedulers_for(std::uint32_t engine_mask,
                                                                             std::uint32_t level) const = 0;
  /// A reset was requested, and none is wanted yet.
  virtual void start_reset(os::Context& ctx) = 0;
  /// A full reset within a timeout's handler. Context: DeviceState::timeout_wq.
  [[nodiscard]] virtual os::Task<> reset_here(os::Context& ctx, ResetReason reason) = 0;
  /// What the firmware says of itself.
  virtual void on_firmware_event(os::Context& ctx, const Message& event) = 0;

 protected:
  ~DeviceOwner() = default;
};

class DeviceState final : private ControlChannel::Owner {
 public:
  /// All but `descriptor` and `driver_spec` outlive it.
  DeviceState(os::Host& the_host, DeviceAccess& device, const abi::DeviceDescriptor& descriptor,
              const DriverSpec& driver_spec, sched::FenceArena& fence_arena, DeviceOwner& device_owner);
  ~DeviceState();
  DeviceState(const DeviceState&) = delete;
  DeviceState& operator=(const DeviceState&) = delete;

  const DriverSpec spec;
  os::Host& host;
  DeviceAccess& access;
  sched::FenceArena& fences;
  DeviceOwner& owner;
  const os::LockClass queue_lock_class;
  ControlChannel channel;
  const std::unique_ptr<Notifier> notifier;
  JobRecords jobs;
  CurrentGang gang;
  NativeWaits native_waits;
  IdAllocator firmware_ids;
  /// Ordered: device resets, and with drm_sched all timeouts, one after the other. xe: gt->ordered_wq; panthor:
  /// panthor-reset-wq; amdgpu: reset_domain->wq.
  os::Workqueue timeout_wq;
  /// Who gives the slots; nullptr: the firmware.
  std::unique_ptr<TickScheduler> tick;
  [[nodiscard]] os::WorkKind kind_of(DriverWork work) const {
    return static_cast<std::uint8_t>(first_work_ + static_cast<std::size_t>(work));
  }

  /// Unplugged, or it survives no reset: for good.
  [[nodiscard]] bool is_gone() const { return presence_ == Presence::gone; }
  /// A reset is wanted or under way: what the firmware says counts no more.
  [[nodiscard]] bool is_resetting() const { return reset_ != Reset::none; }
  /// A reset stops all queues, or has stopped them: no job is handed over, and one that is being handed over waits for
  /// nothing (HardwareQueue::run_job()).
  [[nodiscard]] bool is_held() const { return reset_ == Reset::held; }

  /// A full reset, in the driver's own worker; a request while one is wanted or under way joins it. Any context; never
  /// waits.
  void request_reset(os::Context& ctx, ResetReason reason);
  /// Sleeps until no reset is wanted or at work, or the device is gone. Context: may sleep.
  [[nodiscard]] os::Task<> wait_for_reset(os::Context& ctx);
  /// Sleeps until the device has been probed, or is gone. Context: may sleep.
  [[nodiscard]] os::Task<> wait_for_probe(os::Context& ctx);

  // What the owner says of it. Any context; no call waits.
  void set_present(os::Context& ctx);
  void set_gone(os::Context& ctx);
  /// Pre: a reset is wanted.
  void set_held(bool held) { reset_ = held ? Reset::held : Reset::wanted; }
  void end_reset(os::Context& ctx);
  [[nodiscard]] ResetReason reset_reason() const { return reset_reason_; }

 private:
  // ControlChannel::Owner
  void on_channel_dead(os::Context& ctx, ResetReason reason) override { request_reset(ctx, reason); }
  void on_firmware_event(os::Context& ctx, const Message& event) override { owner.on_firmware_event(ctx, event); }

  enum class Presence : std::uint8_t { probing, present, gone };
  enum class Reset : std::uint8_t {
    none,
    wanted,
    held,
  };

  std::size_t first_work_;  // in Names::works
  Presence presence_ = Presence::probing;
  Reset reset_ = Reset::none;
  ResetReason reset_reason_ = ResetReason::requested;
  os::WaitQueue probe_wait_;
  os::WaitQueue reset_wait_;
};

}  // namespace gpusim::drv
