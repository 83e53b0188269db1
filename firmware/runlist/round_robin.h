// SPDX-License-Identifier: MIT
// The policy by default: strict priority levels, round robin within a level. When a queue's quantum is over and another
// queue of its level could use the engine, it goes to the end of the line; if none could, the next that comes preempts
// it at once. A queue of a higher level always preempts at once, also if it is of a higher level because a priority has
// been changed. No queue waits behind one of a lower level unless an engine that it may run on is being left already:
// if another has taken the engine that it counted on, that is looked at again.
//
// Slots are kept until another queue needs them. An idle holder gives way first, then a waiting one of a lower level,
// then one on an engine: of a lower level at once, of the same level at the end of its quantum. No more queues are
// preempted than wait. In kind xe's GuC (docs/reference/firmware.md, "xe with GuC"); slots by demand are ours.
#pragma once

#include "firmware/runlist/basic_policy.h"
#include "firmware/runlist/run_lines.h"

namespace gpusim::fw {

/// A Policy.
template <Hal H>
class RoundRobin : public BasicPolicy<H> {
 public:
  using BasicPolicy<H>::BasicPolicy;

  void make_ready(std::uint32_t queue);
  void make_idle(std::uint32_t queue);
  /// It keeps its slot only if no other queue of its level or a higher one needs it.
  void give_way(std::uint32_t queue);
  void withdraw(std::uint32_t queue);
  void set_level(std::uint32_t queue, std::uint32_t level);

  void disable(std::uint32_t engine);
  void on_stop(std::uint32_t engine) { levels_.stop(engine); }
  void on_renewal(std::uint32_t engine) { levels_.renew(engine); }
  void on_quantum_over(std::uint32_t engine);
  /// Slots for those who wait, as many as there are; preempt_for_slots() if there are not enough.
  void serve_waiting();

  [[nodiscard]] std::uint32_t engine_to_serve() const;
  [[nodiscard]] std::uint32_t choose(std::uint32_t engine);
  void on_picked(std::uint32_t engine);

 private:
  using BasicPolicy<H>::board_;

  [[nodiscard]] std::uint32_t first_for(std::uint32_t engine, std::uint32_t last_level) const;
  void make_runnable(std::uint32_t queue);
  void preempt(std::uint32_t engine);
  /// Makes room for a queue that waits for an engine of its own.
  void preempt_for(const QueueRecord& arrival);
  /// For every line of these sets in which somebody waits: an engine on which a queue of a lower level runs, if none of
  /// the line's engines is coming. What preempt_for() counted on another may have taken, or priorities have changed.
  void preempt_for_lines(SetMask sets);
  /// For every level that waits for a slot: one more holder, if not enough slots are coming.
  void preempt_for_slots();
  [[nodiscard]] bool someone_waits_for_slot(std::uint32_t last_level) const;
  [[nodiscard]] bool acquire_slot(std::uint32_t queue);

