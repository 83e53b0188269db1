// SPDX-License-Identifier: MIT
// Slots: the finite places that a queue must hold to be picked (Mali CSG slots, AMD HQDs in kind). Handed out lowest
// number first. If no limit is configured, every queue counts as holding one.
#pragma once

#include <cstdint>

namespace gpusim::fw {

class SlotPool {
 public:
  static constexpr std::uint32_t kMaxSlots = 64;

  constexpr explicit SlotPool(std::uint32_t count) : count_{count} {}
  [[nodiscard]] constexpr bool unlimited() const { return count_ == 0; }
  [[nodiscard]] constexpr bool full() const { return !unlimited() && used_ == mask(); }

  [[nodiscard]] constexpr std::uint32_t take() {  // pre: !full() && !unlimited()
    std::uint32_t slot = 0;
    while ((used_ >> slot & 1) != 0) ++slot;
    used_ |= std::uint64_t{1} << slot;
    return slot;
  }
  constexpr void give_back(std::uint32_t slot) { used_ &= ~(std::uint64_t{1} << slot); }

 private:
  [[nodiscard]] constexpr std::uint64_t mask() const {
    return count_ >= kMaxSlots ? ~std::uint64_t{0} : (std::uint64_t{1} << count_) - 1;
  }
  std::uint32_t count_;
  std::uint64_t used_ = 0;
};

}  // namespace gpusim::fw
