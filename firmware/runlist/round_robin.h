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
#include "firmware/runlist/waiting_lines.h"

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

  [[nodiscard]] std::uint32_t engine_to_serve() const { return board_.idle_engine_of(runnable_.engines()); }
  [[nodiscard]] std::uint32_t choose(std::uint32_t engine);
  void on_picked(std::uint32_t engine);

 private:
  using BasicPolicy<H>::board_;

  [[nodiscard]] std::uint32_t first_for(std::uint32_t engine) const;
  void make_runnable(std::uint32_t queue);
  void preempt(std::uint32_t engine);
  /// Makes room for a queue that waits for an engine of its own.
  void preempt_for(const QueueRecord& arrival);
  /// For every line of these sets in which somebody waits: an engine on which a queue of a lower level runs, if none of
  /// the line's engines is coming. What preempt_for() counted on another may have taken, or priorities have changed.
  void preempt_for_lines(SetMask sets);
  /// For every level that waits for a slot: one more holder, if not enough slots are coming.
  void preempt_for_slots();
  [[nodiscard]] bool someone_waits_for_slot(std::uint32_t last_level) const {
    return waiting_.are_more(last_level + 1, 0);
  }
  [[nodiscard]] bool acquire_slot(std::uint32_t queue);
  /// Takes the slot of another. False: nobody has to give his to this queue now.
  [[nodiscard]] bool make_room(std::uint32_t queue);

  QueueList idle_holders_;  // queues without work that still hold a slot, longest idle first
  EngineLevels levels_;
  RunLines runnable_{board_.queues.data(), board_.sets};
  WaitingLines waiting_{board_.queues.data()};  // for a slot
};

template <Hal H>
void RoundRobin<H>::make_ready(std::uint32_t queue) {
  QueueRecord& record = board_.queues[queue];
  if (record.has_slot && !board_.slots.unlimited()) idle_holders_.remove(board_.queues.data(), queue);
  if (!record.has_slot && !acquire_slot(queue)) {
    record.state = QueueState::waiting;
    waiting_.push_back(queue);
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
  runnable_.push_back(queue);
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
  if ((engines & board_.idle()) != 0) return;  // it will be picked there
  const std::uint32_t victim = levels_.victim(arrival.priority, engines);
  if (victim != kNoEngine) preempt(victim);
}

template <Hal H>
void RoundRobin<H>::preempt_for_lines(SetMask sets) {
  SetMask served = 0;                 // by an engine that is coming
  EngineMask coming = board_.idle();  // of which `served` does not know yet
  for (std::uint32_t level = abi::kPriorityLevels; level-- > 0;) {
    coming |= levels_.leaving_at(level);  // a queue of a higher level that is leaving would be back before them
    SetMask waiting = runnable_.occupied(level) & sets & ~served;
    EngineMask victims = waiting == 0 ? 0 : levels_.victims(level);
    if (victims == 0) continue;
    served |= board_.sets.with_any(coming);
    coming = 0;
    while ((waiting &= ~served) != 0 && (victims = board_.sets.in_any(victims, waiting)) != 0) {
      const std::uint32_t victim = levels_.victim(level, victims);
      preempt(victim);
      victims &= ~(EngineMask{1} << victim);
      served |= board_.sets.with_engine(victim);
    }
  }
}

template <Hal H>
void RoundRobin<H>::preempt_for_slots() {
  if (waiting_.first() == kNil) return;
  std::uint32_t wanted = 0;
  std::uint32_t coming = levels_.leaving_count();
  for (std::uint32_t level = 0; level < abi::kPriorityLevels; ++level) {
    const std::uint32_t count = waiting_.count_at(level);
    wanted += count;
    if (count != 0 && wanted > coming) {
      const std::uint32_t victim = levels_.victim(level, board_.all_engines());
      if (victim == kNoEngine) return;  // nor is there one for a lower level
      preempt(victim);
      ++coming;
    }
    coming -= levels_.leaving_count_at(level);  // their queues want them back before those of lower levels
  }
}

template <Hal H>
std::uint32_t RoundRobin<H>::first_for(std::uint32_t engine) const {
  const SetMask sets = board_.sets.with_engine(engine);
  std::uint32_t level = 0;
  while (level < abi::kPriorityLevels && (runnable_.occupied(level) & sets) == 0) ++level;
  return level == abi::kPriorityLevels ? kNil : runnable_.first(level, sets);
}

template <Hal H>
bool RoundRobin<H>::acquire_slot(std::uint32_t queue) {
  if (board_.slots.full() && !make_room(queue)) return false;
  board_.grant(queue);
  return true;
}

template <Hal H>
bool RoundRobin<H>::make_room(std::uint32_t queue) {
  if (const std::uint32_t holder = idle_holders_.head(); holder != kNil) {
    idle_holders_.remove(board_.queues.data(), holder);
    board_.evict(holder);
    return true;
  }
  // A holder of a lower level that is not on an engine goes back to waiting.
  const std::uint32_t level = runnable_.last_level();
  if (level <= board_.queues[queue].priority) return false;
  const SetMask occupied = runnable_.occupied(level);
  std::uint32_t engine_class = 0;
  while ((board_.sets.of_class(engine_class) & occupied) == 0) ++engine_class;
  const std::uint32_t victim = runnable_.first(level, board_.sets.of_class(engine_class));
  runnable_.remove(victim);
  board_.evict(victim);
  board_.queues[victim].state = QueueState::waiting;
  waiting_.push_front(victim);
  return true;
}

template <Hal H>
void RoundRobin<H>::serve_waiting() {
  for (std::uint32_t queue = waiting_.first(); queue != kNil; queue = waiting_.first()) {
    if (!acquire_slot(queue)) return preempt_for_slots();
    waiting_.remove(queue);
    make_runnable(queue);
  }
}

template <Hal H>
void RoundRobin<H>::preempt(std::uint32_t engine) {
  levels_.leave(engine);
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
  const bool is_wanted = runnable_.is_any(level, board_.sets.with_engine(engine)) || someone_waits_for_slot(level);
  is_wanted ? preempt(engine) : levels_.spend(engine);
}

template <Hal H>
std::uint32_t RoundRobin<H>::choose(std::uint32_t engine) {
  const std::uint32_t queue = first_for(engine);
  if (queue != kNil) runnable_.remove(queue);
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
    runnable_.set_level(queue, priority);
    changed = SetMask{1} << record.engine_set;
  } else if (record.state == QueueState::waiting) {
    waiting_.remove(queue);
    record.priority = priority;
    waiting_.push_back(queue);
  } else {
    if (record.state == QueueState::running) {
      levels_.change(record.engine, priority);
      changed = board_.sets.with_engine(record.engine);
    }
    record.priority = priority;
    // Lowered, it has to go before the next of the line; raised while it leaves, it will take its engine again.
    if (record.state == QueueState::running &&
        (lowered || board_.engines[record.engine].state == EngineState::preempting)) {
      const std::uint32_t next = first_for(record.engine);
      if (next != kNil) preempt_for(board_.queues[next]);
    }
  }
  preempt_for_lines(changed);
  serve_waiting();
}

template <Hal H>
void RoundRobin<H>::withdraw(std::uint32_t queue) {
  QueueRecord& record = board_.queues[queue];
  if (record.state == QueueState::runnable) runnable_.remove(queue);
  if (record.state == QueueState::waiting) waiting_.remove(queue);
  if (record.state == QueueState::idle && record.has_slot && !board_.slots.unlimited())
    idle_holders_.remove(board_.queues.data(), queue);
}

}  // namespace gpusim::fw
