// SPDX-License-Identifier: MIT
#include "scheduler/jobqueue/job.h"

#include <fmt/core.h>

#include "scheduler/jobqueue/queue.h"

namespace gpusim::sched::jq {

FenceRelay Dependency::on_fence_signaled(os::Context& ctx, Fence& signaled) {
  return job_->queue_.dependency_signaled(ctx, *job_, signaled);
}

std::string QueuedJob::describe() const { return fmt::format("{} of queue {}", id().value(), queue_.describe()); }

void QueuedJob::on_release() {
  dependencies_.clear();
  stage_waits_on_.reset();
  finished_.reset();
  parent_.reset();
}

FenceRelay QueuedJob::on_fence_signaled(os::Context& ctx, Fence& fence) {
  return queue_.hardware_done(ctx, *this, fence.error());
}

}  // namespace gpusim::sched::jq
