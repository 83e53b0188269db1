// SPDX-License-Identifier: MIT
// A policy of the kind that panthor has for Mali's CSF (docs/reference/firmware.md, "panthor with Mali CSF"): who is
// resident changes on a tick, between ticks residents are fixed. There the host rotates; here the firmware does, and a
// slot is a queue's.
//
// * Residents have an order: by level, within a level as they came. An engine gets the first one that is runnable, and
//   a resident takes the engine of a later one at once (slot priorities 15, 14, 13 in the order of picking).
// * On a tick the head of each level goes out, the others move up, those who wait fill what is free, level by level.
//   The head comes back behind them if there is room, or else waits at the end of its line.
//   One queue a level and tick.
// * Between ticks a queue gets a free slot or that of an idle one. One of level 0 also gets that of the last resident
//   of another level (realtime), which nobody takes from a resident of level 0.
// * There is no quantum.
// * The tick stops when it finds nothing to rotate, and starts with the next arrival: a whole period later (ours).
#pragma once

#include <cstdint>

#include "firmware/runlist/board.h"

namespace gpusim::fw {

/// A Policy. Pre: there are slots.
template <Hal H>
class TickRotation {
 public:
  explicit TickRotation(Board<H>& board) : board_{board} {}

  void enter(std::uint32_t) {}
  void leave(std::uint32_t) {}
  void make_ready(std::uint32_t queue) {
    QueueRecord& record = at(queue);
    if (record.has_slot) {
      record.state = QueueState::runnable;
      preempt_for(queue);
    } else {
      wait(queue);
      fill();
      if (record.state == QueueState::waiting && record.priority == 0) dismiss_for_realtime();
    }
    set_ticking(count_ > 1 || is_waiting());
  }
  void make_idle(std::uint32_t queue) {
    at(queue).state = QueueState::idle;
    if (goes_[at(queue).slot]) vacate(queue);
    fill();
  }
  void give_way(std::uint32_t queue) {
    at(queue).state = QueueState::runnable;
    if (goes_[at(queue).slot]) dismiss(queue);
  }
  void withdraw(std::uint32_t queue) {
    if (at(queue).state != QueueState::waiting) return;
    waiting_[at(queue).priority].remove(board_.queues.data(), queue);
    --waiting_count_[at(queue).priority];
  }
  void vacate(std::uint32_t queue) {
    if (!at(queue).has_slot) return;
    goes_[at(queue).slot] = false;
    take_out(queue);
    board_.evict(queue);
  }
  void set_level(std::uint32_t queue, std::uint32_t level) {
    const bool is_waiting = at(queue).state == QueueState::waiting;
    if (is_waiting) withdraw(queue);
    if (at(queue).has_slot) take_out(queue);
    at(queue).priority = static_cast<std::uint8_t>(level);
    if (at(queue).has_slot) put_in(queue);
    if (is_waiting) make_ready(queue);
    settle();
  }

  void disable(std::uint32_t engine) {
    if (board_.engines[engine].state == EngineState::running) board_.order_preemption(engine);
  }
  void on_stop(std::uint32_t) {}
  void on_renewal(std::uint32_t) {}
  void on_quantum_over(std::uint32_t) {}
  void serve_waiting() { fill(); }
  void on_tick();

  [[nodiscard]] std::uint32_t engine_to_serve() const {
    EngineMask wanted = 0;
    for (std::uint32_t i = 0; i < count_; ++i) wanted |= is_runnable(order_[i]) ? board_.engines_of(order_[i]) : 0;
    for (std::uint32_t engine = 0; wanted >> engine != 0; ++engine) {
      if ((wanted >> engine & 1) != 0 && board_.engines[engine].state == EngineState::idle) return engine;
    }
    return kNoEngine;
  }
  [[nodiscard]] std::uint32_t choose(std::uint32_t engine) {
    for (std::uint32_t i = 0; i < count_; ++i) {
      if (is_runnable(order_[i]) && board_.may_use(order_[i], engine)) return order_[i];
    }
    return kNil;
  }
  void on_picked(std::uint32_t) { settle(); }

 private:
  [[nodiscard]] QueueRecord& at(std::uint32_t queue) const { return board_.queues[queue]; }
  [[nodiscard]] bool is_runnable(std::uint32_t queue) const { return at(queue).state == QueueState::runnable; }
  [[nodiscard]] bool is_active(std::uint32_t i) const { return at(order_[i]).state != QueueState::idle; }
  [[nodiscard]] bool is_waiting() const {
    return (waiting_count_[0] | waiting_count_[1] | waiting_count_[2] | waiting_count_[3]) != 0;
  }
  void set_ticking(bool is_wanted) {
    if (is_wanted != ticks_) board_.hal.run_tick(is_wanted);
    ticks_ = is_wanted;
  }

