// SPDX-License-Identifier: MIT
// Bits of a word for a processor that has no instructions for them (RV32IMAC), without the compiler's library, which
// brings tables of 256 bytes along. Freestanding.
#pragma once

#include <cstdint>

namespace gpusim::fw {

namespace detail {
inline constexpr std::uint32_t kDeBruijn = 0x077c'b531;  // each five bits of it in a row are another number
struct BitNumbers {
  std::uint8_t of[32]{};
  constexpr BitNumbers() {
    for (std::uint8_t bit = 0; bit < 32; ++bit) of[(kDeBruijn << bit) >> 27] = bit;
  }
};
inline constexpr BitNumbers kBitNumbers;
}  // namespace detail

/// The number of the lowest bit that is set. Pre: one is.
[[nodiscard]] constexpr std::uint32_t lowest_bit(std::uint32_t word) {
  return detail::kBitNumbers.of[((word & (~word + 1)) * detail::kDeBruijn) >> 27];
}

/// Whether exactly one bit is set.
[[nodiscard]] constexpr bool is_power_of_two(std::uint32_t word) { return word != 0 && (word & (word - 1)) == 0; }

}  // namespace gpusim::fw
