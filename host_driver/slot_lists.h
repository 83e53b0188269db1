// SPDX-License-Identifier: MIT
// Who gets the firmware's slots at a tick, and in which order: the rules of panthor's tick_work() and of its helpers
// tick_ctx_init(), tick_ctx_pick_groups_from_list() and tick_ctx_apply() (panthor_sched.c, 7.3), on lists. A group is
// one queue here. docs/host_tick.md has the rules in words.
//
// The order of holders is level by level, within a level from the first to the last: the priorities 15, 14, 13 ... of
// panthor's slots. It is the firmware's own order (firmware/runlist/host_slots.h) as long as it is told what a Plan
// says, in that order.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "firmware/abi/device.h"
#include "host_driver/off_slot_clock.h"

namespace gpusim::drv {

class HardwareQueue;

/// What is known of a queue. Lives in it.
class SlotGroup {
 public:
  enum class Place : std::uint8_t {
    nowhere,   ///< the firmware does not know it, or it is off its slot for a reason of its own
    runnable,  ///< has work, and waits for a slot
    idle,      ///< has neither
    slot,      ///< holds a slot
  };

  HardwareQueue* queue = nullptr;
  std::uint32_t level = 0;  ///< 0, realtime, is first. Of one with a place, changed by SlotLists alone
  bool is_idle = true;      ///< has no work
  bool is_held = false;     ///< is not to be given a slot; if it has one, its owner takes it away
  /// And never again: panthor's group_can_run() says no (destroyed, a fatal queue, timed out).
  bool is_condemned = false;
  OffSlotClock off_slot;  ///< kept by TickScheduler, and by the queue around a device reset
  [[nodiscard]] Place place() const { return place_; }
  [[nodiscard]] bool has_slot() const { return place_ == Place::slot; }

 private:
  friend class SlotLists;
  friend class GroupList;
  Place place_ = Place::nowhere;
  SlotGroup* next_ = nullptr;
  SlotGroup* previous_ = nullptr;
};

class GroupList {
 public:
  [[nodiscard]] SlotGroup* first() const { return first_; }
  [[nodiscard]] static SlotGroup* next(const SlotGroup& group) { return group.next_; }
  [[nodiscard]] bool empty() const { return first_ == nullptr; }
  void push_back(SlotGroup& group);
  void remove(SlotGroup& group);

 private:
  SlotGroup* first_ = nullptr;
  SlotGroup* last_ = nullptr;
};

class SlotLists {
 public:
  using Groups = std::vector<SlotGroup*>;
  /// What a tick changes. Groups in the order in which the firmware is to be told; first those that lose their slots.
  struct Plan {
    Groups evicted;  ///< nowhere now: put() when their slots are free
    Groups started;
    Groups moved;                ///< keep their slots, behind the others of their level, behind those that have started
    bool keeps_ticking = false;  ///< there is something to rotate
    bool has_idle = false;       ///< a holder is idle
  };

  explicit SlotLists(std::uint32_t slots) : slots_{slots} {}

  /// Behind the others that are runnable or idle. Pre: it is nowhere.
  void put(SlotGroup& group);
  /// Nowhere, from wherever it is.
  void remove(SlotGroup& group);
  /// In a list, it is behind the others of the new level; among holders, too.
  void set_level(SlotGroup& group, std::uint32_t level);

  /// `full`: the period is over, and heads rotate. Else it is between two, and only level 0 takes slots that others
  /// hold. Valid until the next call. Pre: is_idle of each holder is true to the facts.
  [[nodiscard]] const Plan& pick(bool full);

  [[nodiscard]] const GroupList& holders(std::uint32_t level) const { return holders_[level]; }
  [[nodiscard]] bool has_free_slot() const { return used_ < slots_; }
  [[nodiscard]] bool has_runnable() const;

 private:
  [[nodiscard]] GroupList& list_of(const SlotGroup& group);
  void take(SlotGroup& group);
  void take_all(const GroupList& list, bool idle, const SlotGroup* except = nullptr);
  void apply();

  std::uint32_t slots_;
  std::uint32_t used_ = 0;
  std::array<GroupList, abi::kPriorityLevels> holders_;
  std::array<GroupList, abi::kPriorityLevels> runnable_;
  std::array<GroupList, abi::kPriorityLevels> idle_;
  // Of the tick.
  Plan plan_;
  Groups picked_;
  std::uint32_t room_ = 0;
  std::array<std::uint32_t, abi::kPriorityLevels> active_{};
  std::array<SlotGroup*, abi::kPriorityLevels> heads_{};
};

}  // namespace gpusim::drv
