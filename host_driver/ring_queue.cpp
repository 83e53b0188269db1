// SPDX-License-Identifier: MIT
#include "host_driver/ring_queue.h"

namespace gpusim::drv {

RingQueue::RingQueue(DeviceState& device, QueueFactory& factory, QueueId id, const QueueParams& params,
                     std::span<sched::SubmissionDomain* const> rings)
    : ExecQueue{device, id, params}, submission_{factory.create_entity(id, params, rings, *this)} {}

os::Task<> RingQueue::set_priority(os::Context& ctx, std::uint32_t priority) {
  set_level(priority);
  submission_.set_level(ctx, priority);
  if (device_.owner.has_rings_by_level(params().engine_mask)) {
    submission_.set_domains(ctx, device_.owner.schedulers_for(params().engine_mask, priority));
  }
  co_await ctx.step();
}

// Nothing of it is on the device: its jobs had the rings'.
os::Task<> RingQueue::queue_fini(os::Context& ctx) {
  set_ending();
  ctx.emit(trace::queue_destroyed{.queue = id()});
  device_.owner.forget_queue(*this);
  co_await ctx.step();
}

}  // namespace gpusim::drv
