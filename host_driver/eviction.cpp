// SPDX-License-Identifier: MIT
#include "host_driver/eviction.h"

#include "host_driver/user_queue.h"
#include "os/host.h"

namespace gpusim::drv {

namespace {

struct PinnedQueue {
  HardwareQueue::Pin pin;
  UserQueue* queue;
};

/// Those that are there now. One that ends meanwhile waits until it is let go of.
std::vector<PinnedQueue> pin_all(os::Context& ctx, const std::vector<UserQueue*>& queues) {
  std::vector<PinnedQueue> pinned;
  for (UserQueue* queue : queues) {
    if (!queue->is_ending()) pinned.push_back({HardwareQueue::Pin{ctx, queue->hardware()}, queue});
  }
  return pinned;
}

}  // namespace

Eviction::Eviction(DeviceState& device)
    : device_{device},
      system_wq_{device.host, os::kDefaultMaxActive},
      suspend_work_{&Eviction::suspend_work, this, device.kind_of(DriverWork::user_queue_suspend), 0},
      restore_work_{&Eviction::restore_work, this, device.kind_of(DriverWork::user_queue_restore), 0} {}

bool Eviction::request(os::Context& ctx) {
  if (queues_.empty()) return false;
  if (state_ == State::mapped) system_wq_.queue(ctx, suspend_work_);
  return true;
}

void Eviction::enter(os::Context& ctx, State state) {
  state_ = state;
  changed_.wake_all(ctx);
}

os::Task<> Eviction::wait_until_mapped(os::Context& ctx) {
  if (state_ == State::mapped) co_return;
  co_await changed_.wait(ctx, {os::BlockedOn::Kind::other, "the end of an eviction", 0, 0},
                         [this] { return state_ == State::mapped; });
}

os::Task<> Eviction::wait_for_works(os::Context& ctx) {
  const auto at_work = [this] { return state_ == State::suspending || state_ == State::restoring; };
  if (!at_work()) co_return;
  co_await changed_.wait(ctx, {os::BlockedOn::Kind::other, "an eviction", 0, 0}, [&] { return !at_work(); });
}

// A fence that does not come is ended by the queue's work against hangs: so there is no limit here, as in 7.3.
os::Task<> Eviction::suspend(os::Context& ctx) {
  enter(ctx, State::suspending);
  {
    const std::vector<PinnedQueue> pinned = pin_all(ctx, queues_);
    for (const PinnedQueue& one : pinned) co_await one.queue->wait_for_last_fence(ctx);
    for (const PinnedQueue& one : pinned) co_await one.queue->unmap(ctx);
  }
  enter(ctx, State::evicted);
  system_wq_.queue(ctx, restore_work_);
}

os::Task<> Eviction::restore(os::Context& ctx) {
  enter(ctx, State::restoring);
  co_await os::sleep_until(ctx, ctx.now() + device_.spec.direct->restore);
  {
    const std::vector<PinnedQueue> pinned = pin_all(ctx, queues_);
    for (const PinnedQueue& one : pinned) co_await one.queue->map(ctx);
  }
  enter(ctx, State::mapped);
}

}  // namespace gpusim::drv
