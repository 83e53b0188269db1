// SPDX-License-Identifier: MIT
#include "scheduler/drm_sched/component.h"

#include <algorithm>

#include <fmt/core.h>

#include "os/host.h"

namespace gpusim::sched::drm {

Component::Component(os::Host& host, FenceArena& fences, const Costs& costs)
    : host_{host},
      fences_{fences},
      costs_{costs},
      entity_lock_{host.lockdep().lock_class("drm_sched_entity.lock")},
      rq_lock_{host.lockdep().lock_class("drm_sched_rq.lock")},
      job_list_lock_{host.lockdep().lock_class("drm_gpu_scheduler.job_list_lock")},
      stats_lock_{host.lockdep().lock_class("drm_sched_entity_stats.lock")},
      wait_lock_{host.lockdep().lock_class("wait_queue_head.lock")},
      system_wq_{host, os::kDefaultMaxActive},
      teardown_wq_{host, os::kDefaultMaxActive},
      jobs_{"job"},
      schedulers_{"scheduler"},
      entities_{"entity"} {
  host.names().works.assign(kWorkNames.begin(), kWorkNames.end());
}

Scheduler& Component::create_scheduler(SchedulerSpec spec, SchedulerOps& ops) {
  Scheduler* const scheduler = schedulers_.create(*this, std::move(spec), ops);
  kept_schedulers_.push_back(scheduler);
  return *scheduler;
}

Entity& Component::create_entity(Scheduler& scheduler, const EntitySpec& spec, QueueOps& ops) {
  return create_entity(std::vector<Scheduler*>{&scheduler}, spec, ops);
}

Entity& Component::create_entity(std::vector<Scheduler*> schedulers, const EntitySpec& spec, QueueOps& ops) {
  for (Scheduler* scheduler : schedulers) {
    const bool is_single = !scheduler->spec_.has_run_queues();
    if (is_single && schedulers.size() > 1)
      violate("drm_sched", fmt::format("an entity of several schedulers for {}, which has one", scheduler->describe()));
    if (scheduler->entities_++ != 0 && (scheduler->spec_.bypass || is_single))
      violate("drm_sched", fmt::format("a second entity for {}, which has {}", scheduler->describe(),
                                       is_single ? "a single one" : "a bypass"));
  }
  return *entities_.create(*this, std::move(schedulers), spec, ops);
}

Entity& Component::create_queue(SchedulerSpec spec, SubmissionBackend& backend) {
  Entity& entity = create_entity(*schedulers_.create(*this, std::move(spec), backend), {}, backend);
  entity.owns_scheduler_ = true;
  return entity;
}

bool Component::is_idle() const {
  return std::all_of(kept_schedulers_.begin(), kept_schedulers_.end(),
                     [](const Scheduler* scheduler) { return scheduler->is_idle(); });
}

void Component::check_released() const {
  jobs_.check_empty();
  entities_.check_empty();
  if (schedulers_.live() != kept_schedulers_.size()) schedulers_.check_empty();
}

void Component::put_job(os::Context& ctx, SchedJob& job) {
  Entity& entity = job.entity_;
  if (job.references() == 1) {
    entity.ops_.release_job(ctx, job);
    ctx.emit(trace::job_released{.queue = entity.id_, .job = job.id()});
  }
  if (jobs_.put(job)) entity.put(ctx);  // the job's reference on the pair
}

os::Task<> Component::teardown_work(void* entity, os::Context& ctx) {
  auto& self = *static_cast<Entity*>(entity);
  Component& component = self.component_;
  Scheduler& scheduler = self.scheduler();
  if (!self.owns_scheduler_) {
    co_await self.fini(ctx);
    co_await self.ops_.queue_fini(ctx);
    component.entities_.put(self);
    co_return;
  }
  // As in xe: the scheduler lives through both round trips to the firmware and ends after the answers, in the work that
  // guc_exec_queue_fini() runs from (xe_guc_submit.c). xe's CLEANUP message sends the first from the submit workqueue.
  co_await self.ops_.queue_fini(ctx);
  co_await self.fini(ctx);
  co_await scheduler.fini(ctx);
  component.entities_.put(self);
  component.schedulers_.put(scheduler);
}

}  // namespace gpusim::sched::drm
