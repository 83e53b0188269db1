// SPDX-License-Identifier: MIT
#include "host_driver/tick_scheduler.h"

#include <utility>

#include "host_driver/hardware_queue.h"
#include "os/host.h"

namespace gpusim::drv {

namespace {

[[nodiscard]] bool has_work(HardwareQueue& queue) { return queue.ring().read_completed() < queue.ring().written(); }

}  // namespace

TickScheduler::TickScheduler(DeviceState& device, const abi::DeviceDescriptor& descriptor)
    : device_{device},
      lock_{device.host.lockdep().lock_class("tick_scheduler.lock")},
      wq_{device.host, os::kDefaultMaxActive},
      work_{wq_, &TickScheduler::tick_work, this, device.kind_of(DriverWork::slot_tick), 0},
      lists_{descriptor.slots},
      has_hysteresis_{descriptor.idle_hysteresis_ps != 0} {}

void TickScheduler::note_waiting(os::Context& ctx, HardwareQueue& queue) {
  ctx.emit(trace::queue_ready{.queue = queue.id(), .write_index = queue.ring().written(), .resident = false});
}

// --- what happens between ticks --------------------------------------------------------------------------------------

bool TickScheduler::submit(os::Context& ctx, HardwareQueue& queue) {
  SlotGroup& group = queue.slot_group();
  // The firmware looks at the ring when it has it again, if it does.
  if (!queue.is_registered() || group.is_held || group.is_condemned) return true;
  if (group.has_slot()) {
    const bool was_idle = std::exchange(group.is_idle, false);
    if (was_idle && !target_) resume(ctx);
    return true;
  }
  note_waiting(ctx, queue);
  if (group.place() == SlotGroup::Place::runnable) return false;
  lists_.remove(group);
  line_up(ctx, group);
  return false;
}

void TickScheduler::admit(os::Context& ctx, HardwareQueue& queue) {
  if (queue.is_registered() && has_work(queue)) note_waiting(ctx, queue);
  release(ctx, queue);
}

void TickScheduler::release(os::Context& ctx, HardwareQueue& queue) {
  SlotGroup& group = queue.slot_group();
  group.is_held = false;
  if (queue.is_registered() && group.place() == SlotGroup::Place::nowhere) line_up(ctx, group);
}

void TickScheduler::line_up(os::Context& ctx, SlotGroup& group) {
  if (group.is_condemned) return;
  group.is_idle = !has_work(*group.queue);
  lists_.put(group);
  if (group.is_idle) return;
  if (group.level == 0 || might_have_idle_) return tick_now(ctx);
  if (!target_) return resume(ctx);
  if (lists_.has_free_slot()) tick_now(ctx);
}

void TickScheduler::resume(os::Context& ctx) {
  const SimTime now = ctx.now();
  target_ = last_tick_ + device_.spec.tick;
  const bool waits = !lists_.has_free_slot() && now < *target_;
  // One that is to be at once is not put off.
  if (!work_.is_pending()) (void)work_.modify(ctx, waits ? *target_ - now : Picoseconds{0});
}

os::Task<bool> TickScheduler::hold(os::Context& ctx, HardwareQueue& queue) {
  const std::uint64_t resets = resets_;
  co_await lock_.lock(ctx);
  os::HeldMutexes held{ctx};
  held.adopt(lock_);
  if (resets != resets_) co_return false;
  SlotGroup& group = queue.slot_group();
  group.is_held = true;
  if (!group.has_slot()) lists_.remove(group);
  co_return true;
}

void TickScheduler::take_slot(os::Context& ctx, HardwareQueue& queue) {
  SlotGroup& group = queue.slot_group();
  if (!group.is_held || !group.has_slot()) return;  // a reset has been faster
  lists_.remove(group);
  group.off_slot.begin(ctx.now());
  tick_for_waiting(ctx);
}

os::Task<Errno> TickScheduler::set_level(os::Context& ctx, HardwareQueue& queue, std::uint32_t level) {
  co_await lock_.lock(ctx);
  os::HeldMutexes held{ctx};
  held.adopt(lock_);
  SlotGroup& group = queue.slot_group();
  queue.set_priority(level);
  if (level == group.level) co_return Errno::ok;
  lists_.set_level(group, level);
  if (group.place() == SlotGroup::Place::runnable && level == 0) tick_now(ctx);
  if (!queue.is_registered()) co_return Errno::ok;  // its registration will say it
  co_return co_await queue.send_level(ctx);
}

void TickScheduler::lose_slot(os::Context& ctx, HardwareQueue& queue) {
  queue.slot_group().is_held = true;
  take_slot(ctx, queue);
}

void TickScheduler::condemn(HardwareQueue& queue) {
  SlotGroup& group = queue.slot_group();
  group.is_condemned = true;
  if (!group.has_slot()) lists_.remove(group);
}

void TickScheduler::on_idle(os::Context& ctx, HardwareQueue& queue) {
  SlotGroup& group = queue.slot_group();
  if (!group.has_slot() || group.is_held || has_work(queue)) return;
  group.is_idle = true;
  might_have_idle_ = true;
  tick_for_waiting(ctx);
}

void TickScheduler::forget(HardwareQueue& queue) {
  lists_.remove(queue.slot_group());
  queue.slot_group().is_held = false;
}

void TickScheduler::begin_reset() {
  ++resets_;
  target_.reset();
  might_have_idle_ = false;
}

void TickScheduler::end_reset(os::Context& ctx) { tick_for_waiting(ctx); }

// --- a tick ----------------------------------------------------------------------------------------------------------

void TickScheduler::look_at_holders(os::Context& ctx) {
  for (std::uint32_t level = 0; level < abi::kPriorityLevels; ++level) {
    for (SlotGroup* group = lists_.holders(level).first(); group != nullptr; group = GroupList::next(*group)) {
      ctx.charge(device_.spec.tick_scan);
      group->is_idle = !has_work(*group->queue) && (group->is_idle || !has_hysteresis_);
    }
  }
}

os::Task<> TickScheduler::tick(os::Context& ctx) {
  co_await lock_.lock(ctx);
  os::HeldMutexes held{ctx};
  held.adopt(lock_);
  co_await ctx.step();
  if (device_.is_gone() || device_.is_resetting()) co_return;
  const SimTime now = ctx.now();
  const bool is_full = target_ && now >= *target_;
  look_at_holders(ctx);
  const SlotLists::Plan& plan = lists_.pick(is_full);
  might_have_idle_ = plan.has_idle;
  last_tick_ = now;
  // A tick in between does not put off the full one.
  if (!plan.keeps_ticking) {
    target_.reset();
  } else if (!target_ || *target_ <= now) {
    target_ = now + device_.spec.tick;
  }
  if (!co_await apply(ctx, plan)) co_return;
  // Counted from here, as panthor's is: what has just been started has the whole of it, however long that took.
  if (target_ && !work_.is_pending()) (void)work_.modify(ctx, *target_ - now);
}

os::Task<bool> TickScheduler::apply(os::Context& ctx, const SlotLists::Plan& plan) {
  const std::uint64_t resets = resets_;
  const auto is_cut_short = [&] { return resets != resets_ || device_.is_gone() || device_.is_resetting(); };
  for (SlotGroup* group : plan.evicted) group->is_held = true;
  for (SlotGroup* group : plan.evicted) {
    HardwareQueue& queue = *group->queue;
    const HardwareQueue::Pin pin{ctx, queue};
    const Result<Message> answer =
        co_await device_.channel.request(ctx, queue.id(), abi::Action::disable_queue, queue.firmware_id());
    if (!answer.ok() || is_cut_short()) co_return false;
    group->off_slot.begin(ctx.now());
  }
  for (const auto* enabled : {&plan.started, &plan.moved}) {
    for (SlotGroup* group : *enabled) {
      HardwareQueue& queue = *group->queue;
      if (group->is_condemned) continue;
      const HardwareQueue::Pin pin{ctx, queue};
      group->off_slot.end(ctx.now());
      if (co_await queue.send_enable(ctx) != Errno::ok || is_cut_short()) co_return false;
    }
  }
  for (SlotGroup* group : plan.evicted) {
    group->is_held = false;
    if (group->is_condemned) continue;
    note_waiting(ctx, *group->queue);
    if (!group->is_idle && has_work(*group->queue)) {
      lists_.put(*group);  // it waits for its next turn, and that is no reason for a tick
    } else {
      line_up(ctx, *group);
    }
  }
  co_return true;
}

}  // namespace gpusim::drv
