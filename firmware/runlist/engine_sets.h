// SPDX-License-Identifier: MIT
// The sets of engines that registered queues may run on. There are few, whatever the number of queues: one for each
// engine and one for each class, mostly. Queues of one set stand in one line, so that to pick is to look at a head or
// two, not at every queue that waits for another engine.
#pragma once

#include <cstdint>

#include "firmware/abi/device.h"
#include "firmware/runlist/bits.h"

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
    engines_[kMaxSets] = engines;  // ends the search
    std::uint32_t set = 0;
    while (engines_[set] != engines) ++set;
    if (set == kMaxSets) {
      if (used_ == ~SetMask{0}) return kNoSet;
      set = lowest_bit(~used_);
      used_ |= SetMask{1} << set;
      engines_[set] = engines;
      enter(engines, SetMask{1} << set);
      of_class_[engine_class] |= SetMask{1} << set;
    }
    ++users_[set];
    return set;
  }

  /// One queue less. Pre: a number that take() gave.
  constexpr void give_back(std::uint32_t set) {
    if (--users_[set] != 0) return;
    enter(engines_[set], SetMask{1} << set);
    engines_[set] = 0;
    used_ &= ~(SetMask{1} << set);
    for (SetMask& of_class : of_class_) of_class &= ~(SetMask{1} << set);
  }

  [[nodiscard]] constexpr std::uint32_t engines_of(std::uint32_t set) const { return engines_[set]; }
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
  /// What is left of `engines`, those that are in one of `sets`, when this set is not of them any more.
  [[nodiscard]] constexpr std::uint32_t without(std::uint32_t engines, std::uint32_t set, SetMask sets) const {
    if (sets == 0) return 0;
    std::uint32_t engine = lowest_bit(engines_[set]);
    for (std::uint32_t left = engines_[set] >> engine; left != 0; ++engine, left >>= 1) {
      if ((left & 1) != 0 && (with_engine_[engine] & sets) == 0) engines &= ~(std::uint32_t{1} << engine);
    }
    return engines;
  }
  /// The sets that one of these engines is in.
  [[nodiscard]] constexpr SetMask with_any(std::uint32_t engines) const {
    SetMask sets = 0;
    const SetMask* with_engine = with_engine_;
    if (engines == 0) return 0;
    do {
      if ((engines & 1) != 0) sets |= *with_engine;
      ++with_engine;
    } while ((engines >>= 1) != 0);
    return sets;
  }
  [[nodiscard]] constexpr SetMask of_class(std::uint32_t engine_class) const { return of_class_[engine_class]; }

 private:
  /// Enters a set for its engines, or removes it.
  constexpr void enter(std::uint32_t engines, SetMask set) {
    SetMask* with_engine = with_engine_;
    do {
      if ((engines & 1) != 0) *with_engine ^= set;
      ++with_engine;
    } while ((engines >>= 1) != 0);
  }

  SetMask used_ = 0;
  std::uint32_t engines_[kMaxSets + 1]{};  // 0: not in use
  std::uint32_t users_[kMaxSets]{};        // registered queues
  SetMask with_engine_[abi::kMaxEngines]{};
  SetMask of_class_[abi::kEngineClasses]{};
};

/// How many queues of each set are runnable, for a policy that keeps them in lines of another order.
class SetCounts {
 public:
  /// Returns whether it is the first one.
  constexpr bool add(std::uint32_t set) {
    occupied_ |= SetMask{1} << set;
    return ++counts_[set] == 1;
  }
  /// Returns whether it was the last one.
  constexpr bool remove(std::uint32_t set) {
    if (--counts_[set] != 0) return false;
    occupied_ &= ~(SetMask{1} << set);
    return true;
  }
  /// The sets of which one is.
  [[nodiscard]] constexpr SetMask occupied() const { return occupied_; }

 private:
  std::uint16_t counts_[EngineSets::kMaxSets]{};
  SetMask occupied_ = 0;
};

/// The same, and the engines that these queues may run on.
class RunnableSets {
 public:
  /// `sets` outlives this object.
  constexpr explicit RunnableSets(const EngineSets& sets) : sets_{sets} {}

  constexpr void add(std::uint32_t set) {
    if (counts_.add(set)) engines_ |= sets_.engines_of(set);
  }
  constexpr void remove(std::uint32_t set) {
    if (counts_.remove(set)) engines_ = sets_.without(engines_, set, counts_.occupied());
  }
  [[nodiscard]] constexpr SetMask occupied() const { return counts_.occupied(); }
  [[nodiscard]] constexpr std::uint32_t engines() const { return engines_; }

 private:
  const EngineSets& sets_;
  SetCounts counts_;
  std::uint32_t engines_ = 0;
};

}  // namespace gpusim::fw
