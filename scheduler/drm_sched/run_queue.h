// SPDX-License-Identifier: MIT
// drm_sched_rq: the entities of a scheduler that have had a job, and in which order their heads are served. What the
// order is, is the policy's:
//
//   |           | first push             | pop that leaves jobs | pop of the last job     | next               |
//   | 6.18 RR   | to the end of the list | -                    | -                       | in turn            |
//   | 6.18 FIFO | key: its submission    | key: the next job's  | stays, with its old key | least key of those |
//   |           |                        |                      |                         | that are ready     |
//   | 7.3 RR    | key: its own, first 0  | key: ++rr_ts         | leaves the tree         | the same           |
//   | 7.3 FIFO  | key: its submission    | key: the next job's  | leaves the tree         | the same           |
//   | FAIR      | key: restore()         | key: charge()        | leaves the tree; save() | the same           |
//   | running   | the same               | the same             | charge(), then the same | the same           |
//
// Single entity: none of this; the run queue only says whose it is. "running" is FAIR with Minimum::running, as in a
// later version of sched_rq.c that was posted.
// An equal key goes behind. Sources: sched_main.c and sched_entity.c of 6.18, sched_rq.c of 7.3 and of the FAIR series,
// which is the same on 6.18. Of 7.3's three policies each orders one and the same tree; its list of entities is for
// karma alone. One lock for each run queue, taken inside the entity's; the stats' inside that (FAIR).
#pragma once

#include <cstdint>
#include <vector>

#include "os/context.h"
#include "scheduler/drm_sched/entity_stats.h"

namespace gpusim::sched::drm {

class Entity;
class Scheduler;

class RunQueue {
 public:
  explicit RunQueue(Scheduler& scheduler) : scheduler_{&scheduler} {}

  /// rq->sched.
  [[nodiscard]] Scheduler& scheduler() const { return *scheduler_; }

  /// drm_sched_rq_add_entity(): the entity has got a job after having none. Pre: the entity's lock.
  void add(os::Context& ctx, Entity& entity, Ktime submit_time);
  /// drm_sched_rq_pop_entity(), in 6.18 drm_sched_rq_update_fifo_locked(): a job has been taken from the entity. Pre:
  /// the entity's lock.
  void update_after_pop(os::Context& ctx, Entity& entity);
  /// drm_sched_rq_remove_entity(): it is killed or goes elsewhere. Pre: the entity's lock.
  void remove(os::Context& ctx, Entity& entity);

  struct Selection {
    Entity* entity = nullptr;    ///< the first one that is ready; nullptr: none is
    bool lacks_credits = false;  ///< and has to wait, and everybody with it
  };
  /// drm_sched_rq_select_entity(), in 6.18 .._rr() and .._fifo(). The entity counts as in use from here on.
  [[nodiscard]] Selection select(os::Context& ctx);

  /// rq->entities, in the order in which they came.
  [[nodiscard]] const std::vector<Entity*>& entities() const { return entities_; }
  /// Of the leftmost entity when the tree last changed, or kNoPriority.
  [[nodiscard]] std::int32_t head_priority() const { return head_priority_; }

 private:
  [[nodiscard]] Ktime first_key(os::Context& ctx, Entity& entity, Ktime submit_time);
  [[nodiscard]] Ktime smallest_vruntime(os::Context& ctx) const;
  void insert(Entity& entity, Ktime key);
  void erase(Entity& entity);
  void look_at_head();
  [[nodiscard]] Ktime charge(os::Context& ctx, Entity& entity);
  [[nodiscard]] bool has_running_minimum() const;
  [[nodiscard]] Entity* next_in_list() const;
  [[nodiscard]] Entity* first_in_tree() const;

  Scheduler* scheduler_;
  std::vector<Entity*> entities_;
  std::vector<Entity*> tree_;  // sorted by key: some tens of entities
  Entity* current_ = nullptr;  // 6.18 RR: served last
  Ktime rr_ts_ = 0;            // 7.3 RR
  Ktime min_vruntime_ = 0;     // Minimum::running
  std::int32_t head_priority_ = kNoPriority;
};

}  // namespace gpusim::sched::drm
