// SPDX-License-Identifier: MIT
// The ioctls of queues that are mapped into their clients: what they find in common with amdgpu's userq_signal and
// userq_wait. The rest of them is that of other queues (driver_uapi.cpp).
#include <optional>

#include "host_driver/driver.h"
#include "host_driver/user_queue.h"

namespace gpusim::drv {

UserQueue* Driver::open_user_queue(QueueId queue) const {
  ExecQueue* const found = find(queue);
  return found == nullptr ? nullptr : found->user_queue();
}

Eviction& Driver::eviction_of(ClientId client) {
  if (evictions_.size() <= client.value()) evictions_.resize(client.value() + std::size_t{1});
  std::unique_ptr<Eviction>& eviction = evictions_[client.value()];
  if (eviction == nullptr) eviction = std::make_unique<Eviction>(device_);
  return *eviction;
}

// amdgpu's ioctl takes the client's points and buffers and makes a fence for what is in the ring.
os::Task<> Driver::share_value(os::Context& ctx, UserQueue& queue, const sched::FenceRef& value, const ExecArgs& args) {
  enter(ctx);
  ctx.charge(device_.spec.exec);
  co_await ctx.step();
  co_await queue.eviction().wait_until_mapped(ctx);
  // Before the locks of buffers, which a restore takes.
  const sched::FenceRef fence = fence_of(ctx, queue, *value);
  {
    os::HeldMutexes reservations{ctx};
    const NewJob job{queue.id(), JobId{value->job()}};
    co_await lock_buffers(ctx, reservations, {&job, 1}, args.buffers);
    publish(ctx, fence, args);
  }
  leave(ctx);
  co_await ctx.step();
}

sched::FenceRef Driver::fence_of(os::Context& ctx, UserQueue& queue, const sched::Fence& value) {
  if (!value.is_signaled()) return queue.fence_at(ctx, value.seqno());
  sched::FenceRef fence = device_.fences.create(ctx, device_.fences.new_context(), 1, queue.id().value(), 0);
  fence->signal(ctx, value.error());
  return fence;
}

// amdgpu gives back addresses and values, which go into the ring as waits; here the client waits for the fences.
os::Task<Errno> Driver::collect_fences(os::Context& ctx, const ExecArgs& args, std::vector<sched::FenceRef>& fences) {
  enter(ctx);
  ctx.charge(device_.spec.exec);
  co_await ctx.step();
  Errno error = Errno::ok;
  for (const SyncPoint& wait : args.waits) {
    Result<sched::FenceRef> fence = syncobj(wait.syncobj).find_fence(wait.point);
    if (!fence.ok()) {
      error = fence.error();
      break;
    }
    if (fence.value()) fences.push_back(std::move(fence.value()));
  }
  for (const BufferUse& use : args.buffers) {
    buffers_[use.buffer.value()]->reservation.collect(sched::awaited_usage(use.usage), fences);
  }
  leave(ctx);
  co_await ctx.step();
  co_return error;
}

os::Task<Errno> Driver::wait_value(os::Context& ctx, const sched::FenceRef& value, bool is_dependency) {
  enter(ctx);
  ctx.charge(device_.spec.exec);
  co_await ctx.step();
  Errno error = Errno::ok;
  // A queue lives whose jobs have not ended.
  const auto queue = [&] { return queues_[value->queue()].queue->user_queue(); };
  if (!value->is_signaled()) co_await queue()->eviction().wait_until_mapped(ctx);
  if (!value->is_signaled()) {
    const sched::FenceRef fence = queue()->fence_at(ctx, value->seqno());
    error = co_await sched::wait(ctx, fence, is_dependency ? fence : value);
  }
  leave(ctx);
  co_await ctx.step();
  co_return value->is_signaled() ? value->error() : error;
}

}  // namespace gpusim::drv
