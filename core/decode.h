// SPDX-License-Identifier: MIT
// From the bits of an instruction to what it does.
#pragma once

#include <cstdint>

#include "core/op.h"

namespace gpusim::rv32 {

/// The lowest two bits say whether it is one of 16 bits.
[[nodiscard]] constexpr bool is_compressed(std::uint32_t bits) { return (bits & 3) != 3; }

/// The instruction at `pc`; of a compressed one only the low half of `bits` counts. `count` and `cycles` are left to
/// the block that it becomes part of. What is reserved, or of an extension that is not there, is Op::illegal.
[[nodiscard]] Instruction decode(std::uint32_t bits, std::uint32_t pc);

/// The same, for 16 bits alone.
[[nodiscard]] Instruction decode_compressed(std::uint32_t bits, std::uint32_t pc);

/// Fields of an instruction's bits.
[[nodiscard]] constexpr std::uint32_t field(std::uint32_t bits, unsigned low, unsigned width) {
  return bits >> low & ((1U << width) - 1);
}
/// `value`'s lowest `width` bits as a signed number.
[[nodiscard]] constexpr std::uint32_t sign_extended(std::uint32_t value, unsigned width) {
  const std::uint32_t sign = 1U << (width - 1);
  return ((value & (sign | (sign - 1))) ^ sign) - sign;
}
[[nodiscard]] constexpr std::uint8_t destination(std::uint32_t number) {
  return number == 0 ? kSink : static_cast<std::uint8_t>(number);
}

}  // namespace gpusim::rv32
