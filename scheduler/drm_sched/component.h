// SPDX-License-Identifier: MIT
// The drm_sched module: makes schedulers and their entities, owns what they share (object arenas, costs,
// lock classes, system_wq, the workqueue of the teardowns). Teardown is a driver's, as xe's: jobs and client hold
// references on the pair; the last one queues the driver's own part and then entity and scheduler fini.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "os/lockdep.h"
#include "os/workqueue.h"
#include "scheduler/costs.h"
#include "scheduler/drm_sched/entity.h"
#include "scheduler/drm_sched/job.h"
#include "scheduler/drm_sched/scheduler.h"

namespace gpusim::sched::drm {

/// Kinds of work as numbered in Names::works.
enum class WorkKind : std::uint8_t { run_job, free_job, timeout, kill, teardown };
inline constexpr std::array kWorkNames{"drm_sched_run_job", "drm_sched_free_job", "drm_sched_timedout",
                                       "drm_sched_kill", "drm_sched_teardown"};
static_assert(static_cast<std::size_t>(WorkKind::teardown) + 1 == kWorkNames.size());

class Component {
 public:
  Component(os::Host& host, FenceArena& fences, const Costs& costs);
  /// From here on released objects stay (base/arena.h). Before the first job or queue.
  void quarantine(const ActorBoard& actors) {
    jobs_.quarantine(actors);
    schedulers_.quarantine(actors);
    entities_.quarantine(actors);
  }

  /// A scheduler with its entity. The caller owns the first reference and gives it back by close(). Context: may sleep.
  [[nodiscard]] Entity& create_queue(SchedulerSpec spec, SubmissionBackend& backend);

  /// drm_sched_init(), drm_sched_entity_init(), for callers that end them themselves (Entity::fini(),
  /// Scheduler::fini()). They live as long as the component. Violates "drm_sched" for a second entity of a scheduler
  /// with a bypass or for a single entity, and for a single entity with several schedulers (-EINVAL in the proposal).
  [[nodiscard]] Scheduler& create_scheduler(SchedulerSpec spec, SchedulerOps& ops);
  [[nodiscard]] Entity& create_entity(Scheduler& scheduler, const EntitySpec& spec, QueueOps& ops);
  [[nodiscard]] Entity& create_entity(std::vector<Scheduler*> schedulers, const EntitySpec& spec, QueueOps& ops);

  /// Violates "reference_counts" if a job or a pair is still alive.
  void check_released() const;
  [[nodiscard]] std::size_t live_queues() const { return entities_.live(); }
  /// Schedulers that outlive their entities have nothing to do.
  [[nodiscard]] bool is_idle() const;

 private:
  friend class Entity;
  friend class RunQueue;
  friend class Scheduler;
  friend class SchedJob;

  static os::Task<> teardown_work(void* entity, os::Context& ctx);

  /// Drops a reference on a job; the last one gives it back to the driver.
  void put_job(os::Context& ctx, SchedJob& job);

  os::Host& host_;
  FenceArena& fences_;
  Costs costs_;
  // Order: entity before run queue before stats (7.3); the list of pending jobs by itself
  // (include/drm/gpu_scheduler.h).
  os::LockClass entity_lock_;
  os::LockClass rq_lock_;
  os::LockClass job_list_lock_;
  os::LockClass stats_lock_;
  os::LockClass wait_lock_;                        // of entity_idle and job_scheduled
  std::vector<const Scheduler*> kept_schedulers_;  // those that live as long as the component
  os::Workqueue system_wq_;
  os::Workqueue teardown_wq_;
  Arena<SchedJob> jobs_;
  Arena<Scheduler> schedulers_;
  Arena<Entity> entities_;
};

}  // namespace gpusim::sched::drm
