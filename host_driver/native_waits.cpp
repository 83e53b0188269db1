// SPDX-License-Identifier: MIT
#include "host_driver/native_waits.h"

#include <cstddef>
#include <utility>

#include "os/context.h"

namespace gpusim::drv {

sched::FenceRef NativeWaits::lower(os::Context& ctx, QueueId queue, JobId job, sched::FenceRef fence,
                                   std::vector<NativeWait>& waits) {
  if (fence->is_signaled() || fence->queue() == queue.value() || waits.size() == abi::kMaxEntryWaits) return fence;
  Producer* const producer = jobs_.find(fence->job());
  if (producer == nullptr) return fence;
  ctx.emit(trace::native_dependency{
      .queue = queue, .job = job, .dependency_context = fence->context(), .dependency_seqno = fence->seqno()});
  const sched::FenceRef finished = fence;
  waits.push_back({std::move(fence), producer->memory});
  if (producer->is_pushed) return {};
  if (!producer->pushed) {
    producer->pushed = fences_.create(ctx, fences_.new_context(), 1, finished->queue(), 0, sched::FenceLock::driver);
    producer->finished = finished;
  }
  return producer->pushed;
}

void NativeWaits::set_written(JobId job, std::uint64_t value) {
  if (Producer* const producer = jobs_.find(job)) producer->value = value;
}

void NativeWaits::set_pushed(os::Context& ctx, JobId job) {
  Producer* const producer = jobs_.find(job);
  if (producer == nullptr) return;
  producer->is_pushed = true;
  producer->finished.reset();
  if (const sched::FenceRef pushed = std::move(producer->pushed)) pushed->signal(ctx, Errno::ok);
}

void NativeWaits::end(os::Context& ctx, JobId job) {
  Producer* const producer = jobs_.find(job);
  if (producer == nullptr) return;
  const sched::FenceRef pushed = std::move(producer->pushed);
  producer->memory.reset();
  producer->finished.reset();
  jobs_.erase(job);
  if (pushed) pushed->signal(ctx, Errno::ok);
}

std::vector<abi::RingWait> NativeWaits::ring_waits(const std::vector<NativeWait>& waits) {
  std::vector<abi::RingWait> result;
  for (const NativeWait& wait : waits) {
    const Producer* const producer = jobs_.find(wait.finished->job());
    if (producer == nullptr || producer->value == 0 || wait.finished->is_signaled()) continue;
    result.push_back({.address = wait.memory->address() + offsetof(abi::QueueContext, completed),
                      .value = static_cast<std::uint32_t>(producer->value),
                      .reserved = 0});
  }
  return result;
}

const sched::Fence* NativeWaits::find_awaited(std::uint64_t context) {
  for (const std::uint64_t job : jobs_.ids()) {
    const Producer* const producer = jobs_.find(job);
    if (producer->pushed && producer->pushed->context() == context) return producer->finished.get();
  }
  return nullptr;
}

}  // namespace gpusim::drv
