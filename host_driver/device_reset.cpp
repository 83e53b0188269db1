// SPDX-License-Identifier: MIT
// The last two rungs of the ladder (docs/reference/firmware.md, "Reset ladder"): the whole device starts anew, or it is
// gone.
//
// A reset runs in a worker of its own, as xe's does: timeout workers request it and return, so no stopped worker waits
// for the reset. The channel goes down first (waiters for an answer get an error), then all domains are stopped, then
// the reset register is written and read back: from then on the device touches no memory. That is the order of xe
// (gt_reset()), panthor, amdgpu and v3d. What no driver hands over while its queues are stopped, a queue that is made
// meanwhile does not either: it is stopped, too (guc_exec_queue_init() in xe_guc_submit.c, panthor_group_create()), and
// one that is mapped into its client is mapped when the reset is over (amdgpu_userq_create()).
// Whom the reset costs a job, DriverSpec::reset_victims says; all other entries are still in their rings and run from
// the completed value on, with the hardware fences they have. (xe has its scheduler call run_job() for them again,
// which writes the same entries and returns the same fences; panthor detaches the fences and hands them back.) A
// teardown under way finds its queue unregistered and is done.
#include "host_driver/driver.h"
#include "host_driver/tick_scheduler.h"
#include "traces/event/faults.h"

namespace gpusim::drv {

static_assert(static_cast<std::uint64_t>(ResetReason::preempt_missed) ==
              static_cast<std::uint64_t>(trace::ResetReason::preempt_missed));

namespace {
constexpr int kAttempts = 3;  // a device that fails so many resets in a row is given up
}

os::Task<> Driver::reset_here(os::Context& ctx, ResetReason reason) {
  device_.request_reset(ctx, reason);  // the work that it queues finds nothing left to do
  co_await reset_worker(ctx);
}

os::Task<> Driver::reset_worker(os::Context& ctx) {
  co_await device_.wait_for_probe(ctx);
  for (int attempt = 0; !device_.is_gone() && device_.is_resetting(); ++attempt) {
    if (attempt == kAttempts) {
      // What is given back from here on, the device must not touch: it stays without a channel.
      ctx.charge(device_.spec.mmio_write);
      co_await ctx.step();
      device_.access.mmio_write32(abi::kRegReset, 1, nullptr);
      (void)co_await read_register(ctx, abi::kRegStatus);
      device_gone(ctx);
      break;
    }
    co_await reset_device(ctx);
    if (device_.channel.is_up()) break;  // else the channel that has just come up asks for another one
  }
  device_.end_reset(ctx);
  if (device_.tick != nullptr) device_.tick->end_reset(ctx);
}

os::Task<> Driver::reset_device(os::Context& ctx) {
  ctx.emit(trace::device_reset_begin{.reason = device_.reset_reason()});
  device_.channel.take_down(ctx, Errno::canceled);
  if (device_.tick != nullptr) device_.tick->begin_reset();
  for (const QueueSlot& slot : queues_) {
    if (slot.device_queue != nullptr) slot.device_queue->hardware().forget_registration();
  }
  HeldQueues held{ctx};
  co_await stop_domains(ctx, held);
  ctx.charge(device_.spec.mmio_write);
  co_await ctx.step();
  device_.access.mmio_write32(abi::kRegReset, 1, nullptr);
  std::uint32_t status = co_await read_register(ctx, abi::kRegStatus);  // behind the write
  for (const QueueSlot& slot : queues_) {
    if (slot.device_queue != nullptr) slot.device_queue->hardware().write_put_off(ctx);
  }
  const SimTime begin = ctx.now();
  while (status == 0 && !device_.is_gone()) {
    // xe: "failed to clear GRDOM_FULL" after 5 ms, and the device is wedged (do_gt_reset() in xe_gt.c).
    if (device_.spec.reset_timeout.count() != 0 && ctx.now() - begin >= device_.spec.reset_timeout) break;
    co_await os::sleep_until(ctx, ctx.now() + device_.spec.reset_poll);
    status = co_await read_register(ctx, abi::kRegStatus);
  }
  if (status == abi::kAllOnes || status == 0) device_gone(ctx);
  if (!device_.is_gone()) co_await bring_back_queues(ctx, held);
  co_await start_domains(ctx, held);
  ctx.emit(trace::device_reset_end{});
}

os::Task<> Driver::stop_domains(os::Context& ctx, HeldQueues& held) {
  held_ = &held;
  device_.set_held(true);
  for (const QueueSlot& slot : queues_) {
    if (slot.device_queue != nullptr) slot.device_queue->hardware().wake_room(ctx);
  }
  const std::size_t known = queues_.size();  // those that are made from here on are stopped by their makers
  for (std::size_t i = 1; i < known; ++i) {
    DeviceQueue* queue = queues_[i].device_queue;
    if (queue != nullptr && !queue->is_ending()) co_await hold(ctx, *queue);  // one that is ending has no jobs
  }
}

os::Task<> Driver::hold(os::Context& ctx, DeviceQueue& queue) {
  HeldQueues& held = *held_;
  held.queues.push_back({HardwareQueue::Pin{held.ctx, queue.hardware()}, &queue});
  ++held.stopping;
  co_await queue.stop(ctx);
  if (--held.stopping == 0) held.all_stopped.wake_all(ctx);
}

os::Task<> Driver::bring_back_queues(os::Context& ctx, const HeldQueues& held) {
  // Queues may come, which have no jobs.
  for (std::size_t i = 0; i < held.queues.size(); ++i) {
    co_await held.queues[i].queue->hardware().complete_reached(ctx);
  }
  std::vector<QueueId> back;
  for (const QueueSlot& slot : queues_) {
    if (slot.device_queue == nullptr || !slot.device_queue->after_reset(ctx)) continue;
    const HardwareQueue& hardware = slot.device_queue->hardware();
    const bool comes_back = hardware.has_pending() || slot.device_queue->is_always_known();
    if (comes_back) back.push_back(hardware.id());  // the others with their next job
  }
  if (device_.is_gone()) co_return;
  device_.channel.announce(ctx);
  for (const QueueId id : back) {
    DeviceQueue* queue = queues_[id.value()].device_queue;
    if (queue == nullptr || queue->is_ending() || queue->hardware().is_registered()) continue;
    if (co_await queue->hardware().register_with_firmware(ctx) != Errno::ok) co_return;  // the channel is dead again
  }
  co_await ctx.step();
}

os::Task<> Driver::start_domains(os::Context& ctx, HeldQueues& held) {
  if (held.stopping != 0) {
    co_await held.all_stopped.wait(ctx, {os::BlockedOn::Kind::other, "the stop of a new queue", 0, 0},
                                   [&held] { return held.stopping == 0; });
  }
  // From here on a new queue is not stopped.
  held_ = nullptr;
  device_.set_held(false);
  for (PinnedQueue& pinned : held.queues) {
    co_await pinned.queue->start(ctx);
    pinned.pin.release();
  }
}

void Driver::device_gone(os::Context& ctx) {
  if (device_.is_gone()) return;
  ctx.emit(trace::device_gone{});
  device_.set_gone(ctx);
  for (const QueueSlot& slot : queues_) {
    if (slot.device_queue != nullptr) slot.device_queue->on_device_gone(ctx);
  }
}

}  // namespace gpusim::drv
