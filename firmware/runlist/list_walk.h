// SPDX-License-Identifier: MIT
// A policy of the kind that AMD's HWS has, and MES without levels (docs/reference/firmware.md, "amdgpu with MES, and
// NVIDIA"): a list of processes with their queues is walked in order.
//
// * An engine stays with a process for its outer quantum, and gives each of its queues an inner one in turn. An outer
//   quantum is a number of inner ones, by default ten (process 10 ms, HQD or gang 1 ms). One that is given counts, also
//   if its queue has nothing left before it is over (ours: nobody measures what is left of it).
// * A process without work loses the rest of its outer quantum; the walk goes on to the next.
// * At the end of an inner quantum the queue goes on if nobody else may have the engine by these rules.
// * Levels mean nothing (processes have none), and nobody preempts by arriving: that waits for the quantum's end.
// * A place on the hardware is the engine's: there are no slots.
// * A new queue stands where the walk comes last (ours: HWS gets a new list).
// * Process numbers that are equal modulo kProcesses share a turn, and each engine walks by itself (ours).
#pragma once

#include "firmware/runlist/basic_policy.h"

namespace gpusim::fw {

/// A Policy. Pre: there are no slots. QueueRecord::ticket is the queue's process.
template <Hal H>
class ListWalk : public BasicPolicy<H> {
 public:
  static constexpr std::uint32_t kProcesses = 16;  ///< that have turns of their own, as VMIDs

  explicit ListWalk(Board<H>& board) : BasicPolicy<H>{board}, outer_quantum_{board.hal.outer_quantum()} {}

  void enter(std::uint32_t queue) { line_of(queue).push_back(board_.queues.data(), queue); }
  void leave(std::uint32_t queue) { line_of(queue).remove(board_.queues.data(), queue); }
  void make_ready(std::uint32_t queue) {
    QueueRecord& record = board_.queues[queue];
    record.state = QueueState::runnable;
    runnable_[process_of(queue)].add(record.engine_set);
    wanted_.add(record.engine_set);
    preempt_spent(queue);
  }
  void make_idle(std::uint32_t queue) { board_.queues[queue].state = QueueState::idle; }
  void give_way(std::uint32_t queue) { make_ready(queue); }
  void withdraw(std::uint32_t queue) {
    if (board_.queues[queue].state == QueueState::runnable) take(queue);
  }

  void on_stop(std::uint32_t engine) { spent_ &= ~(EngineMask{1} << engine); }
  void on_renewal(std::uint32_t engine) {
    on_stop(engine);
    if (turns_[engine].left != 0) --turns_[engine].left;
  }
  void on_quantum_over(std::uint32_t engine) {
    Turn& turn = turns_[engine];
    const SetMask sets = board_.sets.with_engine(engine);
    if (turn.left != 0 && (runnable_[turn.process].occupied() & sets) == 0) {
      --turn.left;
      return board_.hal.engine_renew(engine);
    }
    if (next_process(turn.process, sets) != kProcesses) return board_.order_preemption(engine);
    spent_ |= EngineMask{1} << engine;
  }

  [[nodiscard]] std::uint32_t engine_to_serve() const { return board_.idle_engine_of(wanted_.engines()); }
  /// Walks on from where the engine's walk stands, some entries in a turn: the list may be long.
  [[nodiscard]] std::uint32_t choose(std::uint32_t engine) {
    constexpr std::uint32_t kMostEntries = 16;
    Turn& turn = turns_[engine];
    const SetMask sets = board_.sets.with_engine(engine);
    if (turn.left == 0 || (runnable_[turn.process].occupied() & sets) == 0) {
      const std::uint32_t process = next_process(turn.process, sets);
      if (process == kProcesses) return kNil;
      turn = {process, outer_quantum_, turn.set};
    }
    const std::uint32_t set = next_set(turn.set, runnable_[turn.process].occupied() & sets);
    QueueList& line = lines_[turn.process][set];
    std::uint32_t queue = line.head();
    bool is_runnable = false;
    for (std::uint32_t entry = 0; !is_runnable && entry < kMostEntries; ++entry) {
      queue = board_.queues[queue].next;
      if (queue == kNil) queue = line.head();
      is_runnable = board_.queues[queue].state == QueueState::runnable;
    }
    line.begin_with(board_.queues.data(), queue);
    if (!is_runnable) return kNil;
    take(queue);
    turn.set = set;
    --turn.left;
    return queue;
  }

 private:
  using BasicPolicy<H>::board_;

  struct Turn {
    std::uint32_t process;
    std::uint32_t left;  // inner quanta of the outer one, behind the one that is given
    std::uint32_t set;   // of engines, whose line the last queue was from
  };

  [[nodiscard]] std::uint32_t process_of(std::uint32_t queue) const { return board_.queues[queue].ticket % kProcesses; }
  [[nodiscard]] QueueList& line_of(std::uint32_t queue) {
    return lines_[process_of(queue)][board_.queues[queue].engine_set];
  }
  /// It is runnable no more.
  void take(std::uint32_t queue) {
    const std::uint32_t set = board_.queues[queue].engine_set;
    runnable_[process_of(queue)].remove(set);
    wanted_.remove(set);
  }
  /// The next process behind this one, itself last, with a runnable queue in these sets; kProcesses: none.
  [[nodiscard]] std::uint32_t next_process(std::uint32_t process, SetMask sets) const {
    for (std::uint32_t step = 1; step <= kProcesses; ++step) {
      const std::uint32_t next = (process + step) % kProcesses;
      if ((runnable_[next].occupied() & sets) != 0) return next;
    }
    return kProcesses;
  }
  /// Pre: `sets` is not 0.
  [[nodiscard]] static std::uint32_t next_set(std::uint32_t set, SetMask sets) {
    do set = (set + 1) % EngineSets::kMaxSets;
    while ((sets >> set & 1) == 0);
    return set;
  }
  /// An engine whose quantum is over while nobody wanted it.
  void preempt_spent(std::uint32_t queue) {
    const EngineMask engines = board_.engines_of(queue);
    if ((engines & board_.idle()) != 0 || (engines & spent_) == 0) return;
    const std::uint32_t engine = lowest_bit(engines & spent_);
    spent_ &= ~(EngineMask{1} << engine);
    board_.order_preemption(engine);
  }

  std::uint32_t outer_quantum_;                          // inner quanta
  QueueList lines_[kProcesses][EngineSets::kMaxSets]{};  // registered queues: the last one picked, then those behind it
  SetCounts runnable_[kProcesses];
  RunnableSets wanted_{board_.sets};  // of all processes
  Turn turns_[abi::kMaxEngines]{};
  EngineMask spent_ = 0;
};

}  // namespace gpusim::fw
