// SPDX-License-Identifier: MIT
// A policy of the kind that AMD's HWS has, and MES without levels (docs/reference/firmware.md, "amdgpu with MES, and
// NVIDIA"): a list of processes with their queues is walked in order.
//
// * An engine stays with a process for its outer quantum, and gives each of its queues an inner one in turn. An outer
//   quantum is a number of inner ones (process 10 ms, HQD or gang 1 ms).
// * A process without work loses the rest of its outer quantum; the walk goes on to the next.
// * At the end of an inner quantum the queue goes on if nobody else may have the engine by these rules.
// * Levels mean nothing (processes have none), and nobody preempts by arriving: that waits for the quantum's end.
// * A place on the hardware is the engine's: there are no slots.
// * A new queue stands where the walk comes last (ours: HWS gets a new list).
// * Process numbers that are equal modulo kProcesses share a turn, and each engine walks by itself (ours).
#pragma once

#include "firmware/runlist/board.h"

namespace gpusim::fw {

/// A Policy. Pre: there are no slots. QueueRecord::ticket is the queue's process.
template <Hal H>
class ListWalk {
 public:
  static constexpr std::uint32_t kProcesses = 16;     ///< that have turns of their own, as VMIDs
  static constexpr std::uint32_t kOuterQuantum = 10;  ///< inner quanta

  explicit ListWalk(Board<H>& board) : board_{board} {}

  void enter(std::uint32_t queue) { line_of(queue).push_back(board_.queues.data(), queue); }
  void leave(std::uint32_t queue) { line_of(queue).remove(board_.queues.data(), queue); }
  void make_ready(std::uint32_t queue) {
    QueueRecord& record = board_.queues[queue];
    record.state = QueueState::runnable;
    if (++runnable_[process_of(queue)][record.engine_set] == 1) {
      occupied_[process_of(queue)] |= SetMask{1} << record.engine_set;
    }
    preempt_spent(queue);
  }
  void make_idle(std::uint32_t queue) { board_.queues[queue].state = QueueState::idle; }
  void give_way(std::uint32_t queue) { make_ready(queue); }
  void withdraw(std::uint32_t queue) {
    if (board_.queues[queue].state == QueueState::runnable) take(queue);
  }
  void vacate(std::uint32_t) {}
  void set_level(std::uint32_t queue, std::uint32_t level) {
    board_.queues[queue].priority = static_cast<std::uint8_t>(level);
  }

  void disable(std::uint32_t engine) {
    if (board_.engines[engine].state == EngineState::running) board_.order_preemption(engine);
  }
  void on_stop(std::uint32_t engine) { spent_ &= ~(EngineMask{1} << engine); }
  void on_renewal(std::uint32_t engine) { on_stop(engine); }
  void on_quantum_over(std::uint32_t engine) {
    Turn& turn = turns_[engine];
    if (turn.left != 0) --turn.left;
    const SetMask sets = board_.sets.with_engine(engine);
    if (turn.left != 0 && (occupied_[turn.process] & sets) == 0) return board_.hal.engine_renew(engine);
    if (next_process(turn.process, sets) != kProcesses) return board_.order_preemption(engine);
    spent_ |= EngineMask{1} << engine;
  }
  void serve_waiting() {}
  void on_tick() {}

  [[nodiscard]] std::uint32_t engine_to_serve() const {
    SetMask sets = 0;
    for (const SetMask of_process : occupied_) sets |= of_process;
    for (std::uint32_t engine = 0; sets != 0 && engine < board_.engines.size(); ++engine) {
      if (board_.engines[engine].state == EngineState::idle && (board_.sets.with_engine(engine) & sets) != 0)
        return engine;
    }
    return kNoEngine;
  }
  /// Walks on from where the engine's walk stands, some entries in a turn: the list may be long.
  [[nodiscard]] std::uint32_t choose(std::uint32_t engine) {
    constexpr std::uint32_t kMostEntries = 16;
    Turn& turn = turns_[engine];
    const SetMask sets = board_.sets.with_engine(engine);
    if (turn.left == 0 || (occupied_[turn.process] & sets) == 0) {
      const std::uint32_t process = next_process(turn.process, sets);
      if (process == kProcesses) return kNil;
      turn = {process, kOuterQuantum, turn.set};
    }
    const std::uint32_t set = next_set(turn.set, occupied_[turn.process] & sets);
    QueueList& line = lines_[turn.process][set];
    for (std::uint32_t entry = 0; entry < kMostEntries; ++entry) {
      const std::uint32_t last = line.head();
      line.remove(board_.queues.data(), last);
      line.push_back(board_.queues.data(), last);
      const std::uint32_t queue = line.head();
      if (board_.queues[queue].state != QueueState::runnable) continue;
      take(queue);
      turn.set = set;
      return queue;
    }
    return kNil;
  }
  void on_picked(std::uint32_t) {}

 private:
  struct Turn {
    std::uint32_t process;
    std::uint32_t left;  // inner quanta of the outer one
    std::uint32_t set;   // of engines, whose line the last queue was from
  };

  [[nodiscard]] std::uint32_t process_of(std::uint32_t queue) const { return board_.queues[queue].ticket % kProcesses; }
  [[nodiscard]] QueueList& line_of(std::uint32_t queue) {
    return lines_[process_of(queue)][board_.queues[queue].engine_set];
  }
  /// It is runnable no more.
  void take(std::uint32_t queue) {
    const std::uint32_t set = board_.queues[queue].engine_set;
    if (--runnable_[process_of(queue)][set] == 0) occupied_[process_of(queue)] &= ~(SetMask{1} << set);
  }
  /// The next process behind this one, itself last, with a runnable queue in these sets; kProcesses: none.
  [[nodiscard]] std::uint32_t next_process(std::uint32_t process, SetMask sets) const {
    for (std::uint32_t step = 1; step <= kProcesses; ++step) {
      const std::uint32_t next = (process + step) % kProcesses;
      if ((occupied_[next] & sets) != 0) return next;
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
    for (std::uint32_t engine = 0; engine < board_.engines.size(); ++engine) {
      if ((engines >> engine & 1) != 0 && board_.engines[engine].state == EngineState::idle) return;
    }
    for (std::uint32_t engine = 0; engine < board_.engines.size(); ++engine) {
      if ((engines & spent_) >> engine & 1) {
        spent_ &= ~(EngineMask{1} << engine);
        return board_.order_preemption(engine);
      }
    }
  }

  Board<H>& board_;
  QueueList lines_[kProcesses][EngineSets::kMaxSets]{};  // registered queues: the last one picked, then those behind it
  std::uint16_t runnable_[kProcesses][EngineSets::kMaxSets]{};
  SetMask occupied_[kProcesses]{};  // the sets with runnable queues
  Turn turns_[abi::kMaxEngines]{};
  EngineMask spent_ = 0;
};

}  // namespace gpusim::fw
