// SPDX-License-Identifier: MIT
// The host gives the firmware's slots, on a tick: abi::RunPolicy::host_slots. In kind panthor's scheduler
// (panthor_sched.c, 7.3); whom a tick picks, SlotLists says; docs/host_tick.md has the rules and what is ours.
//
//   a queue without a slot   the firmware has it disabled; its doorbell is not rung, its jobs stay in its ring
//   suspend                  disable_queue, and its answer; none in DriverSpec::answer_timeout: the device is reset
//   start, resume            enable_queue
//   a head behind the others enable_queue, of one that has a slot
//   idle                     the firmware's event queue_idle. If that comes at once a tick believes what it reads from
//                            memory, else the event: no memory says for how long a queue has had no work
//
// Others who disable a queue, a timeout or its end, hold() it first, and it is back in its line when they enable it.
//
// When there is a tick: a period after the one before, as long as there is something to rotate; and at once if a queue
// of level 0 gets work, if one gets work while a slot is free or a holder idle, if a holder becomes idle or loses its
// slot while somebody waits. A tick between two periods is no full one: nothing rotates.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"
#include "host_driver/device_state.h"
#include "host_driver/slot_lists.h"
#include "os/delayed_work.h"
#include "os/sync.h"
#include "os/workqueue.h"

namespace gpusim::drv {

class HardwareQueue;

class TickScheduler {
 public:
  /// `device` outlives it, and so do the queues that it is told of, until forget().
  TickScheduler(DeviceState& device, const abi::DeviceDescriptor& descriptor);
  TickScheduler(const TickScheduler&) = delete;
  TickScheduler& operator=(const TickScheduler&) = delete;

  /// There is one more entry in the queue's ring. True: its doorbell is to be rung. Any context; never waits.
  [[nodiscard]] bool submit(os::Context& ctx, HardwareQueue& queue);
  /// It has been registered: the firmware has it, disabled. Any context; never waits.
  void admit(os::Context& ctx, HardwareQueue& queue);
  /// Who holds it wants it to go on. Any context; never waits.
  void release(os::Context& ctx, HardwareQueue& queue);
  /// It is given no slot from here on. False: the device has been reset meanwhile, and nothing is held. Context: may
  /// sleep, for as long as a tick takes.
  [[nodiscard]] os::Task<bool> hold(os::Context& ctx, HardwareQueue& queue);
  /// The firmware has disabled the queue that is held. Any context; never waits.
  void take_slot(os::Context& ctx, HardwareQueue& queue);
  /// The firmware has disabled it for good by itself: an engine was reset under it. Any context; never waits.
  void lose_slot(os::Context& ctx, HardwareQueue& queue);
  /// A new level, for the firmware, too. Errors as ControlChannel::send(). Context: may sleep.
  [[nodiscard]] os::Task<Errno> set_level(os::Context& ctx, HardwareQueue& queue, std::uint32_t level);
  /// Its jobs do not run any more: no tick picks it, and one that has picked it already does not start it. If it has a
  /// slot, its owner takes it away. Any context; never waits.
  void condemn(HardwareQueue& queue);
  /// The firmware's event. Any context; never waits.
  void on_idle(os::Context& ctx, HardwareQueue& queue);

  /// The firmware knows nothing of the queue any more, or the queue goes.
  void forget(HardwareQueue& queue);
  /// A device reset: a tick that is under way does nothing more.
  void begin_reset();
  /// It is over. Any context; never waits.
  void end_reset(os::Context& ctx);

 private:
  static os::Task<> tick_work(void* self, os::Context& ctx) { return static_cast<TickScheduler*>(self)->tick(ctx); }
  [[nodiscard]] os::Task<> tick(os::Context& ctx);
  /// False: a reset or the device's end has cut it short.
  [[nodiscard]] os::Task<bool> apply(os::Context& ctx, const SlotLists::Plan& plan);
  /// STATUS_UPDATE: which holders have work.
  void look_at_holders(os::Context& ctx);
  /// To the end of its line, unless it is condemned. With work: as panthor's group_schedule_locked(). Pre: it is
  /// nowhere.
  void line_up(os::Context& ctx, SlotGroup& group);
  /// That it waits, for traces: who gives the slots knows of its entries.
  static void note_waiting(os::Context& ctx, HardwareQueue& queue);
  void tick_now(os::Context& ctx) { (void)work_.modify(ctx, Picoseconds{0}); }
  /// sched_resume_tick()
  void resume(os::Context& ctx);
  void tick_for_waiting(os::Context& ctx) {
    if (lists_.has_runnable()) tick_now(ctx);
  }

  DeviceState& device_;
  os::Mutex lock_;  // panthor: sched->lock; held by a tick to its end
  os::Workqueue wq_;
  os::DelayedWork work_;
  SlotLists lists_;
  SimTime last_tick_{};
  std::optional<SimTime> target_;  // of the next full tick; none: there is nothing to rotate
  bool has_hysteresis_;            // abi::DeviceDescriptor::idle_hysteresis_ps
  bool might_have_idle_ = false;
  std::uint64_t resets_ = 0;
};

}  // namespace gpusim::drv
