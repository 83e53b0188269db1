// SPDX-License-Identifier: MIT
#include "scheduler/dep/job.h"

#include <fmt/core.h>

#include "scheduler/dep/queue.h"

namespace gpusim::sched::dep {

std::string DepJob::describe() const { return fmt::format("{} of queue {}", id().value(), queue_.describe()); }

void DepJob::on_release() {
  dependencies_.clear();
  finished_.reset();
  parent_.reset();
}

FenceRelay DepJob::on_fence_signaled(os::Context& ctx, Fence& fence) {
  return queue_.hardware_done(ctx, *this, fence.error());
}

}  // namespace gpusim::sched::dep
