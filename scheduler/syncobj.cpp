// SPDX-License-Identifier: MIT
#include "scheduler/syncobj.h"

#include <utility>

#include "os/host.h"
#include "scheduler/fence_chain.h"

namespace gpusim::sched {

os::LockClass Syncobj::lock(os::Context& ctx) {
  if (!lock_) lock_ = ctx.host().lockdep().lock_class("syncobj.lock");
  return *lock_;
}

void Syncobj::replace_fence(os::Context& ctx, FenceRef fence) {
  const os::SpinSection section{ctx, lock(ctx)};
  head_ = std::move(fence);
  call_waiters(ctx);
}

void Syncobj::add_point(os::Context& ctx, std::uint64_t point, FenceRef fence) {
  const os::SpinSection section{ctx, lock(ctx)};
  if (head_ && head_->seqno() >= point) ++unordered_points_;
  const std::uint64_t context = fence->context();
  const std::uint64_t seqno = fence->seqno();
  head_ = FenceChain::create(ctx, fences_, std::move(head_), std::move(fence), point);
  ctx.emit(trace::syncobj_point{.syncobj = number_,
                                .context = head_->context(),
                                .seqno = head_->seqno(),
                                .fence_context = context,
                                .fence_seqno = seqno});
  call_waiters(ctx);
}

void Syncobj::call_waiters(os::Context& ctx) {
  std::vector<Waiting> still;
  for (const Waiting& waiting : std::exchange(waiters_, {})) {
    if (Result<FenceRef> found = find_fence(waiting.point); found.ok()) {
      waiting.waiter->on_fence_added(ctx, std::move(found.value()));
    } else {
      still.push_back(waiting);
    }
  }
  waiters_ = std::move(still);
}

Result<FenceRef> Syncobj::find_fence(std::uint64_t point) {
  if (!head_) return Errno::inval;
  if (point == 0) return FenceRef{head_};
  return FenceChain::find_seqno(head_, point);
}

const Fence* Syncobj::find_blocker(std::uint64_t context, std::uint64_t seqno) const {
  return FenceChain::find_blocker(head_, context, seqno);
}

void Syncobj::add_waiter(os::Context& ctx, SyncobjWaiter& waiter, std::uint64_t point) {
  const os::SpinSection section{ctx, lock(ctx)};
  waiters_.push_back({&waiter, point});
}

void Syncobj::remove_waiter(os::Context& ctx, const SyncobjWaiter& waiter) {
  const os::SpinSection section{ctx, lock(ctx)};
  std::erase_if(waiters_, [&](const Waiting& waiting) { return waiting.waiter == &waiter; });
}

}  // namespace gpusim::sched
