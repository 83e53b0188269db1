// SPDX-License-Identifier: MIT
// What the ISA defines and C++ leaves open or hides: signed comparisons and shifts, high halves of products, division
// without traps.
#pragma once

#include <cstdint>

namespace gpusim::rv32 {

[[nodiscard]] constexpr std::int32_t to_signed(std::uint32_t value) { return static_cast<std::int32_t>(value); }
[[nodiscard]] constexpr std::uint32_t to_unsigned(std::int64_t value) { return static_cast<std::uint32_t>(value); }

[[nodiscard]] constexpr std::uint32_t less(std::uint32_t a, std::uint32_t b) { return a < b ? 1 : 0; }
[[nodiscard]] constexpr std::uint32_t less_signed(std::uint32_t a, std::uint32_t b) {
  return to_signed(a) < to_signed(b) ? 1 : 0;
}
[[nodiscard]] constexpr std::uint32_t shift_right_signed(std::uint32_t a, std::uint32_t amount) {
  return to_unsigned(to_signed(a) >> amount);
}

[[nodiscard]] constexpr std::uint32_t high_signed(std::uint32_t a, std::uint32_t b) {
  return to_unsigned((std::int64_t{to_signed(a)} * to_signed(b)) >> 32);
}
[[nodiscard]] constexpr std::uint32_t high_signed_unsigned(std::uint32_t a, std::uint32_t b) {
  return to_unsigned((std::int64_t{to_signed(a)} * std::int64_t{b}) >> 32);
}
[[nodiscard]] constexpr std::uint32_t high_unsigned(std::uint32_t a, std::uint32_t b) {
  return static_cast<std::uint32_t>((std::uint64_t{a} * b) >> 32);
}

// By zero: all ones, and the dividend as remainder. The one quotient that has no room is the dividend, with remainder
// 0.
[[nodiscard]] constexpr bool overflows(std::uint32_t a, std::uint32_t b) { return a == 0x8000'0000 && b == ~0U; }
[[nodiscard]] constexpr std::uint32_t quotient(std::uint32_t a, std::uint32_t b) { return b == 0 ? ~0U : a / b; }
[[nodiscard]] constexpr std::uint32_t remainder(std::uint32_t a, std::uint32_t b) { return b == 0 ? a : a % b; }
[[nodiscard]] constexpr std::uint32_t quotient_signed(std::uint32_t a, std::uint32_t b) {
  if (b == 0) return ~0U;
  return overflows(a, b) ? a : to_unsigned(to_signed(a) / to_signed(b));
}
[[nodiscard]] constexpr std::uint32_t remainder_signed(std::uint32_t a, std::uint32_t b) {
  if (b == 0) return a;
  return overflows(a, b) ? 0 : to_unsigned(to_signed(a) % to_signed(b));
}

}  // namespace gpusim::rv32
