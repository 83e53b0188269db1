// SPDX-License-Identifier: MIT
// A policy of the kind that panthor has for Mali's CSF (docs/reference/firmware.md, "panthor with Mali CSF"): who is
// resident changes on a tick. There the host rotates; here the firmware does, and a slot is a queue's.
//
// * Residents have an order: by level, within a level as they came. An engine gets the first one that is runnable, and
//   a resident takes the engine of a later one at once (slot priorities 15, 14, 13 in the order of picking).
// * On a tick the head of each level goes behind the others of its level. Then the last residents give their
//   slots up to levels before theirs, and of the last level that has some the former head to its own if one waits.
// * Between ticks a queue gets a free slot or that of an idle one. One of level 0 also gets that of the last resident
//   of another level (realtime), which nobody takes from a resident of level 0.
// * The tick stops when it finds nothing to rotate, and starts with the next arrival: a period later (ours).
// * There is no quantum.
#pragma once

#include "firmware/runlist/holder_order.h"
#include "firmware/runlist/waiting_lines.h"

namespace gpusim::fw {

/// A Policy. Pre: there are slots.
template <Hal H>
class TickRotation : public HolderOrder<H> {
  using Base = HolderOrder<H>;

 public:
  using Base::Base;

  void make_ready(std::uint32_t queue) {
    at(queue).has_slot ? this->make_runnable(queue) : wait(queue);
    const std::uint32_t last = residents_.last_with_work();
    const bool is_realtime = at(queue).priority == 0 && at(last).priority != 0;
    if (at(queue).state == QueueState::waiting && is_realtime) dismiss(last, 1);
    set_ticking(board_.slots.used() > 1 || waiting_.first() != kNil);
  }
  void make_idle(std::uint32_t queue) {
    residents_.make_idle(queue);
    if (residents_.is_dismissed(queue) || waiting_.first() != kNil) this->vacate(queue);
    serve_waiting();
  }
  void give_way(std::uint32_t queue) {
    if (!residents_.is_dismissed(queue)) return this->make_runnable(queue);
    this->vacate(queue);
    wait(queue);
  }
  void withdraw(std::uint32_t queue) {
    if (at(queue).state == QueueState::waiting) return waiting_.remove(queue);
    Base::withdraw(queue);
  }
  void set_level(std::uint32_t queue, std::uint32_t level) {
    if (at(queue).state != QueueState::waiting) return Base::set_level(queue, level);
    waiting_.remove(queue);
    residents_.set_level(queue, level);
    make_ready(queue);
    this->unsettle(queue);
  }
  /// Slots for those who wait, as long as one is free or its holder idle.
  void serve_waiting() {
    for (std::uint32_t queue = waiting_.first(); queue != kNil; queue = waiting_.first()) {
      if (board_.slots.full()) this->vacate(residents_.last_idle());
      if (board_.slots.full()) return;
      waiting_.remove(queue);
      board_.grant(queue);
      residents_.add(queue);
      this->make_runnable(queue);
    }
  }

  void on_tick() {
    set_ticking(residents_.rotate() || waiting_.first() != kNil);
    unsettled_ = runnable_.occupied();
    is_rotating_ = waiting_.first() != kNil;
    if (is_rotating_) go_on();
  }
  [[nodiscard]] bool has_more() const { return is_rotating_ || Base::has_more(); }
  void go_on() {
    if (!is_rotating_) return Base::go_on();
    const std::uint32_t last = residents_.last_with_work();
    const std::uint32_t level = at(last).priority;
    is_rotating_ = dismiss(last, level);
    if (!is_rotating_) dismiss(residents_.rotated(level), level + 1);
  }
  void on_picked(std::uint32_t engine) {
    if (!is_rotating_) return Base::on_picked(engine);
    unsettled_ |= board_.sets.with_engine(engine);
  }

 private:
  using Base::at;
  using Base::board_;
  using Base::residents_;
  using Base::runnable_;
  using Base::unsettled_;

  void set_ticking(bool is_wanted) {
    if (is_wanted != ticks_) board_.hal.run_tick(is_wanted);
    ticks_ = is_wanted;
  }
  void wait(std::uint32_t queue) {
    at(queue).state = QueueState::waiting;
    waiting_.push_back(queue);
    serve_waiting();
  }
  /// It gives its slot up, at once or when it is off its engine, if more queues of the levels before this one wait than
  /// slots are coming. Returns whether it does; kNil does not.
  bool dismiss(std::uint32_t queue, std::uint32_t level) {
    if (queue == kNil || !waiting_.are_more(level, residents_.dismissed_count())) return false;
    const bool is_runnable = at(queue).state == QueueState::runnable;
    residents_.dismiss(queue);
    withdraw(queue);
    is_runnable ? give_way(queue) : board_.order_leave(at(queue).engine);
    return true;
  }

  WaitingLines waiting_{board_.queues.data()};
  bool is_rotating_ = false;  // others may have to give their slots up
  bool ticks_ = false;
};

}  // namespace gpusim::fw
