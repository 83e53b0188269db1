// SPDX-License-Identifier: MIT
// Which engines are busy with queues of which level: whom an arrival may preempt, and how many are leaving, without a
// look at each engine.
#pragma once

#include <cstdint>

#include "firmware/abi/device.h"
#include "firmware/runlist/bits.h"
#include "firmware/runlist/records.h"

namespace gpusim::fw {

/// Bit n: engine n.
using EngineMask = std::uint32_t;

class EngineLevels {
 public:
  constexpr void start(std::uint32_t engine, std::uint32_t level) {
    level_[engine] = static_cast<std::uint8_t>(level);
    running_[level] |= bit(engine);
    spent_ &= ~bit(engine);
  }
  /// It has been told to give its queue up.
  constexpr void leave(std::uint32_t engine) {
    const std::uint32_t level = level_[engine];
    running_[level] &= ~bit(engine);
    leaving_[level] |= bit(engine);
    ++leaving_count_[level];
    ++leaving_total_;
  }
  constexpr void stop(std::uint32_t engine) {
    const std::uint32_t level = level_[engine];
    running_[level] &= ~bit(engine);
    if (!is_leaving(engine)) return;
    leaving_[level] &= ~bit(engine);
    --leaving_count_[level];
    --leaving_total_;
  }
  /// The level of its queue has changed.
  constexpr void change(std::uint32_t engine, std::uint32_t level) {
    const bool leaves = is_leaving(engine);
    stop(engine);
    level_[engine] = static_cast<std::uint8_t>(level);
    running_[level] |= bit(engine);
    if (leaves) leave(engine);
  }
  /// Its queue leaves for good: any other comes before it. Pre: it is leaving.
  constexpr void leave_for_good(std::uint32_t engine) { change(engine, abi::kPriorityLevels - 1); }
  /// Its queue's quantum is over, and no other wanted the engine: the next one of its level gets it at once.
  constexpr void spend(std::uint32_t engine) { spent_ |= bit(engine); }
  /// Its queue has a new quantum.
  constexpr void renew(std::uint32_t engine) { spent_ &= ~bit(engine); }

  /// All that a queue of that level may preempt.
  [[nodiscard]] constexpr EngineMask victims(std::uint32_t level) const {
    EngineMask engines = running_[level] & spent_;
    while (++level < abi::kPriorityLevels) engines |= running_[level];
    return engines;
  }
  /// Which of these engines a queue of that level preempts: the first of the lowest level, at its own level only one
  /// that is spent; kNoEngine: none.
  [[nodiscard]] constexpr std::uint32_t victim(std::uint32_t level, EngineMask engines) const {
    EngineMask found = 0;
    for (std::uint32_t lower = abi::kPriorityLevels; found == 0 && --lower > level;) found = running_[lower] & engines;
    if (found == 0) found = running_[level] & engines & spent_;
    return found == 0 ? kNoEngine : lowest_bit(found);
  }
  /// Engines that are leaving queues of that level.
  [[nodiscard]] constexpr EngineMask leaving_at(std::uint32_t level) const { return leaving_[level]; }
  [[nodiscard]] constexpr std::uint32_t leaving_count_at(std::uint32_t level) const { return leaving_count_[level]; }
  /// Of any level.
  [[nodiscard]] constexpr std::uint32_t leaving_count() const { return leaving_total_; }

 private:
  [[nodiscard]] static constexpr EngineMask bit(std::uint32_t engine) { return EngineMask{1} << engine; }
  [[nodiscard]] constexpr bool is_leaving(std::uint32_t engine) const {
    return (leaving_[level_[engine]] & bit(engine)) != 0;
  }

  EngineMask running_[abi::kPriorityLevels]{};
  EngineMask leaving_[abi::kPriorityLevels]{};
  std::uint32_t leaving_count_[abi::kPriorityLevels]{};
  std::uint32_t leaving_total_ = 0;
  EngineMask spent_ = 0;
  std::uint8_t level_[abi::kMaxEngines]{};  // of its queue, while it is busy
};

}  // namespace gpusim::fw
