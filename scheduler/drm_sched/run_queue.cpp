// SPDX-License-Identifier: MIT
#include "scheduler/drm_sched/run_queue.h"

#include <algorithm>

#include "os/host.h"
#include "scheduler/drm_sched/component.h"
#include "scheduler/drm_sched/entity.h"
#include "scheduler/drm_sched/scheduler.h"

namespace gpusim::sched::drm {

// --- the order -------------------------------------------------------------------------------------------------------

void RunQueue::add(os::Context& ctx, Entity& entity, Ktime submit_time) {
  const os::SpinSection section{ctx, scheduler_->component_.rq_lock_};
  if (!entity.listed_) {
    entity.listed_ = true;
    ++*scheduler_->score_;
    entities_.push_back(&entity);
  }
  if (scheduler_->spec_.has_list_only()) return;
  const Ktime key = first_key(ctx, entity, submit_time);
  erase(entity);
  insert(entity, key);
}

Ktime RunQueue::first_key(os::Context& ctx, Entity& entity, Ktime submit_time) {
  switch (scheduler_->spec_.policy) {
    case Policy::rr:
      return entity.rr_ts_;
    case Policy::fifo:
    case Policy::single_entity:
      break;
    case Policy::fair: {
      const Ktime smallest = smallest_vruntime(ctx);
      const os::SpinSection stats_section{ctx, scheduler_->component_.stats_lock_};
      return entity.stats_.restore(smallest, entity.priority_, head_priority_, scheduler_->average_);
    }
  }
  return submit_time;
}

void RunQueue::update_after_pop(os::Context& ctx, Entity& entity) {
  const os::SpinSection section{ctx, scheduler_->component_.rq_lock_};
  const SchedJob* const next = entity.queue_.empty() ? nullptr : entity.queue_.front();
  const bool is_fair = scheduler_->spec_.policy == Policy::fair;
  if (next == nullptr) {
    if (has_running_minimum()) (void)charge(ctx, entity);
    erase(entity);
    if (!is_fair) return;
    const Ktime smallest = smallest_vruntime(ctx);
    const os::SpinSection stats_section{ctx, scheduler_->component_.stats_lock_};
    return entity.stats_.save(smallest);
  }
  Ktime key = 0;
  if (is_fair) {
    key = charge(ctx, entity);
  } else if (scheduler_->spec_.policy == Policy::rr) {
    key = entity.rr_ts_ = ++rr_ts_;
  } else {
    key = ktime(next->submit_time_);
  }
  erase(entity);
  insert(entity, key);
}

bool RunQueue::has_running_minimum() const {
  return scheduler_->spec_.policy == Policy::fair && scheduler_->spec_.minimum == Minimum::running;
}

Ktime RunQueue::charge(os::Context& ctx, Entity& entity) {
  const os::SpinSection section{ctx, scheduler_->component_.stats_lock_};
  const Ktime vruntime = entity.stats_.charge(entity.priority_);
  min_vruntime_ = std::max(min_vruntime_, vruntime);
  return vruntime;
}

void RunQueue::remove(os::Context& ctx, Entity& entity) {
  if (!entity.listed_) return;
  const os::SpinSection section{ctx, scheduler_->component_.rq_lock_};
  entity.listed_ = false;
  --*scheduler_->score_;
  std::erase(entities_, &entity);
  if (current_ == &entity) current_ = nullptr;
  if (scheduler_->blocked_ == &entity) scheduler_->blocked_ = nullptr;
  erase(entity);
}

// drm_sched_rq_get_min_vruntime(); rq->min_vruntime.
Ktime RunQueue::smallest_vruntime(os::Context& ctx) const {
  if (has_running_minimum()) return min_vruntime_;
  if (tree_.empty()) return 0;
  const os::SpinSection section{ctx, scheduler_->component_.stats_lock_};
  return tree_.front()->stats_.vruntime;
}

void RunQueue::insert(Entity& entity, Ktime key) {
  entity.key_ = key;
  entity.in_tree_ = true;
  const auto before = [](Ktime a, const Entity* b) { return a < b->key_; };
  tree_.insert(std::upper_bound(tree_.begin(), tree_.end(), key, before), &entity);
  look_at_head();
}

void RunQueue::erase(Entity& entity) {
  if (!entity.in_tree_) return;
  entity.in_tree_ = false;
  tree_.erase(std::find(tree_.begin(), tree_.end(), &entity));
  look_at_head();
}

// drm_sched_rq_update_prio(): a later change of that entity's priority is not seen.
void RunQueue::look_at_head() {
  head_priority_ = tree_.empty() ? kNoPriority : static_cast<std::int32_t>(tree_.front()->priority_);
}

// --- selection -------------------------------------------------------------------------------------------------------

RunQueue::Selection RunQueue::select(os::Context& ctx) {
  const os::SpinSection section{ctx, scheduler_->component_.rq_lock_};
  Entity* const entity = scheduler_->spec_.has_list_only() ? next_in_list() : first_in_tree();
  if (entity == nullptr) return {};
  if (!scheduler_->can_queue(ctx, *entity)) return {entity, true};
  current_ = entity;
  entity->idle_ = false;
  return {entity, false};
}

// From the one behind the entity that was served last, round to that one; from the beginning, if that one is gone.
Entity* RunQueue::next_in_list() const {
  const std::size_t count = entities_.size();
  const auto last = std::find(entities_.begin(), entities_.end(), current_);
  const std::size_t start = last == entities_.end() ? 0 : static_cast<std::size_t>(last - entities_.begin()) + 1;
  for (std::size_t i = 0; i < count; ++i) {
    Entity* const entity = entities_[(start + i) % count];
    if (entity->is_ready()) return entity;
  }
  return nullptr;
}

Entity* RunQueue::first_in_tree() const {
  const auto found = std::find_if(tree_.begin(), tree_.end(), [](const Entity* entity) { return entity->is_ready(); });
  return found == tree_.end() ? nullptr : *found;
}

}  // namespace gpusim::sched::drm
