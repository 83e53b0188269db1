// SPDX-License-Identifier: MIT
// Which engines are busy with queues of which level: whom an arrival may preempt, and how many are leaving, without a
// look at each engine.
#pragma once

#include <bit>
#include <cstdint>

#include "firmware/abi/device.h"
#include "firmware/runlist/records.h"

namespace gpusim::fw {

/// Bit n: engine n.
using EngineMask = std::uint32_t;

class EngineLevels {
 public:
  constexpr void start(std::uint32_t engine, std::uint32_t level) {
    busy_ |= bit(engine);
    running_[level] |= bit(engine);
    spent_ &= ~bit(engine);
  }
  /// It has been told to give its queue up.
  constexpr void leave(std::uint32_t engine, std::uint32_t level) {
    running_[level] &= ~bit(engine);
    leaving_[level] |= bit(engine);
    ++leaving_count_[level];
  }
  constexpr void stop(std::uint32_t engine) {
    busy_ &= ~bit(engine);
    for (std::uint32_t level = 0; level < abi::kPriorityLevels; ++level) {
      running_[level] &= ~bit(engine);
      if ((leaving_[level] & bit(engine)) == 0) continue;
      leaving_[level] &= ~bit(engine);
      --leaving_count_[level];
    }
  }
  /// The level of its queue has changed.
  constexpr void change(std::uint32_t engine, std::uint32_t level) {
    const bool is_leaving = (leaving() & bit(engine)) != 0;
    stop(engine);
    busy_ |= bit(engine);
    running_[level] |= bit(engine);
    if (is_leaving) leave(engine, level);
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
    for (std::uint32_t lower = abi::kPriorityLevels; lower-- > level;) {
      const EngineMask found = running_[lower] & engines & (lower == level ? spent_ : ~EngineMask{0});
      if (found != 0) return static_cast<std::uint32_t>(std::countr_zero(found));
    }
    return kNoEngine;
  }
  /// Engines that are leaving queues of that level.
  [[nodiscard]] constexpr EngineMask leaving_at(std::uint32_t level) const { return leaving_[level]; }
  [[nodiscard]] constexpr std::uint32_t leaving_count_at(std::uint32_t level) const { return leaving_count_[level]; }
  /// Of any level.
  [[nodiscard]] constexpr std::uint32_t leaving_count() const {
    std::uint32_t count = 0;
    for (const std::uint32_t level : leaving_count_) count += level;
    return count;
  }
  [[nodiscard]] constexpr EngineMask busy() const { return busy_; }

 private:
  [[nodiscard]] static constexpr EngineMask bit(std::uint32_t engine) { return EngineMask{1} << engine; }
  [[nodiscard]] constexpr EngineMask leaving() const {
    EngineMask engines = 0;
    for (const EngineMask level : leaving_) engines |= level;
    return engines;
  }

  EngineMask running_[abi::kPriorityLevels]{};
  EngineMask leaving_[abi::kPriorityLevels]{};
  std::uint32_t leaving_count_[abi::kPriorityLevels]{};
  EngineMask spent_ = 0;
  EngineMask busy_ = 0;
};

}  // namespace gpusim::fw
