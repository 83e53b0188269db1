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
  /// `queues` is indexed by queue id; both outlive this object.
  constexpr RunLines(QueueRecord* queues, const EngineSets& sets) : queues_{queues}, sets_{sets} {}

  /// To the end of the line of its level and set. Tickets are compared modulo 2^32: nobody waits while 2^31 are given
  /// out.
  constexpr void push_back(std::uint32_t queue) {
    QueueRecord& record = queues_[queue];
    record.ticket = next_ticket_++;
    Line& line = line_of(record);
    if (line.queues.empty()) {
      line.ticket = record.ticket;
      occupied_[record.priority] |= SetMask{1} << record.engine_set;
      engines_ |= sets_.engines_of(record.engine_set);
    }
    line.queues.push_back(queues_, queue);
  }

  /// Pre: it is in its line.
  constexpr void remove(std::uint32_t queue) {
    if (!take_out(queue)) return;
    const std::uint32_t set = queues_[queue].engine_set;
    const SetMask left = occupied();
    if ((left >> set & 1) == 0) engines_ = sets_.without(engines_, set, left);
  }
  /// To the end of the line of another level. Pre: it is in its line.
  constexpr void set_level(std::uint32_t queue, std::uint8_t level) {
    take_out(queue);
    queues_[queue].priority = level;
    push_back(queue);
  }

  /// Who came first of a level, in the lines of these sets; kNil if nobody waits there.
  [[nodiscard]] constexpr std::uint32_t first(std::uint32_t level, SetMask sets) const {
    std::uint32_t first = kNil;
    std::uint32_t ticket = next_ticket_;
    const Line* line = lines_[level];
    for (SetMask left = occupied_[level] & sets; left != 0; ++line, left >>= 1) {
      if ((left & 1) == 0 || static_cast<std::int32_t>(line->ticket - ticket) >= 0) continue;
      ticket = line->ticket;
      first = line->queues.head();
    }
    return first;
  }
  /// The last level at which somebody waits; 0 if nobody does.
  [[nodiscard]] constexpr std::uint32_t last_level() const {
    std::uint32_t level = abi::kPriorityLevels - 1;
    while (level != 0 && occupied_[level] == 0) --level;
    return level;
  }
  /// Whether somebody waits in the lines of these sets, of the levels up to this one.
  [[nodiscard]] constexpr bool is_any(std::uint32_t last_level, SetMask sets) const {
    SetMask any = 0;
    for (std::uint32_t level = 0; level <= last_level; ++level) any |= occupied_[level];
    return (any & sets) != 0;
  }

  /// The sets in whose lines of that level somebody waits.
  [[nodiscard]] constexpr SetMask occupied(std::uint32_t level) const { return occupied_[level]; }
  /// The engines for which somebody waits.
  [[nodiscard]] constexpr std::uint32_t engines() const { return engines_; }

 private:
  struct Line {
    QueueList queues;
    std::uint32_t ticket = 0;  // of the first one
  };

  /// Returns whether its line is empty now.
  constexpr bool take_out(std::uint32_t queue) {
    const QueueRecord& record = queues_[queue];
    Line& line = line_of(record);
    line.queues.remove(queues_, queue);
    line.ticket = queues_[line.queues.head()].ticket;
    if (!line.queues.empty()) return false;
    occupied_[record.priority] &= ~(SetMask{1} << record.engine_set);
    return true;
  }
  [[nodiscard]] constexpr Line& line_of(const QueueRecord& record) {
    return lines_[record.priority][record.engine_set];
  }
  /// The sets in whose lines of any level somebody waits.
  [[nodiscard]] constexpr SetMask occupied() const {
    static_assert(abi::kPriorityLevels == 4);
    return occupied_[0] | occupied_[1] | occupied_[2] | occupied_[3];
  }

  QueueRecord* queues_;
  const EngineSets& sets_;
  Line lines_[abi::kPriorityLevels][EngineSets::kMaxSets]{};
  SetMask occupied_[abi::kPriorityLevels]{};
  std::uint32_t engines_ = 0;
  std::uint32_t next_ticket_ = 0;
};

}  // namespace gpusim::fw
