// SPDX-License-Identifier: MIT
// Every instruction between registers, at the edges of its operands.
#include <cstdint>

#include "tests/core/rig.h"
#include "tests/support/catch.h"

using namespace gpusim;
using namespace gpusim::test;
using rv32::Stop;

namespace {

constexpr std::uint32_t kMin = 0x8000'0000;
constexpr std::uint32_t kMax = 0x7fff'ffff;
constexpr std::uint32_t kMinusOne = 0xffff'ffff;

struct Case {
  const char* name;
  rv::Word instruction;  ///< x3 = x1 op x2
  std::uint32_t a;
  std::uint32_t b;
  std::uint32_t result;
};

// clang-format off
const Case kCases[]{
    {"add", rv::alu(rv::kAdd, 3, 1, 2), 1, 2, 3},
    {"add wraps", rv::alu(rv::kAdd, 3, 1, 2), kMinusOne, 2, 1},
    {"add overflows silently", rv::alu(rv::kAdd, 3, 1, 2), kMax, 1, kMin},
    {"sub", rv::alu(rv::kAdd, 3, 1, 2, 0x20), 1, 2, kMinusOne},
    {"sub of the least number", rv::alu(rv::kAdd, 3, 1, 2, 0x20), 0, kMin, kMin},
    {"sll 31", rv::alu(rv::kSll, 3, 1, 2), 3, 31, kMin},
    {"sll 32 is 0", rv::alu(rv::kSll, 3, 1, 2), 3, 32, 3},
    {"sll takes 5 bits", rv::alu(rv::kSll, 3, 1, 2), 1, 0xffff'ffe4, 16},
    {"slt minus", rv::alu(rv::kSlt, 3, 1, 2), kMin, kMax, 1},
    {"slt equal", rv::alu(rv::kSlt, 3, 1, 2), 5, 5, 0},
    {"slt plus", rv::alu(rv::kSlt, 3, 1, 2), 0, kMinusOne, 0},
    {"sltu", rv::alu(rv::kSltu, 3, 1, 2), kMin, kMax, 0},
    {"sltu of all ones", rv::alu(rv::kSltu, 3, 1, 2), 0, kMinusOne, 1},
    {"xor", rv::alu(rv::kXor, 3, 1, 2), 0xff00ff00, 0x0ff00ff0, 0xf0f0f0f0},
    {"srl 31", rv::alu(rv::kSrl, 3, 1, 2), kMin, 31, 1},
    {"srl 32 is 0", rv::alu(rv::kSrl, 3, 1, 2), kMin, 32, kMin},
    {"sra 31", rv::alu(rv::kSrl, 3, 1, 2, 0x20), kMin, 31, kMinusOne},
    {"sra 32 is 0", rv::alu(rv::kSrl, 3, 1, 2, 0x20), kMin, 32, kMin},
    {"sra of a positive number", rv::alu(rv::kSrl, 3, 1, 2, 0x20), kMax, 30, 1},
    {"or", rv::alu(rv::kOr, 3, 1, 2), 0xff00ff00, 0x0ff00ff0, 0xfff0fff0},
    {"and", rv::alu(rv::kAnd, 3, 1, 2), 0xff00ff00, 0x0ff00ff0, 0x0f000f00},

    {"addi least", rv::addi(3, 1, -2048), 0, 0, 0xffff'f800},
    {"addi most", rv::addi(3, 1, 2047), 1, 0, 2048},
    {"slti", rv::alu_immediate(rv::kSlt, 3, 1, -1), kMin, 0, 1},
    {"sltiu extends the sign first", rv::alu_immediate(rv::kSltu, 3, 1, -1), 0x7fff'ffff, 0, 1},
    {"sltiu 1 is zero?", rv::alu_immediate(rv::kSltu, 3, 1, 1), 0, 0, 1},
    {"xori -1 is not", rv::alu_immediate(rv::kXor, 3, 1, -1), 0x1234'5678, 0, 0xedcb'a987},
    {"ori", rv::alu_immediate(rv::kOr, 3, 1, -256), 0x1, 0, 0xffff'ff01},
    {"andi", rv::alu_immediate(rv::kAnd, 3, 1, -256), 0x1234'5678, 0, 0x1234'5600},
    {"slli 31", rv::alu_immediate(rv::kSll, 3, 1, 31), 1, 0, kMin},
    {"slli 0", rv::alu_immediate(rv::kSll, 3, 1, 0), 7, 0, 7},
    {"srli 31", rv::alu_immediate(rv::kSrl, 3, 1, 31), kMinusOne, 0, 1},
    {"srai 31", rv::alu_immediate(rv::kSrl, 3, 1, 0x400 | 31), kMin, 0, kMinusOne},
    {"lui", rv::lui(3, 0xfffff), 0, 0, 0xffff'f000},
    {"auipc", rv::auipc(3, 0xfffff), 0, 0, kCode - 0x1000},
    {"auipc wraps", rv::auipc(3, 0x80000), 0, 0, 0x1000},

    {"mul", rv::multiply(rv::kMul, 3, 1, 2), 0x1'0001, 0x1'0001, 0x2'0001},
    {"mul of minus one", rv::multiply(rv::kMul, 3, 1, 2), kMinusOne, kMinusOne, 1},
    {"mulh least by least", rv::multiply(rv::kMulh, 3, 1, 2), kMin, kMin, 0x4000'0000},
    {"mulh minus", rv::multiply(rv::kMulh, 3, 1, 2), kMinusOne, 1, kMinusOne},
    {"mulhsu", rv::multiply(rv::kMulhsu, 3, 1, 2), kMinusOne, kMinusOne, kMinusOne},
    {"mulhsu least", rv::multiply(rv::kMulhsu, 3, 1, 2), kMin, kMinusOne, kMin},
    {"mulhu", rv::multiply(rv::kMulhu, 3, 1, 2), kMinusOne, kMinusOne, 0xffff'fffe},
    {"div to zero", rv::multiply(rv::kDiv, 3, 1, 2), 0xffff'fff9, 2, 0xffff'fffd},
    {"div by zero", rv::multiply(rv::kDiv, 3, 1, 2), 7, 0, kMinusOne},
    {"div overflow", rv::multiply(rv::kDiv, 3, 1, 2), kMin, kMinusOne, kMin},
    {"divu", rv::multiply(rv::kDivu, 3, 1, 2), kMinusOne, 2, kMax},
    {"divu by zero", rv::multiply(rv::kDivu, 3, 1, 2), 7, 0, kMinusOne},
    {"divu does not overflow", rv::multiply(rv::kDivu, 3, 1, 2), kMin, kMinusOne, 0},
    {"rem has the dividend's sign", rv::multiply(rv::kRem, 3, 1, 2), 0xffff'fff9, 2, kMinusOne},
    {"rem by zero", rv::multiply(rv::kRem, 3, 1, 2), 0xffff'fff9, 0, 0xffff'fff9},
    {"rem overflow", rv::multiply(rv::kRem, 3, 1, 2), kMin, kMinusOne, 0},
    {"remu", rv::multiply(rv::kRemu, 3, 1, 2), kMinusOne, 10, 5},
    {"remu by zero", rv::multiply(rv::kRemu, 3, 1, 2), kMin, 0, kMin},
};
// clang-format on

}  // namespace

TEST_CASE("arithmetic gives what the manual says at its edges", "[core]") {
  Rig rig;
  for (const Case& c : kCases) {
    INFO(c.name);
    rig.core.set_x(1, c.a);
    rig.core.set_x(2, c.b);
    rig.core.set_x(3, 0x5555'5555);
    CHECK(rig.run({c.instruction}) == Stop::budget);
    CHECK(rig.core.x(3) == c.result);
    CHECK(rig.core.pc() == kCode + 4);
  }
}

TEST_CASE("x0 stays 0, whatever is written to it", "[core]") {
  Rig rig;
  rig.core.set_x(0, 7);
  CHECK(rig.core.x(0) == 0);
  CHECK(rig.run({rv::addi(0, 0, 5), rv::lui(0, 7), rv::multiply(rv::kDiv, 0, 0, 0), rv::auipc(0, 1),
                 rv::csr(rv::kCsrrs, 0, 0x301, 0), rv::addi(1, 0, 3)}) == Stop::budget);
  CHECK(rig.core.x(0) == 0);
  CHECK(rig.core.x(1) == 3);
}

TEST_CASE("an instruction may write the register that it reads", "[core]") {
  Rig rig;
  rig.core.set_x(1, 5);
  rig.run({rv::alu(rv::kAdd, 1, 1, 1), rv::alu(rv::kSll, 1, 1, 1), rv::addi(1, 1, 1)});
  CHECK(rig.core.x(1) == 10241);  // 10 << 10, and 1
}

TEST_CASE("what is no instruction is an illegal one", "[core]") {
  const rv::Word kNone[]{
      0x0000'0000,                                // all zero
      0x0000'0000 | 0x7f,                         // longer than 32 bits
      0xffff'ffff,                                // all ones
      rv::r_type(0x33, 1, 0x20, 3, 1, 2),         // sll with the function of sra
      rv::r_type(0x33, 0, 0x02, 3, 1, 2),         //
      rv::r_type(0x13, 5, 0x10, 3, 1, 2),         // srli with another function
      rv::r_type(0x13, 1, 0x01, 3, 1, 0),         // slli by 32 is RV64's
      rv::r_type(0x13, 1, 0x20, 3, 1, 0),         //
      rv::i_type(0x03, 3, 3, 1, 0),               // ld
      rv::i_type(0x03, 6, 3, 1, 0),               // lwu
      rv::s_type(3, 1, 2, 0),                     // sd
      rv::b_type(2, 1, 2, 8),                     //
      rv::i_type(0x67, 1, 0, 1, 0),               // jalr with a function
      rv::i_type(0x07, 2, 0, 1, 0),               // flw
      rv::i_type(0x0f, 2, 0, 0, 0),               // cbo
      rv::r_type(0x2f, 3, rv::kAmoAdd, 3, 1, 2),  // amoadd.d
      rv::r_type(0x2f, 2, 0x05 << 2, 3, 1, 2),    // no such AMO
      rv::atomic(rv::kLr, 3, 1, 2),               // lr with a source
      0x1020'0073,                                // sret
      0x1200'0073,                                // sfence.vma
      rv::i_type(0x73, 4, 3, 1, 0),               // hypervisor load
  };
  Rig rig;
  for (const rv::Word word : kNone) {
    INFO(std::hex << word);
    CHECK(rig.run({word}) == Stop::trap);
    CHECK(rig.core.trap().cause == rv32::Cause::illegal_instruction);
    CHECK(rig.core.trap().pc == kCode);
    CHECK(rig.core.trap().value == ((word & 3) == 3 ? word : word & 0xffff));
    CHECK(rig.core.pc() == kHandler);
  }
  CHECK(rig.core.counts().instructions == 0);
}