  /// Into the order, behind the others of its level; QueueRecord::ticket is its place there.
  void put_in(std::uint32_t queue) {
    std::uint32_t i = count_++;
    for (; i > 0 && at(order_[i - 1]).priority > at(queue).priority; --i) order_[i] = order_[i - 1];
    order_[i] = queue;
    number();
  }
  void take_out(std::uint32_t queue) {
    move_up(at(queue).ticket, count_--);
    number();
  }
  /// Those from first + 1 to last - 1, by one place.
  void move_up(std::uint32_t first, std::uint32_t last) {
    for (std::uint32_t i = first; i + 1 < last; ++i) order_[i] = order_[i + 1];
  }
  [[nodiscard]] static std::uint32_t least(std::uint32_t a, std::uint32_t b) { return a < b ? a : b; }
  void number() {
    for (std::uint32_t i = 0; i < count_; ++i) at(order_[i]).ticket = i;
  }

  void wait(std::uint32_t queue) {
    at(queue).state = QueueState::waiting;
    waiting_[at(queue).priority].push_back(board_.queues.data(), queue);
    ++waiting_count_[at(queue).priority];
  }
  /// Slots for those who wait, as long as one is free or its holder idle.
  void fill() {
    for (QueueList& list : waiting_) {
      while (!list.empty()) {
        if (board_.slots.full() && !vacate_idle()) return;
        const std::uint32_t queue = list.head();
        withdraw(queue);
        board_.grant(queue);
        put_in(queue);
        at(queue).state = QueueState::runnable;
        preempt_for(queue);
      }
    }
  }
  [[nodiscard]] bool vacate_idle() {
    for (std::uint32_t i = count_; i-- > 0;) {
      if (is_active(i)) continue;
      vacate(order_[i]);
      return true;
    }
    return false;
  }
  /// A resident gives its slot up: at once, or when it is off its engine.
  void dismiss(std::uint32_t queue) {
    if (is_runnable(queue)) {
      vacate(queue);
      wait(queue);
      return fill();
    }
    goes_[at(queue).slot] = true;
    if (board_.engines[at(queue).engine].state == EngineState::running) board_.order_preemption(at(queue).engine);
  }
  void dismiss_for_realtime() {
    std::uint32_t coming = 0;
    for (const bool goes : goes_) coming += goes ? 1 : 0;
    for (std::uint32_t i = count_; coming < waiting_count_[0] && i-- > 0 && at(order_[i]).priority != 0;) {
      if (!goes_[at(order_[i]).slot]) return dismiss(order_[i]);
    }
  }
  /// It takes the engine of the last resident behind it, unless one is free or coming.
  void preempt_for(std::uint32_t queue) {
    std::uint32_t victim = queue;
    EngineMask engines = board_.engines_of(queue);
    for (std::uint32_t engine = 0; engines != 0; ++engine, engines >>= 1) {
      if ((engines & 1) == 0) continue;
      const EngineRecord& record = board_.engines[engine];
      if (record.state != EngineState::running) return;
      if (at(record.queue).ticket > at(victim).ticket) victim = record.queue;
    }
    if (victim != queue) board_.order_preemption(at(victim).engine);
  }
  /// Who is runnable and before another on an engine. Of residents with one set of engines the first speaks for all.
  void settle() {
    SetMask heard = 0;
    for (std::uint32_t i = 0; i < count_; ++i) {
      const SetMask set = SetMask{1} << at(order_[i]).engine_set;
      if (!is_runnable(order_[i]) || (heard & set) != 0) continue;
      heard |= set;
      preempt_for(order_[i]);
    }
  }

  Board<H>& board_;
  std::uint32_t order_[SlotPool::kMaxSlots]{};  // residents
  std::uint32_t count_ = 0;
  bool goes_[SlotPool::kMaxSlots]{};         // by slot: its holder gives it up when it is off its engine
  QueueList waiting_[abi::kPriorityLevels];  // for a slot
  std::uint32_t waiting_count_[abi::kPriorityLevels]{};
  bool ticks_ = false;
};

template <Hal H>
void TickRotation<H>::on_tick() {
  std::uint32_t leaving[SlotPool::kMaxSlots]{};
  std::uint32_t leaving_count = 0;
  std::uint32_t room = board_.slots.count();
  bool rotates = is_waiting();
  for (std::uint32_t level = 0, i = 0; level < abi::kPriorityLevels; ++level) {
    const std::uint32_t begin = i;
    std::uint32_t residents = 0;
    for (; i < count_ && at(order_[i]).priority == level; ++i) residents += is_active(i) ? 1 : 0;
    const std::uint32_t stay = least(residents == 0 ? 0 : residents - 1, room);
    const std::uint32_t fresh = least(waiting_count_[level], room - stay);
    const bool head_stays = residents != 0 && stay + fresh < room;
    room -= stay + fresh + (head_stays ? 1 : 0);
    rotates |= residents > 1;
    std::uint32_t head = count_;
    for (std::uint32_t k = begin, behind = 0; k < i; ++k) {
      if (!is_active(k)) continue;
      const bool is_head = head == count_;
      if (is_head) head = k;
      if (is_head ? !head_stays : behind++ >= stay) leaving[leaving_count++] = order_[k];
    }
    if (head_stays) {
      const std::uint32_t queue = order_[head];
      move_up(head, i);
      order_[i - 1] = queue;
    }
  }
  number();
  for (std::uint32_t k = 0; k < leaving_count; ++k) dismiss(leaving[k]);
  settle();
  set_ticking(rotates);
}

}  // namespace gpusim::fw
