// SPDX-License-Identifier: MIT
#include "scheduler/syncobj.h"

#include <utility>

#include "scheduler/fence_chain.h"

namespace gpusim::sched {

void Syncobj::add_point(os::Context& ctx, std::uint64_t point, FenceRef fence) {
  if (head_ && head_->seqno() >= point) ++unordered_points_;
  head_ = FenceChain::create(ctx, fences_, std::move(head_), std::move(fence), point);
}

Result<FenceRef> Syncobj::find_fence(std::uint64_t point) {
  if (!head_) return Errno::inval;
  if (point == 0) return FenceRef{head_};
  return FenceChain::find_seqno(head_, point);
}

}  // namespace gpusim::sched
