// SPDX-License-Identifier: MIT
// The sets of engines that registered queues may run on. There are few, whatever the number of queues: one for each
// engine and one for each class, mostly. Queues of one set stand in one line, so that to pick is to look at a head or
// two, not at every queue that waits for another engine.
#pragma once

#include <cstdint>

#include "firmware/abi/device.h"

namespace gpusim::fw {

/// Bit n: the set with number n.
using SetMask = std::uint32_t;

class EngineSets {
 public:
  static constexpr std::uint32_t kMaxSets = 32;
  static constexpr std::uint32_t kNoSet = kMaxSets;

  /// The number of this set, for one more queue; kNoSet if too many others are in use. `engines`: bit n: engine n, not
  /// 0, all of `engine_class`, each below kMaxEngines.
  [[nodiscard]] constexpr std::uint32_t take(std::uint32_t engines, std::uint8_t engine_class) {
    std::uint32_t free = kNoSet;
    for (std::uint32_t set = 0; set < kMaxSets; ++set) {
      if (sets_[set].users == 0) {
        if (free == kNoSet) free = set;
      } else if (sets_[set].engines == engines) {
        ++sets_[set].users;
        return set;
      }
    }
    if (free == kNoSet) return kNoSet;
    sets_[free] = {engines, 1};
    enter(engines, SetMask{1} << free);
    of_class_[engine_class] |= SetMask{1} << free;
    return free;
  }

  /// One queue less. Pre: a number that take() gave.
  constexpr void give_back(std::uint32_t set) {
    if (--sets_[set].users != 0) return;
    enter(sets_[set].engines, SetMask{1} << set);
    for (SetMask& of_class : of_class_) of_class &= ~(SetMask{1} << set);
  }

  [[nodiscard]] constexpr std::uint32_t engines_of(std::uint32_t set) const { return sets_[set].engines; }
  /// The sets that an engine is in.
  [[nodiscard]] constexpr SetMask with_engine(std::uint32_t engine) const { return with_engine_[engine]; }
  /// Those of these engines that are in one of these sets.
  [[nodiscard]] constexpr std::uint32_t in_any(std::uint32_t engines, SetMask sets) const {
    std::uint32_t found = 0;
    for (std::uint32_t engine = 0; engines >> engine != 0; ++engine) {
      if ((with_engine_[engine] & sets) != 0) found |= std::uint32_t{1} << engine;
    }
    return found & engines;
  }
  /// The sets that one of these engines is in.
  [[nodiscard]] constexpr SetMask with_any(std::uint32_t engines) const {
    SetMask sets = 0;
    for (std::uint32_t engine = 0; engines != 0; ++engine, engines >>= 1) {
      if ((engines & 1) != 0) sets |= with_engine_[engine];
    }
    return sets;
  }
  [[nodiscard]] constexpr SetMask of_class(std::uint32_t engine_class) const { return of_class_[engine_class]; }

 private:
  /// Enters a set for its engines, or removes it.
  constexpr void enter(std::uint32_t engines, SetMask set) {
    for (std::uint32_t engine = 0; engine < abi::kMaxEngines; ++engine) {
      if ((engines >> engine & 1) != 0) with_engine_[engine] ^= set;
    }
  }

  struct Set {
    std::uint32_t engines;
    std::uint32_t users;  // registered queues
  };
  Set sets_[kMaxSets]{};
  SetMask with_engine_[abi::kMaxEngines]{};
  SetMask of_class_[abi::kEngineClasses]{};
};

/// How many queues of each set are runnable, for a policy that keeps them in lines of another order.
class SetCounts {
 public:
  constexpr void add(std::uint32_t set) {
    if (++counts_[set] == 1) occupied_ |= SetMask{1} << set;
  }
  constexpr void remove(std::uint32_t set) {
    if (--counts_[set] == 0) occupied_ &= ~(SetMask{1} << set);
  }
  /// The sets of which one is.
  [[nodiscard]] constexpr SetMask occupied() const { return occupied_; }

 private:
  std::uint16_t counts_[EngineSets::kMaxSets]{};
  SetMask occupied_ = 0;
};

}  // namespace gpusim::fw
