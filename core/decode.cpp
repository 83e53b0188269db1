// SPDX-License-Identifier: MIT
// The 32-bit encodings: one function for each format that needs more than a table.
#include "core/decode.h"

#include <array>

namespace gpusim::rv32 {
namespace {

constexpr Op kNo = Op::illegal;

using ByFunct3 = std::array<Op, 8>;
constexpr ByFunct3 kLoads{Op::lb, Op::lh, Op::lw, kNo, Op::lbu, Op::lhu, kNo, kNo};
constexpr ByFunct3 kStores{Op::sb, Op::sh, Op::sw, kNo, kNo, kNo, kNo, kNo};
constexpr ByFunct3 kBranches{Op::beq, Op::bne, kNo, kNo, Op::blt, Op::bge, Op::bltu, Op::bgeu};
constexpr ByFunct3 kImmediates{Op::addi, Op::slli, Op::slti, Op::sltiu, Op::xori, Op::srli, Op::ori, Op::andi};
constexpr ByFunct3 kRegisters{Op::add, Op::sll, Op::slt, Op::sltu, Op::xor_, Op::srl, Op::or_, Op::and_};
constexpr ByFunct3 kMultiplies{Op::mul, Op::mulh, Op::mulhsu, Op::mulhu, Op::div, Op::divu, Op::rem, Op::remu};
constexpr ByFunct3 kCsrs{kNo, Op::csrrw, Op::csrrs, Op::csrrc, kNo, Op::csrrwi, Op::csrrsi, Op::csrrci};

std::uint32_t immediate_i(std::uint32_t bits) { return sign_extended(bits >> 20, 12); }
std::uint32_t immediate_s(std::uint32_t bits) { return sign_extended(field(bits, 25, 7) << 5 | field(bits, 7, 5), 12); }
std::uint32_t immediate_b(std::uint32_t bits) {
  return sign_extended(
      field(bits, 31, 1) << 12 | field(bits, 7, 1) << 11 | field(bits, 25, 6) << 5 | field(bits, 8, 4) << 1, 13);
}
std::uint32_t immediate_j(std::uint32_t bits) {
  return sign_extended(
      field(bits, 31, 1) << 20 | field(bits, 12, 8) << 12 | field(bits, 20, 1) << 11 | field(bits, 21, 10) << 1, 21);
}

Op register_op(std::uint32_t funct7, std::uint32_t funct3) {
  if (funct7 == 0) return kRegisters[funct3];
  if (funct7 == 1) return kMultiplies[funct3];
  if (funct7 == 0x20 && funct3 == 0) return Op::sub;
  if (funct7 == 0x20 && funct3 == 5) return Op::sra;
  return kNo;
}

/// Shifts have an amount of 5 bits, and a function where others have the rest of the immediate.
void decode_immediate(Instruction& to, std::uint32_t bits, std::uint32_t funct3) {
  to.op = kImmediates[funct3];
  to.immediate = immediate_i(bits);
  if (to.op != Op::slli && to.op != Op::srli) return;
  const std::uint32_t function = bits >> 25;
  if (function == 0x20 && to.op == Op::srli) {
    to.op = Op::srai;
  } else if (function != 0) {
    to.op = kNo;
  }
  to.immediate = field(bits, 20, 5);
}

Op atomic_op(std::uint32_t bits) {
  if (field(bits, 12, 3) != 2) return kNo;  // words only
  switch (bits >> 27) {
    case 0x02:
      return field(bits, 20, 5) == 0 ? Op::lr : kNo;
    case 0x03:
      return Op::sc;
    case 0x01:
      return Op::amoswap;
    case 0x00:
      return Op::amoadd;
    case 0x04:
      return Op::amoxor;
    case 0x0c:
      return Op::amoand;
    case 0x08:
      return Op::amoor;
    case 0x10:
      return Op::amomin;
    case 0x14:
      return Op::amomax;
    case 0x18:
      return Op::amominu;
    case 0x1c:
      return Op::amomaxu;
    default:
      return kNo;
  }
}

Op system_op(std::uint32_t bits) {
  switch (bits) {
    case 0x0000'0073:
      return Op::ecall;
    case 0x0010'0073:
      return Op::ebreak;
    case 0x3020'0073:
      return Op::mret;
    case 0x1050'0073:
      return Op::wfi;
    default:
      return kCsrs[field(bits, 12, 3)];
  }
}

}  // namespace

Instruction decode(std::uint32_t bits, std::uint32_t pc) {
  if (is_compressed(bits)) return decode_compressed(bits & 0xffff, pc);
  const std::uint32_t funct3 = field(bits, 12, 3);
  Instruction result{.op = kNo,
                     .rd = destination(field(bits, 7, 5)),
                     .rs1 = static_cast<std::uint8_t>(field(bits, 15, 5)),
                     .rs2 = static_cast<std::uint8_t>(field(bits, 20, 5)),
                     .pc = pc,
                     .halfwords = 2};
  switch (bits & 0x7f) {
    case 0x37:
      result.op = Op::constant;
      result.immediate = bits & 0xffff'f000;
      break;
    case 0x17:
      result.op = Op::constant;
      result.immediate = pc + (bits & 0xffff'f000);
      break;
    case 0x6f:
      result.op = Op::jal;
      result.immediate = pc + immediate_j(bits);
      break;
    case 0x67:
      result.op = funct3 == 0 ? Op::jalr : kNo;
      result.immediate = immediate_i(bits);
      break;
    case 0x63:
      result.op = kBranches[funct3];
      result.immediate = pc + immediate_b(bits);
      break;
    case 0x03:
      result.op = kLoads[funct3];
      result.immediate = immediate_i(bits);
      break;
    case 0x23:
      result.op = kStores[funct3];
      result.immediate = immediate_s(bits);
      break;
    case 0x13:
      decode_immediate(result, bits, funct3);
      break;
    case 0x33:
      result.op = register_op(bits >> 25, funct3);
      break;
    case 0x2f:
      result.op = atomic_op(bits);
      break;
    case 0x0f:  // reserved fields are ignored, as the manual wants it
      result.op = funct3 == 0 ? Op::fence : funct3 == 1 ? Op::fence_i : kNo;
      break;
    case 0x73:
      result.op = system_op(bits);
      result.immediate = bits >> 20;
      break;
    default:
      break;
  }
  if (result.op == kNo) result.immediate = bits;
  return result;
}

}  // namespace gpusim::rv32
