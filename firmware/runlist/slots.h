// SPDX-License-Identifier: MIT
// Slots: the finite places that a queue must hold to be picked (Mali CSG slots, AMD HQDs in kind). Handed out lowest
// number first. If no limit is configured, every queue counts as holding one.
#pragma once

#include <cstdint>

#include "firmware/runlist/bits.h"

namespace gpusim::fw {

class SlotPool {
 public:
  static constexpr std::uint32_t kMaxSlots = 64;

  constexpr explicit SlotPool(std::uint32_t count) : count_{count}, left_{unlimited() ? 1 : count} {}
  [[nodiscard]] constexpr bool unlimited() const { return count_ == 0; }
  [[nodiscard]] constexpr std::uint32_t count() const { return count_; }  ///< of all; 0: unlimited
  [[nodiscard]] constexpr std::uint32_t used() const { return unlimited() ? 0 : count_ - left_; }
  [[nodiscard]] constexpr bool full() const { return left_ == 0; }

  [[nodiscard]] constexpr std::uint32_t take() {  // pre: !full() && !unlimited()
    --left_;
    std::uint32_t word = 0;
    while (used_[word] == ~std::uint32_t{0}) ++word;
    const std::uint32_t bit = lowest_bit(~used_[word]);
    used_[word] |= std::uint32_t{1} << bit;
    return word * 32 + bit;
  }
  constexpr void give_back(std::uint32_t slot) {
    ++left_;
    used_[slot / 32] &= ~(std::uint32_t{1} << slot % 32);
  }

 private:
  std::uint32_t count_;
  std::uint32_t left_;                    // that are free; never 0 if unlimited
  std::uint32_t used_[kMaxSlots / 32]{};  // words that a 32-bit processor shifts in one instruction
};

}  // namespace gpusim::fw
