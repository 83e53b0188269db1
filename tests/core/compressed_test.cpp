// SPDX-License-Identifier: MIT
// Compressed instructions: their bits as GNU as 2.40 encodes them, against the instruction of 32 bits that each stands
// for, decoded at the same address.
#include <cstdint>

#include "core/decode.h"
#include "tests/core/rig.h"
#include "tests/support/catch.h"

using namespace gpusim;
using namespace gpusim::test;
using rv32::Op;

namespace {

struct CompressedPair {
  const char* text;
  std::uint16_t bits;
  rv::Word same;
};

enum : rv::Word { kRa = 1, kSp = 2, kS0 = 8, kS1 = 9, kA0 = 10, kA5 = 15, kT6 = 31 };

// clang-format off
const CompressedPair kPairs[]{
    {"c.addi4spn a0, sp, 4", 0x0048, rv::addi(kA0, kSp, 4)},
    {"c.addi4spn a5, sp, 1020", 0x1ffc, rv::addi(kA5, kSp, 1020)},
    {"c.addi4spn s0, sp, 680", 0x1520, rv::addi(kS0, kSp, 680)},
    {"c.lw a0, 0(s0)", 0x4008, rv::load(rv::kWord, kA0, kS0, 0)},
    {"c.lw a5, 124(a5)", 0x5ffc, rv::load(rv::kWord, kA5, kA5, 124)},
    {"c.lw s1, 84(a0)", 0x4964, rv::load(rv::kWord, kS1, kA0, 84)},
    {"c.sw a0, 0(s0)", 0xc008, rv::store(rv::kWord, kA0, kS0, 0)},
    {"c.sw s1, 124(a5)", 0xdfe4, rv::store(rv::kWord, kS1, kA5, 124)},
    {"c.sw s1, 40(a5)", 0xd784, rv::store(rv::kWord, kS1, kA5, 40)},
    {"c.nop", 0x0001, rv::addi(0, 0, 0)},
    {"c.addi t6, 31", 0x0ffd, rv::addi(kT6, kT6, 31)},
    {"c.addi ra, -32", 0x1081, rv::addi(kRa, kRa, -32)},
    {"c.li a0, -1", 0x557d, rv::addi(kA0, 0, -1)},
    {"c.li t6, 31", 0x4ffd, rv::addi(kT6, 0, 31)},
    {"c.li a0, -32", 0x5501, rv::addi(kA0, 0, -32)},
    {"c.addi16sp sp, -512", 0x7101, rv::addi(kSp, kSp, -512)},
    {"c.addi16sp sp, 496", 0x617d, rv::addi(kSp, kSp, 496)},
    {"c.addi16sp sp, 16", 0x6141, rv::addi(kSp, kSp, 16)},
    {"c.addi16sp sp, -176", 0x7171, rv::addi(kSp, kSp, -176)},
    {"c.lui a0, 1", 0x6505, rv::lui(kA0, 1)},
    {"c.lui t6, 31", 0x6ffd, rv::lui(kT6, 31)},
    {"c.lui a5, 0xfffe0", 0x7781, rv::lui(kA5, 0xfffe0)},
    {"c.srli s0, 1", 0x8005, rv::alu_immediate(rv::kSrl, kS0, kS0, 1)},
    {"c.srli a5, 31", 0x83fd, rv::alu_immediate(rv::kSrl, kA5, kA5, 31)},
    {"c.srai s1, 31", 0x84fd, rv::alu_immediate(rv::kSrl, kS1, kS1, 0x400 | 31)},
    {"c.andi a0, -32", 0x9901, rv::alu_immediate(rv::kAnd, kA0, kA0, -32)},
    {"c.andi a0, 31", 0x897d, rv::alu_immediate(rv::kAnd, kA0, kA0, 31)},
    {"c.sub s0, a5", 0x8c1d, rv::alu(rv::kAdd, kS0, kS0, kA5, 0x20)},
    {"c.xor s0, a5", 0x8c3d, rv::alu(rv::kXor, kS0, kS0, kA5)},
    {"c.or s0, a5", 0x8c5d, rv::alu(rv::kOr, kS0, kS0, kA5)},
    {"c.and a5, s0", 0x8fe1, rv::alu(rv::kAnd, kA5, kA5, kS0)},
    {"c.slli t6, 31", 0x0ffe, rv::alu_immediate(rv::kSll, kT6, kT6, 31)},
    {"c.slli a0, 1", 0x0506, rv::alu_immediate(rv::kSll, kA0, kA0, 1)},
    {"c.lwsp ra, 0(sp)", 0x4082, rv::load(rv::kWord, kRa, kSp, 0)},
    {"c.lwsp t6, 252(sp)", 0x5ffe, rv::load(rv::kWord, kT6, kSp, 252)},
    {"c.lwsp a0, 168(sp)", 0x552a, rv::load(rv::kWord, kA0, kSp, 168)},
    {"c.swsp zero, 0(sp)", 0xc002, rv::store(rv::kWord, 0, kSp, 0)},
    {"c.swsp t6, 252(sp)", 0xdffe, rv::store(rv::kWord, kT6, kSp, 252)},
    {"c.swsp a0, 84(sp)", 0xcaaa, rv::store(rv::kWord, kA0, kSp, 84)},
    {"c.jr ra", 0x8082, rv::jalr(0, kRa, 0)},
    {"c.jalr t6", 0x9f82, rv::jalr(kRa, kT6, 0)},
    {"c.mv a0, t6", 0x857e, rv::alu(rv::kAdd, kA0, 0, kT6)},
    {"c.add t6, a0", 0x9faa, rv::alu(rv::kAdd, kT6, kT6, kA0)},
    {"c.ebreak", 0x9002, rv::kEbreak},
    {"c.j .-2048", 0xb001, rv::jal(0, -2048)},
    {"c.j .+2046", 0xaffd, rv::jal(0, 2046)},
    {"c.j .-2", 0xbffd, rv::jal(0, -2)},
    {"c.j .+1364", 0xab91, rv::jal(0, 1364)},
    {"c.j .+682", 0xa46d, rv::jal(0, 682)},
    {"c.jal .-2048", 0x3001, rv::jal(kRa, -2048)},
    {"c.jal .+2046", 0x2ffd, rv::jal(kRa, 2046)},
    {"c.jal .+1364", 0x2b91, rv::jal(kRa, 1364)},
    {"c.beqz s0, .-256", 0xd001, rv::branch(rv::kBeq, kS0, 0, -256)},
    {"c.beqz s0, .+254", 0xcc7d, rv::branch(rv::kBeq, kS0, 0, 254)},
    {"c.beqz s0, .-2", 0xdc7d, rv::branch(rv::kBeq, kS0, 0, -2)},
    {"c.beqz s0, .+170", 0xc44d, rv::branch(rv::kBeq, kS0, 0, 170)},
    {"c.beqz s0, .+84", 0xc831, rv::branch(rv::kBeq, kS0, 0, 84)},
    {"c.bnez a5, .-256", 0xf381, rv::branch(rv::kBne, kA5, 0, -256)},
    {"c.bnez a5, .+254", 0xeffd, rv::branch(rv::kBne, kA5, 0, 254)},
};
// clang-format on

}  // namespace

