// SPDX-License-Identifier: MIT
// Slots: the finite places that a queue must hold to be picked (Mali CSG slots, AMD HQDs in kind). Handed out lowest
// number first. If no limit is configured, every queue counts as holding one.
#pragma once

#include <bit>
#include <cstdint>

namespace gpusim::fw {

class SlotPool {
 public:
  static constexpr std::uint32_t kMaxSlots = 64;

  constexpr explicit SlotPool(std::uint32_t count) : count_{count} {}
  [[nodiscard]] constexpr bool unlimited() const { return count_ == 0; }
  [[nodiscard]] constexpr std::uint32_t count() const { return count_; }      ///< of all; 0: unlimited
  [[nodiscard]] constexpr std::uint32_t used() const { return used_count_; }  ///< 0 if unlimited
  [[nodiscard]] constexpr bool full() const { return !unlimited() && used_count_ == count_; }

  [[nodiscard]] constexpr std::uint32_t take() {  // pre: !full() && !unlimited()
    ++used_count_;
    std::uint32_t word = 0;
    while (used_[word] == ~std::uint32_t{0}) ++word;
    const auto bit = static_cast<std::uint32_t>(std::countr_one(used_[word]));
    used_[word] |= std::uint32_t{1} << bit;
    return word * 32 + bit;
  }
  constexpr void give_back(std::uint32_t slot) {
    --used_count_;
    used_[slot / 32] &= ~(std::uint32_t{1} << slot % 32);
  }

 private:
  std::uint32_t count_;
  std::uint32_t used_count_ = 0;
  std::uint32_t used_[kMaxSlots / 32]{};  // words that a 32-bit processor shifts in one instruction
};

}  // namespace gpusim::fw
