// SPDX-License-Identifier: MIT
// The run-list: who waits for an engine. A line for each level and each set of engines; a ticket says who came first of
// two in different lines.
#pragma once

#include <cstdint>

#include "firmware/abi/device.h"
#include "firmware/runlist/engine_sets.h"
#include "firmware/runlist/records.h"

namespace gpusim::fw {

class RunLines {
 public:
  /// To the end of the line of its level and set. Tickets are compared modulo 2^32: nobody waits while 2^31 are given
  /// out.
  constexpr void push_back(QueueRecord* queues, std::uint32_t queue) {
    QueueRecord& record = queues[queue];
    record.ticket = next_ticket_++;
    lines_[record.priority][record.engine_set].push_back(queues, queue);
    occupied_[record.priority] |= SetMask{1} << record.engine_set;
  }

  /// Pre: it is in its line.
  constexpr void remove(QueueRecord* queues, std::uint32_t queue) {
    const QueueRecord& record = queues[queue];
    QueueList& line = lines_[record.priority][record.engine_set];
    line.remove(queues, queue);
    if (line.empty()) occupied_[record.priority] &= ~(SetMask{1} << record.engine_set);
  }

  /// Who came first of a level, in the lines of these sets; kNil if nobody waits there.
  [[nodiscard]] constexpr std::uint32_t first(const QueueRecord* queues, std::uint32_t level, SetMask sets) const {
    std::uint32_t first = kNil;
    SetMask left = occupied_[level] & sets;
    for (std::uint32_t set = 0; left != 0; ++set, left >>= 1) {
      if ((left & 1) == 0) continue;
      const std::uint32_t head = lines_[level][set].head();
      if (first == kNil || static_cast<std::int32_t>(queues[head].ticket - queues[first].ticket) < 0) first = head;
    }
    return first;
  }

  /// The sets in whose lines of that level somebody waits.
  [[nodiscard]] constexpr SetMask occupied(std::uint32_t level) const { return occupied_[level]; }
  /// The sets in whose lines of any level somebody waits.
  [[nodiscard]] constexpr SetMask occupied() const {
    SetMask sets = 0;
    for (const SetMask level : occupied_) sets |= level;
    return sets;
  }

 private:
  QueueList lines_[abi::kPriorityLevels][EngineSets::kMaxSets]{};
  SetMask occupied_[abi::kPriorityLevels]{};
  std::uint32_t next_ticket_ = 0;
};

}  // namespace gpusim::fw
