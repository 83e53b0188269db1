// SPDX-License-Identifier: MIT
// Instructions as numbers, for tests: written from the formats of the ISA manual, and apart from the decoder.
#pragma once

#include <cstdint>

namespace gpusim::test::rv {

using Word = std::uint32_t;

constexpr Word r_type(Word opcode, Word funct3, Word funct7, Word rd, Word rs1, Word rs2) {
  return funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}
constexpr Word i_type(Word opcode, Word funct3, Word rd, Word rs1, int immediate) {
  return static_cast<Word>(immediate) << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}
constexpr Word s_type(Word funct3, Word rs1, Word rs2, int immediate) {
  const auto bits = static_cast<Word>(immediate);
  return (bits >> 5 & 0x7f) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | (bits & 0x1f) << 7 | 0x23;
}
constexpr Word b_type(Word funct3, Word rs1, Word rs2, int offset) {
  const auto bits = static_cast<Word>(offset);
  return (bits >> 12 & 1) << 31 | (bits >> 5 & 0x3f) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 |
         (bits >> 1 & 0xf) << 8 | (bits >> 11 & 1) << 7 | 0x63;
}

// By function code: kAdd..kAnd with 0x13 (immediate) or 0x33 (registers).
enum AluCode : Word { kAdd, kSll, kSlt, kSltu, kXor, kSrl, kOr, kAnd };
enum MultiplyCode : Word { kMul, kMulh, kMulhsu, kMulhu, kDiv, kDivu, kRem, kRemu };
enum BranchCode : Word { kBeq = 0, kBne = 1, kBlt = 4, kBge = 5, kBltu = 6, kBgeu = 7 };
enum WidthCode : Word { kByte = 0, kHalf = 1, kWord = 2, kByteUnsigned = 4, kHalfUnsigned = 5 };
enum CsrCode : Word { kCsrrw = 1, kCsrrs, kCsrrc, kCsrrwi = 5, kCsrrsi, kCsrrci };
enum AtomicCode : Word {
  kAmoAdd = 0x00,
  kAmoSwap = 0x01,
  kLr = 0x02,
  kSc = 0x03,
  kAmoXor = 0x04,
  kAmoOr = 0x08,
  kAmoAnd = 0x0c,
  kAmoMin = 0x10,
  kAmoMax = 0x14,
  kAmoMinu = 0x18,
  kAmoMaxu = 0x1c
};

constexpr Word alu(AluCode code, Word rd, Word rs1, Word rs2, Word funct7 = 0) {
  return r_type(0x33, code, funct7, rd, rs1, rs2);
}
constexpr Word alu_immediate(AluCode code, Word rd, Word rs1, int immediate) {
  return i_type(0x13, code, rd, rs1, immediate);
}
constexpr Word multiply(MultiplyCode code, Word rd, Word rs1, Word rs2) { return r_type(0x33, code, 1, rd, rs1, rs2); }
constexpr Word addi(Word rd, Word rs1, int immediate) { return alu_immediate(kAdd, rd, rs1, immediate); }
constexpr Word lui(Word rd, Word upper) { return upper << 12 | rd << 7 | 0x37; }
constexpr Word auipc(Word rd, Word upper) { return upper << 12 | rd << 7 | 0x17; }
constexpr Word load(WidthCode code, Word rd, Word rs1, int offset) { return i_type(0x03, code, rd, rs1, offset); }
constexpr Word store(WidthCode code, Word rs2, Word rs1, int offset) { return s_type(code, rs1, rs2, offset); }
constexpr Word branch(BranchCode code, Word rs1, Word rs2, int offset) { return b_type(code, rs1, rs2, offset); }
constexpr Word jal(Word rd, int offset) {
  const auto bits = static_cast<Word>(offset);
  return (bits >> 20 & 1) << 31 | (bits >> 1 & 0x3ff) << 21 | (bits >> 11 & 1) << 20 | (bits >> 12 & 0xff) << 12 |
         rd << 7 | 0x6f;
}
constexpr Word jalr(Word rd, Word rs1, int offset) { return i_type(0x67, 0, rd, rs1, offset); }
constexpr Word atomic(AtomicCode code, Word rd, Word rs1, Word rs2) {
  return r_type(0x2f, 2, static_cast<Word>(code) << 2, rd, rs1, rs2);
}
constexpr Word csr(CsrCode code, Word rd, Word number, Word rs1) {
  return i_type(0x73, code, rd, rs1, static_cast<int>(number));
}

inline constexpr Word kNop = addi(0, 0, 0);
inline constexpr Word kFence = 0x0ff0000f;
inline constexpr Word kFenceI = 0x0000100f;
inline constexpr Word kEcall = 0x00000073;
inline constexpr Word kEbreak = 0x00100073;
inline constexpr Word kMret = 0x30200073;
inline constexpr Word kWfi = 0x10500073;
inline constexpr Word kCompressedNop = 0x0001;
inline constexpr Word kCompressedEbreak = 0x9002;

}  // namespace gpusim::test::rv
