// SPDX-License-Identifier: MIT
#include "host_driver/slot_lists.h"

#include <algorithm>

namespace gpusim::drv {

namespace {
constexpr std::uint32_t kRealtime = 0;
}

void GroupList::push_back(SlotGroup& group) {
  group.next_ = nullptr;
  group.previous_ = last_;
  (last_ == nullptr ? first_ : last_->next_) = &group;
  last_ = &group;
}

void GroupList::remove(SlotGroup& group) {
  (group.previous_ == nullptr ? first_ : group.previous_->next_) = group.next_;
  (group.next_ == nullptr ? last_ : group.next_->previous_) = group.previous_;
  group.next_ = group.previous_ = nullptr;
}

GroupList& SlotLists::list_of(const SlotGroup& group) {
  switch (group.place_) {
    case SlotGroup::Place::slot:
      return holders_[group.level];
    case SlotGroup::Place::runnable:
      return runnable_[group.level];
    default:
      return idle_[group.level];
  }
}

void SlotLists::put(SlotGroup& group) {
  group.place_ = group.is_idle ? SlotGroup::Place::idle : SlotGroup::Place::runnable;
  list_of(group).push_back(group);
}

void SlotLists::remove(SlotGroup& group) {
  if (group.place_ == SlotGroup::Place::nowhere) return;
  list_of(group).remove(group);
  if (group.place_ == SlotGroup::Place::slot) --used_;
  group.place_ = SlotGroup::Place::nowhere;
}

void SlotLists::set_level(SlotGroup& group, std::uint32_t level) {
  const bool is_listed = group.place_ != SlotGroup::Place::nowhere;
  if (is_listed) list_of(group).remove(group);
  group.level = level;
  if (is_listed) list_of(group).push_back(group);
}

bool SlotLists::has_runnable() const {
  return std::any_of(runnable_.begin(), runnable_.end(), [](const GroupList& list) { return !list.empty(); });
}

// --- a tick ----------------------------------------------------------------------------------------------------------

void SlotLists::take(SlotGroup& group) {
  picked_.push_back(&group);
  --room_;
  if (!group.has_slot()) plan_.started.push_back(&group);
  plan_.has_idle |= group.is_idle;
  // Two with work rotate (panthor's stop_tick).
  if (!group.is_idle && ++active_[group.level] > 1) plan_.keeps_ticking = true;
}

/// Those of the list that are idle or are not, and have not been taken.
void SlotLists::take_all(const GroupList& list, bool idle, const SlotGroup* except) {
  for (SlotGroup* group = list.first(); group != nullptr && room_ != 0; group = GroupList::next(*group)) {
    if (group->is_idle != idle || group->is_held || group == except) continue;
    if (std::find(picked_.begin(), picked_.end(), group) == picked_.end()) take(*group);
  }
}

const SlotLists::Plan& SlotLists::pick(bool full) {
  plan_.evicted.clear();
  plan_.started.clear();
  plan_.moved.clear();
  plan_.keeps_ticking = plan_.has_idle = false;
  picked_.clear();
  active_.fill(0);
  heads_.fill(nullptr);
  room_ = slots_;
  for (const GroupList& list : holders_) {
    for (const SlotGroup* group = list.first(); group != nullptr; group = GroupList::next(*group)) {
      room_ -= group->is_held ? 1 : 0;
    }
  }
  if (!full) {
    // Holders stay, but for those whose slots level 0 needs; and nobody of that level loses one.
    for (std::uint32_t level = 0; level < abi::kPriorityLevels; ++level) {
      take_all(holders_[level], false);
      if (level == kRealtime) take_all(runnable_[level], false);
    }
  }
  for (std::uint32_t level = 0; level < abi::kPriorityLevels; ++level) {
    SlotGroup* head = full ? holders_[level].first() : nullptr;
    while (head != nullptr && (head->is_idle || head->is_held)) head = GroupList::next(*head);
    take_all(holders_[level], false, head);
    take_all(runnable_[level], false);
    if (head == nullptr) continue;
    heads_[level] = head;
    if (room_ == 0) continue;
    take(*head);
    if (active_[level] > 1) plan_.moved.push_back(head);
  }
  // In a level first those that have a slot, so that fewer are moved for nothing.
  for (std::uint32_t level = 0; level < abi::kPriorityLevels; ++level) {
    take_all(holders_[level], true);
    take_all(idle_[level], true);
  }
  apply();
  return plan_;
}

void SlotLists::apply() {
  for (std::uint32_t level = 0; level < abi::kPriorityLevels; ++level) {
    // The head goes last, as it stands last among those that wait then.
    for (SlotGroup* group = holders_[level].first(); group != nullptr; group = GroupList::next(*group)) {
      const bool stays = std::find(picked_.begin(), picked_.end(), group) != picked_.end();
      if (!stays && !group->is_held && group != heads_[level]) plan_.evicted.push_back(group);
    }
    SlotGroup* const head = heads_[level];
    if (head != nullptr && std::find(picked_.begin(), picked_.end(), head) == picked_.end()) {
      plan_.evicted.push_back(head);
    }
  }
  for (SlotGroup* group : plan_.evicted) {
    plan_.keeps_ticking |= !group->is_idle && active_[group->level] != 0;
    remove(*group);
  }
  for (SlotGroup* group : plan_.started) {
    remove(*group);
    group->place_ = SlotGroup::Place::slot;
    list_of(*group).push_back(*group);
    ++used_;
  }
  for (SlotGroup* group : plan_.moved) set_level(*group, group->level);
  // One with a slot has others of its level that wait: with a single slot for them nothing else says so (kernels before
  // the rule of two asked this alone).
  for (std::uint32_t level = 0; level < abi::kPriorityLevels; ++level) {
    plan_.keeps_ticking |= active_[level] != 0 && !runnable_[level].empty();
  }
}

}  // namespace gpusim::drv