  QueueList idle_holders_;  // queues without work that still hold a slot, longest idle first
  EngineLevels levels_;
  RunLines runnable_;
  QueueList waiting_[abi::kPriorityLevels];              // for a slot
  std::uint32_t waiting_count_[abi::kPriorityLevels]{};  // how many
};

template <Hal H>
void RoundRobin<H>::make_ready(std::uint32_t queue) {
  QueueRecord& record = board_.queues[queue];
  if (record.has_slot && !board_.slots.unlimited()) idle_holders_.remove(board_.queues.data(), queue);
  if (!record.has_slot && !acquire_slot(queue)) {
    record.state = QueueState::waiting;
    waiting_[record.priority].push_back(board_.queues.data(), queue);
    ++waiting_count_[record.priority];
  } else {
    make_runnable(queue);
  }
  // It may have taken the slot that another counted on.
  preempt_for_slots();
}

template <Hal H>
void RoundRobin<H>::make_runnable(std::uint32_t queue) {
  QueueRecord& record = board_.queues[queue];
  record.state = QueueState::runnable;
  runnable_.push_back(board_.queues.data(), queue);
  preempt_for(record);
}

template <Hal H>
void RoundRobin<H>::make_idle(std::uint32_t queue) {
  QueueRecord& record = board_.queues[queue];
  record.state = QueueState::idle;
  if (board_.slots.unlimited()) return;
  idle_holders_.push_back(board_.queues.data(), queue);
  serve_waiting();
}

template <Hal H>
void RoundRobin<H>::give_way(std::uint32_t queue) {
  if (!someone_waits_for_slot(board_.queues[queue].priority)) return make_runnable(queue);
  board_.evict(queue);
  serve_waiting();
  make_ready(queue);
}

template <Hal H>
void RoundRobin<H>::preempt_for(const QueueRecord& arrival) {
  const EngineMask engines = board_.sets.engines_of(arrival.engine_set);
  if ((engines & ~levels_.busy()) != 0) return;  // it will be picked there
  const std::uint32_t victim = levels_.victim(arrival.priority, engines);
  if (victim != kNoEngine) preempt(victim);
}

template <Hal H>
void RoundRobin<H>::preempt_for_lines(SetMask sets) {
  EngineMask coming = ~levels_.busy() & board_.all_engines();
  for (std::uint32_t level = abi::kPriorityLevels; level-- > 0;) {
    coming |= levels_.leaving_at(level);  // a queue of a higher level that is leaving would be back before them
    SetMask waiting = runnable_.occupied(level) & sets;
    EngineMask victims = levels_.victims(level);
    if (waiting == 0 || victims == 0) continue;
    waiting &= ~board_.sets.with_any(coming);
    for (victims = board_.sets.in_any(victims, waiting); waiting != 0 && victims != 0;) {
      const std::uint32_t victim = levels_.victim(level, victims);
      preempt(victim);
      coming |= EngineMask{1} << victim;
      waiting &= ~board_.sets.with_engine(victim);
      victims = board_.sets.in_any(victims & ~coming, waiting);
    }
  }
}

template <Hal H>
void RoundRobin<H>::preempt_for_slots() {
  std::uint32_t wanted = 0;
  std::uint32_t coming = levels_.leaving_count();
  for (std::uint32_t level = 0; level < abi::kPriorityLevels; ++level) {
    wanted += waiting_count_[level];
    if (waiting_count_[level] != 0 && wanted > coming) {
      const std::uint32_t victim = levels_.victim(level, board_.all_engines());
      if (victim == kNoEngine) return;  // nor is there one for a lower level
      preempt(victim);
      ++coming;
    }
    coming -= levels_.leaving_count_at(level);  // their queues want them back before those of lower levels
  }
}

template <Hal H>
bool RoundRobin<H>::someone_waits_for_slot(std::uint32_t last_level) const {
  for (std::uint32_t level = 0; level <= last_level; ++level) {
    if (!waiting_[level].empty()) return true;
  }
  return false;
}

template <Hal H>
std::uint32_t RoundRobin<H>::first_for(std::uint32_t engine, std::uint32_t last_level) const {
  for (std::uint32_t level = 0; level <= last_level; ++level) {
    const std::uint32_t queue = runnable_.first(board_.queues.data(), level, board_.sets.with_engine(engine));
    if (queue != kNil) return queue;
  }
  return kNil;
}

template <Hal H>
std::uint32_t RoundRobin<H>::engine_to_serve() const {
  const SetMask waiting = runnable_.occupied();
  if (waiting == 0) return kNoEngine;
  EngineMask idle = ~levels_.busy() & board_.all_engines();
  for (std::uint32_t e = 0; idle != 0; ++e, idle >>= 1) {
    if ((idle & 1) != 0 && (board_.sets.with_engine(e) & waiting) != 0) return e;
  }
  return kNoEngine;
}

template <Hal H>
bool RoundRobin<H>::acquire_slot(std::uint32_t queue) {
  if (board_.slots.full() && !idle_holders_.empty()) {
    const std::uint32_t holder = idle_holders_.head();
    idle_holders_.remove(board_.queues.data(), holder);
    board_.evict(holder);
  }
  // A holder of a lower level that is not on an engine goes back to waiting.
  const QueueRecord& arrival = board_.queues[queue];
  for (std::uint32_t level = abi::kPriorityLevels; board_.slots.full() && --level > arrival.priority;) {
    const SetMask occupied = runnable_.occupied(level);
    for (std::uint32_t c = 0; occupied != 0 && board_.slots.full() && c < abi::kEngineClasses; ++c) {
      const SetMask sets = board_.sets.of_class(c) & occupied;
      if (sets == 0) continue;
      const std::uint32_t victim = runnable_.first(board_.queues.data(), level, sets);
      runnable_.remove(board_.queues.data(), victim);
      board_.evict(victim);
      board_.queues[victim].state = QueueState::waiting;
      waiting_[level].push_front(board_.queues.data(), victim);
      ++waiting_count_[level];
    }
  }
  if (board_.slots.full()) return false;
  board_.grant(queue);
  return true;
}

template <Hal H>
void RoundRobin<H>::serve_waiting() {
  for (QueueList& list : waiting_) {
    while (!list.empty()) {
      const std::uint32_t queue = list.head();
      if (!acquire_slot(queue)) return preempt_for_slots();
      list.remove(board_.queues.data(), queue);
      --waiting_count_[board_.queues[queue].priority];
      make_runnable(queue);
    }
  }
}

template <Hal H>
void RoundRobin<H>::preempt(std::uint32_t engine) {
  levels_.leave(engine, board_.queues[board_.engines[engine].queue].priority);
  board_.order_preemption(engine);
}

template <Hal H>
void RoundRobin<H>::disable(std::uint32_t engine) {
  if (board_.engines[engine].state == EngineState::running) preempt(engine);
  levels_.leave_for_good(engine);
}

template <Hal H>
void RoundRobin<H>::on_quantum_over(std::uint32_t engine) {
  const std::uint32_t level = board_.queues[board_.engines[engine].queue].priority;
  if (first_for(engine, level) == kNil && !someone_waits_for_slot(level)) return levels_.spend(engine);
  preempt(engine);
}

template <Hal H>
std::uint32_t RoundRobin<H>::choose(std::uint32_t engine) {
  const std::uint32_t queue = first_for(engine, abi::kPriorityLevels - 1);
  if (queue != kNil) runnable_.remove(board_.queues.data(), queue);
  return queue;
}

template <Hal H>
void RoundRobin<H>::on_picked(std::uint32_t engine) {
  levels_.start(engine, board_.queues[board_.engines[engine].queue].priority);
  preempt_for_lines(board_.sets.with_engine(engine));
}

template <Hal H>
void RoundRobin<H>::set_level(std::uint32_t queue, std::uint32_t level) {
  QueueRecord& record = board_.queues[queue];
  const auto priority = static_cast<std::uint8_t>(level);
  const bool lowered = priority > record.priority;
  SetMask changed = 0;  // in whose lines one may wait behind a lower one now
  if (record.state == QueueState::runnable) {
    runnable_.remove(board_.queues.data(), queue);
    record.priority = priority;
    runnable_.push_back(board_.queues.data(), queue);
    changed = SetMask{1} << record.engine_set;
  } else if (record.state == QueueState::waiting) {
    waiting_[record.priority].remove(board_.queues.data(), queue);
    --waiting_count_[record.priority];
    record.priority = priority;
    waiting_[priority].push_back(board_.queues.data(), queue);
    ++waiting_count_[priority];
  } else {
    if (record.state == QueueState::running) {
      levels_.change(record.engine, priority);
      changed = board_.sets.with_engine(record.engine);
    }
    record.priority = priority;
    // Lowered, it has to go before the next of the line; raised while it leaves, it will take its engine again.
    if (record.state == QueueState::running &&
        (lowered || board_.engines[record.engine].state == EngineState::preempting)) {
      const std::uint32_t next = first_for(record.engine, abi::kPriorityLevels - 1);
      if (next != kNil) preempt_for(board_.queues[next]);
    }
  }
  preempt_for_lines(changed);
  serve_waiting();
}

template <Hal H>
void RoundRobin<H>::withdraw(std::uint32_t queue) {
  QueueRecord& record = board_.queues[queue];
  if (record.state == QueueState::runnable) runnable_.remove(board_.queues.data(), queue);
  if (record.state == QueueState::waiting) {
    waiting_[record.priority].remove(board_.queues.data(), queue);
    --waiting_count_[record.priority];
  }
  if (record.state == QueueState::idle && record.has_slot && !board_.slots.unlimited())
    idle_holders_.remove(board_.queues.data(), queue);
}

}  // namespace gpusim::fw
