// SPDX-License-Identifier: MIT
// The 16-bit encodings of RV32C: each is an instruction of 32 bits with less room for registers and immediates.
#include "core/decode.h"

namespace gpusim::rv32 {
namespace {

constexpr std::uint8_t kLink = 1;   // ra
constexpr std::uint8_t kStack = 2;  // sp

/// Bits `low`..`low + width - 1` of an encoding stand at `to` of its immediate.
constexpr std::uint32_t part(std::uint32_t bits, unsigned low, unsigned width, unsigned to) {
  return field(bits, low, width) << to;
}

/// One of x8..x15.
std::uint8_t popular(std::uint32_t bits, unsigned low) { return static_cast<std::uint8_t>(8 + field(bits, low, 3)); }
std::uint8_t any(std::uint32_t bits, unsigned low) { return static_cast<std::uint8_t>(field(bits, low, 5)); }

std::uint32_t immediate_6(std::uint32_t bits) { return sign_extended(part(bits, 12, 1, 5) | part(bits, 2, 5, 0), 6); }
std::uint32_t jump_offset(std::uint32_t bits) {
  return sign_extended(part(bits, 12, 1, 11) | part(bits, 11, 1, 4) | part(bits, 9, 2, 8) | part(bits, 8, 1, 10) |
                           part(bits, 7, 1, 6) | part(bits, 6, 1, 7) | part(bits, 3, 3, 1) | part(bits, 2, 1, 5),
                       12);
}
std::uint32_t branch_offset(std::uint32_t bits) {
  return sign_extended(
      part(bits, 12, 1, 8) | part(bits, 10, 2, 3) | part(bits, 5, 2, 6) | part(bits, 3, 2, 1) | part(bits, 2, 1, 5), 9);
}
std::uint32_t word_offset(std::uint32_t bits) {  // of C.LW and C.SW
  return part(bits, 10, 3, 3) | part(bits, 6, 1, 2) | part(bits, 5, 1, 6);
}

/// Fields of the instruction that a compressed one stands for.
struct Meaning {
  Op op = Op::illegal;
  std::uint32_t rd = 0;
  std::uint8_t rs1 = 0;
  std::uint8_t rs2 = 0;
  std::uint32_t immediate = 0;
};
constexpr Meaning kReserved{};

Meaning first_quadrant(std::uint32_t bits) {
  switch (bits >> 13) {
    case 0: {  // C.ADDI4SPN
      const std::uint32_t immediate =
          part(bits, 11, 2, 4) | part(bits, 7, 4, 6) | part(bits, 6, 1, 2) | part(bits, 5, 1, 3);
      if (immediate == 0) return kReserved;  // all bits zero among them
      return {.op = Op::addi, .rd = popular(bits, 2), .rs1 = kStack, .immediate = immediate};
    }
    case 2:
      return {.op = Op::lw, .rd = popular(bits, 2), .rs1 = popular(bits, 7), .immediate = word_offset(bits)};
    case 6:
      return {.op = Op::sw, .rs1 = popular(bits, 7), .rs2 = popular(bits, 2), .immediate = word_offset(bits)};
    default:
      return kReserved;
  }
}

Meaning arithmetic(std::uint32_t bits) {
  const std::uint8_t to = popular(bits, 7);
  const bool wide_shift = field(bits, 12, 1) != 0;  // an amount of 32 and more
  switch (field(bits, 10, 2)) {
    case 0:
      return wide_shift ? kReserved : Meaning{.op = Op::srli, .rd = to, .rs1 = to, .immediate = field(bits, 2, 5)};
    case 1:
      return wide_shift ? kReserved : Meaning{.op = Op::srai, .rd = to, .rs1 = to, .immediate = field(bits, 2, 5)};
    case 2:
      return {.op = Op::andi, .rd = to, .rs1 = to, .immediate = immediate_6(bits)};
    default:
      break;
  }
  if (field(bits, 12, 1) != 0) return kReserved;  // operations on 32 bits of RV64
  constexpr Op kOps[]{Op::sub, Op::xor_, Op::or_, Op::and_};
  return {.op = kOps[field(bits, 5, 2)], .rd = to, .rs1 = to, .rs2 = popular(bits, 2)};
}

Meaning constant(std::uint32_t bits) {
  const std::uint8_t to = any(bits, 7);
  if (to == kStack) {  // C.ADDI16SP
    const std::uint32_t immediate = sign_extended(
        part(bits, 12, 1, 9) | part(bits, 6, 1, 4) | part(bits, 5, 1, 6) | part(bits, 3, 2, 7) | part(bits, 2, 1, 5),
        10);
    return immediate == 0 ? kReserved : Meaning{.op = Op::addi, .rd = to, .rs1 = to, .immediate = immediate};
  }
  const std::uint32_t immediate = immediate_6(bits) << 12;  // C.LUI
  return immediate == 0 ? kReserved : Meaning{.op = Op::constant, .rd = to, .immediate = immediate};
}

Meaning second_quadrant(std::uint32_t bits, std::uint32_t pc) {
  const std::uint8_t to = any(bits, 7);
  switch (bits >> 13) {
    case 0:
      return {.op = Op::addi, .rd = to, .rs1 = to, .immediate = immediate_6(bits)};
    case 1:
      return {.op = Op::jal, .rd = kLink, .immediate = pc + jump_offset(bits)};
    case 2:
      return {.op = Op::addi, .rd = to, .immediate = immediate_6(bits)};
    case 3:
      return constant(bits);
    case 4:
      return arithmetic(bits);
    case 5:
      return {.op = Op::jal, .immediate = pc + jump_offset(bits)};
    case 6:
      return {.op = Op::beq, .rs1 = popular(bits, 7), .immediate = pc + branch_offset(bits)};
    default:
      return {.op = Op::bne, .rs1 = popular(bits, 7), .immediate = pc + branch_offset(bits)};
  }
}

Meaning jump_or_add(std::uint32_t bits) {
  const std::uint8_t first = any(bits, 7);
  const std::uint8_t second = any(bits, 2);
  const bool upper = field(bits, 12, 1) != 0;
  if (second != 0) return {.op = Op::add, .rd = first, .rs1 = upper ? first : std::uint8_t{0}, .rs2 = second};
  if (first == 0) return upper ? Meaning{.op = Op::ebreak} : kReserved;
  return {.op = Op::jalr, .rd = upper ? kLink : 0U, .rs1 = first};
}

Meaning third_quadrant(std::uint32_t bits) {
  const std::uint8_t to = any(bits, 7);
  switch (bits >> 13) {
    case 0:  // C.SLLI
      if (field(bits, 12, 1) != 0) return kReserved;
      return {.op = Op::slli, .rd = to, .rs1 = to, .immediate = field(bits, 2, 5)};
    case 2:  // C.LWSP
      if (to == 0) return kReserved;
      return {.op = Op::lw,
              .rd = to,
              .rs1 = kStack,
              .immediate = part(bits, 12, 1, 5) | part(bits, 4, 3, 2) | part(bits, 2, 2, 6)};
    case 4:
      return jump_or_add(bits);
    case 6:  // C.SWSP
      return {.op = Op::sw, .rs1 = kStack, .rs2 = any(bits, 2), .immediate = part(bits, 9, 4, 2) | part(bits, 7, 2, 6)};
    default:
      return kReserved;
  }
}

Meaning meaning_of(std::uint32_t bits, std::uint32_t pc) {
  switch (bits & 3) {
    case 0:
      return first_quadrant(bits);
    case 1:
      return second_quadrant(bits, pc);
    default:
      return third_quadrant(bits);
  }
}

}  // namespace

Instruction decode_compressed(std::uint32_t bits, std::uint32_t pc) {
  const Meaning meaning = meaning_of(bits, pc);
  return {.op = meaning.op,
          .rd = destination(meaning.rd),
          .rs1 = meaning.rs1,
          .rs2 = meaning.rs2,
          .immediate = meaning.op == Op::illegal ? bits : meaning.immediate,
          .pc = pc,
          .halfwords = 1};
}

}  // namespace gpusim::rv32
