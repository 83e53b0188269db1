// SPDX-License-Identifier: MIT
// First come, first served: an engine gets the queue that has waited longest of those that may use it, whatever their
// levels. It keeps the engine until it has no work, or its quantum is over and another one waits; then it goes behind
// all others. There are no slots.
//
// Queues that may run on the same engines stand in one line, and the first of some lines is the one with the lowest
// ticket. So nothing here is linear in the number of queues: a turn stays short.
#pragma once

#include "firmware/runlist/basic_policy.h"

namespace gpusim::fw {

/// A Policy. Pre: there are no slots.
template <Hal H>
class Fifo : public BasicPolicy<H> {
 public:
  using BasicPolicy<H>::BasicPolicy;

  // --- what becomes of a queue ---

  void make_ready(std::uint32_t queue) {
    QueueRecord& record = board_.queues[queue];
    record.state = QueueState::runnable;
    record.ticket = next_ticket_++;
    lines_[record.engine_set].push_back(board_.queues.data(), queue);
    occupied_ |= SetMask{1} << record.engine_set;
  }
  void make_idle(std::uint32_t queue) { board_.queues[queue].state = QueueState::idle; }
  void give_way(std::uint32_t queue) { make_ready(queue); }
  void withdraw(std::uint32_t queue) {
    if (board_.queues[queue].state == QueueState::runnable) take_out(queue);
  }

  // --- what an engine reports ---

  void on_quantum_over(std::uint32_t engine) {
    if ((occupied_ & board_.sets.with_engine(engine)) != 0) return board_.order_preemption(engine);
    board_.hal.engine_renew(engine);  // or nobody would say when the next one is over
  }

  // --- who is next ---

  [[nodiscard]] std::uint32_t engine_to_serve() const { return board_.idle_engine(occupied_); }
  [[nodiscard]] std::uint32_t choose(std::uint32_t engine) {
    std::uint32_t first = kNil;
    SetMask sets = occupied_ & board_.sets.with_engine(engine);
    for (std::uint32_t set = 0; sets != 0; ++set, sets >>= 1) {
      if ((sets & 1) != 0 && (first == kNil || is_before(lines_[set].head(), first))) first = lines_[set].head();
    }
    if (first != kNil) take_out(first);
    return first;
  }

 private:
  using BasicPolicy<H>::board_;

  /// Tickets are compared modulo 2^32: they go round while the simulator runs, not while a queue waits.
  [[nodiscard]] bool is_before(std::uint32_t a, std::uint32_t b) const {
    return static_cast<std::int32_t>(board_.queues[a].ticket - board_.queues[b].ticket) < 0;
  }
  void take_out(std::uint32_t queue) {
    const std::uint32_t set = board_.queues[queue].engine_set;
    lines_[set].remove(board_.queues.data(), queue);
    if (lines_[set].empty()) occupied_ &= ~(SetMask{1} << set);
  }

  QueueList lines_[EngineSets::kMaxSets]{};  // of runnable queues, by set of engines
  SetMask occupied_ = 0;                     // the lines that have one
  std::uint32_t next_ticket_ = 0;
};

}  // namespace gpusim::fw
