// SPDX-License-Identifier: MIT
// The firmware of Mali's CSF in kind (docs/reference/firmware.md, "panthor with Mali CSF"): the host says who holds a
// slot and in which order (host_driver/tick_scheduler.h); inside the slots the firmware picks by that order, and by
// nothing else.
//
// * A queue without a slot is disabled. To enable it gives it one, to disable it takes that, when the queue is off its
//   engine; the answer is the acknowledgement (a group's START or RESUME, and SUSPEND). More than there are slots are
//   refused.
// * Holders have an order: by level, within a level as they came. A new level puts a queue behind the others of that
//   level; and so does an enable, with the level that it has. This order stands for the slots' priorities.
// * An engine gets the first holder that is runnable, and a holder takes the engine of a later one at once.
// * What becomes idle keeps its slot. The host is told when it has been idle for the device's hysteresis, 800 us with
//   Mali's (panthor_fw.c, IDLE_HYSTERESIS_US); work within that time ends it.
// * There is no quantum, and no tick.
#pragma once

#include "firmware/runlist/basic_policy.h"
#include "firmware/runlist/residents.h"

namespace gpusim::fw {

/// A Policy, and SlotsByHost. Pre: there are slots.
template <Hal H>
class HostSlots : public BasicPolicy<H> {
 public:
  using BasicPolicy<H>::BasicPolicy;

  void enter(std::uint32_t queue) { at(queue).state = QueueState::disabled; }
  [[nodiscard]] bool admit(std::uint32_t queue) {
    if (board_.slots.full()) {
      at(queue).state = QueueState::disabled;
      return false;
    }
    board_.grant(queue);
    residents_.add(queue);
    residents_.make_idle(queue);
    return true;
  }

  void make_ready(std::uint32_t queue) {
    residents_.make_runnable(queue);
    runnable_.add(at(queue).engine_set);
    preempt_for(queue);
  }
  void make_idle(std::uint32_t queue) { residents_.make_idle(queue); }
  void give_way(std::uint32_t queue) { make_ready(queue); }
  void withdraw(std::uint32_t queue) {
    if (at(queue).state == QueueState::runnable) runnable_.remove(at(queue).engine_set);
  }
  void vacate(std::uint32_t queue) {
    if (at(queue).has_slot) residents_.remove(queue);
    board_.evict(queue);
  }
  void move_back(std::uint32_t queue) { set_level(queue, at(queue).priority); }
  void set_level(std::uint32_t queue, std::uint32_t level) {
    residents_.set_level(queue, level);
    unsettled_ |= board_.sets.with_any(board_.engines_of(queue));
  }

  [[nodiscard]] bool has_more() const { return (unsettled_ & runnable_.occupied()) != 0; }
  void go_on() { settle(kNil); }

  [[nodiscard]] std::uint32_t engine_to_serve() const { return board_.idle_engine(runnable_.occupied()); }
  [[nodiscard]] std::uint32_t choose(std::uint32_t engine) {
    const std::uint32_t queue = residents_.first_runnable(board_.sets.with_engine(engine));
    if (queue != kNil) runnable_.remove(at(queue).engine_set);
    return queue;
  }
  void on_picked(std::uint32_t engine) {
    const bool is_settled = !has_more();
    unsettled_ |= board_.sets.with_engine(engine);
    // Nobody before the one that was chosen may use this engine.
    if (is_settled) settle(board_.engines[engine].queue);
  }

 private:
  using BasicPolicy<H>::board_;
  [[nodiscard]] QueueRecord& at(std::uint32_t queue) const { return board_.queues[queue]; }
  /// It takes the engine of the last holder behind it, unless one is free or coming.
  void preempt_for(std::uint32_t queue) {
    const std::uint32_t engine = residents_.victim(queue, board_.engines, board_.engines_of(queue));
    if (engine == kNoEngine) return;
    board_.order_preemption(engine);
    unsettled_ &= ~board_.sets.with_engine(engine);
  }
  /// For one set: the first runnable one of it, behind that holder or of all, speaks for the others.
  void settle(std::uint32_t behind) {
    unsettled_ &= runnable_.occupied() & ~board_.sets.with_any(board_.engines_coming());
    const std::uint32_t queue = residents_.first_runnable(unsettled_, behind);
    if (queue == kNil) return;
    unsettled_ &= ~(SetMask{1} << at(queue).engine_set);
    preempt_for(queue);
  }

  Residents residents_{board_.queues.data()};
  SetCounts runnable_;
  SetMask unsettled_ = 0;  // in which one may be runnable and before another on an engine
};

}  // namespace gpusim::fw
