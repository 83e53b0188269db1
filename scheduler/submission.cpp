// SPDX-License-Identifier: MIT
#include "scheduler/submission.h"

#include <vector>

namespace gpusim::sched {

Errno SubmissionQueue::add_resv_dependencies(os::Context& ctx, Job& job, const Reservation& resv, Usage usage) {
  std::vector<FenceRef> fences;
  resv.collect(usage, fences);
  for (FenceRef& fence : fences) {
    if (const Errno error = add_dependency(ctx, job, std::move(fence)); error != Errno::ok) return error;
  }
  return Errno::ok;
}

Errno SubmissionQueue::add_implicit_dependencies(os::Context& ctx, Job& job, const Reservation& resv, bool write) {
  return add_resv_dependencies(ctx, job, resv, implicit_usage(write));
}

Errno SubmissionQueue::add_syncobj_dependency(os::Context& ctx, Job& job, Syncobj& syncobj, std::uint64_t point) {
  Result<FenceRef> fence = syncobj.find_fence(point);
  if (!fence.ok()) return fence.error();
  return add_dependency(ctx, job, std::move(fence.value()));
}

os::Task<FenceRef> SubmissionQueue::commit(os::Context& ctx, Job& job) {
  ctx.begin_signalling();
  arm(ctx, job);
  FenceRef finished = finished_fence(job);
  co_await push(ctx, job);
  ctx.end_signalling();
  co_return finished;
}

}  // namespace gpusim::sched
