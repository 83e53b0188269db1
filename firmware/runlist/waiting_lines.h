// SPDX-License-Identifier: MIT
// Who waits for a slot: a line for each level, and how many there are.
#pragma once

#include <cstdint>

#include "firmware/abi/device.h"
#include "firmware/runlist/records.h"

namespace gpusim::fw {

class WaitingLines {
 public:
  /// `queues` is indexed by queue id.
  constexpr explicit WaitingLines(QueueRecord* queues) : queues_{queues} {}

  constexpr void push_back(std::uint32_t queue) {
    lines_[queues_[queue].priority].push_back(queues_, queue);
    ++counts_[queues_[queue].priority];
  }
  constexpr void push_front(std::uint32_t queue) {
    lines_[queues_[queue].priority].push_front(queues_, queue);
    ++counts_[queues_[queue].priority];
  }
  /// Pre: it is in its line.
  constexpr void remove(std::uint32_t queue) {
    lines_[queues_[queue].priority].remove(queues_, queue);
    --counts_[queues_[queue].priority];
  }

  /// The first one of the first level that has one; kNil if nobody waits.
  [[nodiscard]] constexpr std::uint32_t first() const {
    for (const QueueList& line : lines_) {
      if (!line.empty()) return line.head();
    }
    return kNil;
  }
  [[nodiscard]] constexpr std::uint32_t count_at(std::uint32_t level) const { return counts_[level]; }
  /// Whether more than that many wait, of the levels before this one.
  [[nodiscard]] constexpr bool are_more(std::uint32_t level, std::uint32_t than) const {
    std::uint32_t count = 0;
    for (std::uint32_t before = 0; before < level; ++before) count += counts_[before];
    return count > than;
  }

 private:
  QueueRecord* queues_;
  QueueList lines_[abi::kPriorityLevels]{};
  std::uint32_t counts_[abi::kPriorityLevels]{};
};

}  // namespace gpusim::fw
