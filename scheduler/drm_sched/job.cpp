// SPDX-License-Identifier: MIT
#include "scheduler/drm_sched/job.h"

#include <fmt/core.h>

#include "scheduler/drm_sched/component.h"

namespace gpusim::sched::drm {

SchedJob::SchedJob(const JobSpec& spec, Component& component, Entity& entity)
    : Job{spec},
      component_{component},
      entity_{entity},
      scheduler_{&entity.scheduler()},
      kill_work_{&SchedJob::kill_work, this, WorkKind::kill, entity.id().value()} {}

std::string SchedJob::describe() const { return fmt::format("{} of {}", id().value(), scheduler_->describe()); }

FenceRelay SchedJob::on_fence_signaled(os::Context& ctx, Fence& fence) {
  if (!killed_) return scheduler_->job_done(ctx, *this, fence.error());
  entity_.on_kill_step(ctx, *this);
  return {};
}

os::Task<> SchedJob::kill_work(void* self, os::Context& ctx) {
  auto& job = *static_cast<SchedJob*>(self);
  co_await job.entity_.kill_job(ctx, job);
}

os::Task<> SchedJob::signal_scheduled(os::Context& ctx) {
  if (scheduled_->is_signaled()) co_return;
  scheduled_at_ = ctx.now();
  co_await scheduled_->signaling(ctx, Errno::ok);
}

}  // namespace gpusim::sched::drm