TEST_CASE("a compressed instruction is decoded as the one that it stands for", "[core]") {
  for (const CompressedPair& pair : kPairs) {
    INFO(pair.text);
    const rv32::Instruction is = rv32::decode(pair.bits, kCode);
    const rv32::Instruction same = rv32::decode(pair.same, kCode);
    CHECK(is.op == same.op);
    if (is.op == Op::ebreak) continue;  // has no fields
    CHECK(is.immediate == same.immediate);
    const bool is_branch = rv32::is_between(is.op, Op::beq, Op::bgeu);
    if (!rv32::is_store(is.op) && !is_branch) CHECK(is.rd == same.rd);
    if (is.op != Op::constant && is.op != Op::jal) CHECK(is.rs1 == same.rs1);
    const bool has_second = rv32::is_store(is.op) || is_branch || rv32::is_between(is.op, Op::add, Op::and_);
    if (has_second) CHECK(is.rs2 == same.rs2);
    CHECK(is.halfwords == 1);
    CHECK(same.halfwords == 2);
  }
}

TEST_CASE("what RV32C reserves, or leaves to other extensions, is illegal", "[core]") {
  const std::uint16_t kNone[]{
      0x0000,  // all zero
      0x0008,  // c.addi4spn s0, sp, 0
      0x2000,  // c.fld
      0x6000,  // c.flw
      0x8000,  // reserved
      0xa000,  // c.fsd
      0xe000,  // c.fsw
      0x6101,  // c.addi16sp 0
      0x6081,  // c.lui ra, 0
      0x6001,  // c.lui zero, 0
      0x9001,  // c.srli s0, 32
      0x9401,  // c.srai s0, 32
      0x9c01,  // c.subw
      0x9c21,  // c.addw
      0x9c41,  // reserved
      0x1002,  // c.slli zero, 32
      0x2002,  // c.fldsp
      0x4002,  // c.lwsp zero
      0x6002,  // c.flwsp
      0x8002,  // c.jr zero
      0xa002,  // c.fsdsp
      0xe002,  // c.fswsp
  };
  for (const std::uint16_t bits : kNone) {
    INFO(std::hex << bits);
    CHECK(rv32::decode(bits, kCode).op == Op::illegal);
    CHECK(rv32::decode(bits, kCode).immediate == bits);
  }
}

TEST_CASE("the upper half of what is read with a compressed instruction does not matter", "[core]") {
  CHECK(rv32::decode(0xffff'0001, kCode).op == Op::addi);
}
