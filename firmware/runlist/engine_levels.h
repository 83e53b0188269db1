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
    running_[level] |= bit(engine);
    spent_ &= ~bit(engine);
  }
  /// It has been told to give its queue up.
  constexpr void leave(std::uint32_t engine, std::uint32_t level) {
    running_[level] &= ~bit(engine);
    leaving_[level] |= bit(engine);
    ++leaving_count_[level];
  }
  constexpr void stop(std::uint32_t engine, std::uint32_t level) {
    running_[level] &= ~bit(engine);
    if ((leaving_[level] & bit(engine)) == 0) return;
    leaving_[level] &= ~bit(engine);
    --leaving_count_[level];
  }
  /// The level of its queue has changed.
  constexpr void change(std::uint32_t engine, std::uint32_t from, std::uint32_t to) {
    const bool is_leaving = (leaving_[from] & bit(engine)) != 0;
    stop(engine, from);
    running_[to] |= bit(engine);
    if (is_leaving) leave(engine, to);
  }
  /// Its queue's quantum is over, and no other wanted the engine: the next one of its level gets it at once.
  constexpr void spend(std::uint32_t engine) { spent_ |= bit(engine); }

  /// Which of these engines a queue of that level preempts: the first of the lowest level, at its own level only one
  /// that is spent; kNoEngine: none.
  [[nodiscard]] constexpr std::uint32_t victim(std::uint32_t level, EngineMask engines) const {
    for (std::uint32_t lower = abi::kPriorityLevels; lower-- > level;) {
      const EngineMask found = running_[lower] & engines & (lower == level ? spent_ : ~EngineMask{0});
      if (found != 0) return static_cast<std::uint32_t>(std::countr_zero(found));
    }
    return kNoEngine;
  }
  /// How many engines are leaving queues of that level and lower ones.
  [[nodiscard]] constexpr std::uint32_t leaving_from(std::uint32_t level) const {
    std::uint32_t count = 0;
    for (; level < abi::kPriorityLevels; ++level) count += leaving_count_[level];
    return count;
  }
  [[nodiscard]] constexpr EngineMask busy() const {
    EngineMask engines = 0;
    for (std::uint32_t level = 0; level < abi::kPriorityLevels; ++level) engines |= running_[level] | leaving_[level];
    return engines;
  }

 private:
  [[nodiscard]] static constexpr EngineMask bit(std::uint32_t engine) { return EngineMask{1} << engine; }

  EngineMask running_[abi::kPriorityLevels]{};
  EngineMask leaving_[abi::kPriorityLevels]{};
  std::uint32_t leaving_count_[abi::kPriorityLevels]{};
  EngineMask spent_ = 0;
};

}  // namespace gpusim::fw
