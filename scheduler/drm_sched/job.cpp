// SPDX-License-Identifier: MIT
#include "scheduler/drm_sched/job.h"

#include <fmt/core.h>

#include "scheduler/drm_sched/component.h"

namespace gpusim::sched::drm {

SchedJob::SchedJob(const JobSpec& spec, Component& component, Entity& entity, Scheduler& scheduler)
    : Job{spec},
      component_{component},
      entity_{entity},
      scheduler_{scheduler},
      kill_work_{&SchedJob::kill_work, this, WorkKind::kill, scheduler.spec().id.value()} {}

std::string SchedJob::describe() const { return fmt::format("{} of {}", id().value(), scheduler_.describe()); }

void SchedJob::on_fence_signaled(os::Context& ctx, Fence& fence) {
  if (killed_) {
    entity_.on_kill_step(ctx, *this);
  } else {
    scheduler_.job_done(ctx, *this, fence.error());
  }
}

os::Task<> SchedJob::kill_work(void* self, os::Context& ctx) {
  auto& job = *static_cast<SchedJob*>(self);
  co_await job.entity_.kill_job(ctx, job);
}

void SchedJob::signal_scheduled(os::Context& ctx) {
  if (scheduled_->is_signaled()) return;
  scheduled_at_ = ctx.now();
  scheduled_->signal(ctx, Errno::ok);
}

void SchedJob::signal_finished(os::Context& ctx, Errno error) {
  if (finished_->is_signaled()) return;
  finished_at_ = ctx.now();
  finished_->signal(ctx, error);
}

}  // namespace gpusim::sched::drm
