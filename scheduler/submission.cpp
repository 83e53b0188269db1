// SPDX-License-Identifier: MIT
#include "scheduler/submission.h"

#include <vector>

namespace gpusim::sched {

void SubmissionQueue::add_resv_dependencies(os::Context& ctx, Job& job, const Reservation& resv, Usage usage) {
  std::vector<FenceRef> fences;
  resv.collect(usage, fences);
  for (FenceRef& fence : fences) add_dependency(ctx, job, std::move(fence));
}

void SubmissionQueue::add_implicit_dependencies(os::Context& ctx, Job& job, const Reservation& resv, bool write) {
  add_resv_dependencies(ctx, job, resv, implicit_usage(write));
}

Errno SubmissionQueue::add_syncobj_dependency(os::Context& ctx, Job& job, const Syncobj& syncobj, std::uint64_t point) {
  std::vector<FenceRef> fences;
  const Errno error = syncobj.collect(point, fences);
  for (FenceRef& fence : fences) add_dependency(ctx, job, std::move(fence));
  return error;
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
