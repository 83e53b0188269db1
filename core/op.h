// SPDX-License-Identifier: MIT
// The operations of RV32IMAC with Zicsr and Zifencei in machine mode, and one instruction as the core keeps it:
// decoded, with everything that depends on its address worked out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace gpusim::rv32 {

// clang-format off
enum class Op : std::uint8_t {
  // What is no instruction. `undecoded` is 0: fresh memory of a CodeCache.
  undecoded, line_end, pause, breakpoint, fetch_fault, illegal,
  // Register and immediate. `constant` is LUI and AUIPC.
  constant, addi, slti, sltiu, xori, ori, andi, slli, srli, srai,
  add, sub, sll, slt, sltu, xor_, srl, sra, or_, and_,
  mul, mulh, mulhsu, mulhu, div, divu, rem, remu,
  // Memory.
  lb, lh, lw, lbu, lhu, sb, sh, sw,
  lr, sc, amoswap, amoadd, amoxor, amoand, amoor, amomin, amomax, amominu, amomaxu,
  // Control.
  beq, bne, blt, bge, bltu, bgeu, jal, jalr,
  fence, fence_i, ecall, ebreak, mret, wfi,
  csrrw, csrrs, csrrc, csrrwi, csrrsi, csrrci,
};
// clang-format on

[[nodiscard]] constexpr bool is_between(Op op, Op first, Op last) { return op >= first && op <= last; }
[[nodiscard]] constexpr bool is_load(Op op) { return is_between(op, Op::lb, Op::lhu); }
[[nodiscard]] constexpr bool is_store(Op op) { return is_between(op, Op::sb, Op::sw); }
[[nodiscard]] constexpr bool is_atomic(Op op) { return is_between(op, Op::lr, Op::amomaxu); }
[[nodiscard]] constexpr bool is_csr(Op op) { return is_between(op, Op::csrrw, Op::csrrci); }
/// What follows is never the next instruction, or is looked for anew. A branch that is not taken stays in its block.
[[nodiscard]] constexpr bool ends_block(Op op) { return op <= Op::illegal || op >= Op::jal; }

/// Bytes that a load or store moves.
[[nodiscard]] constexpr std::uint32_t access_size(Op op) {
  switch (op) {
    case Op::lb:
    case Op::lbu:
    case Op::sb:
      return 1;
    case Op::lh:
    case Op::lhu:
    case Op::sh:
      return 2;
    default:
      return 4;
  }
}

enum class CostClass : std::uint8_t { plain, multiply, divide, load, store, atomic, branch, jump, csr, system };
inline constexpr std::size_t kCostClasses = 10;
static_assert(static_cast<std::size_t>(CostClass::system) + 1 == kCostClasses);

[[nodiscard]] constexpr CostClass cost_class(Op op) {
  if (is_between(op, Op::constant, Op::and_)) return CostClass::plain;
  if (is_between(op, Op::mul, Op::mulhu)) return CostClass::multiply;
  if (is_between(op, Op::div, Op::remu)) return CostClass::divide;
  if (is_load(op)) return CostClass::load;
  if (is_store(op)) return CostClass::store;
  if (is_atomic(op)) return CostClass::atomic;
  if (is_between(op, Op::beq, Op::bgeu)) return CostClass::branch;
  if (op == Op::jal || op == Op::jalr) return CostClass::jump;
  if (is_csr(op)) return CostClass::csr;
  return CostClass::system;
}

/// Cycles by class, each 1..kMaxCost: what costs nothing could go on for ever within a budget.
struct Costs {
  std::array<std::uint16_t, kCostClasses> cycles{1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  std::uint16_t taken = 0;  ///< more for a branch that is taken; 0..kMaxCost
  std::uint16_t trap = 1;   ///< for entering a trap, beside what its handler costs

  [[nodiscard]] constexpr std::uint16_t of(Op op) const { return cycles[static_cast<std::size_t>(cost_class(op))]; }
};
inline constexpr std::uint16_t kMaxCost = 1'000;

/// Where results for x0 go: no register of the program.
inline constexpr std::uint8_t kSink = 32;

struct Instruction {
  Op op = Op::undecoded;
  std::uint8_t rd = kSink;  ///< 1..31, or kSink for x0
  std::uint8_t rs1 = 0;     ///< of the immediate CSR operations: their 5-bit value
  std::uint8_t rs2 = 0;
  /// Sign-extended immediate. Of `constant` its value, of branches and `jal` the target's address, of CSR operations
  /// the number, of `illegal` its bits, of `fetch_fault` the address that may not be executed.
  std::uint32_t immediate = 0;
  std::uint32_t pc = 0;
  std::uint8_t halfwords = 0;  ///< its length
  std::uint8_t count = 0;      ///< instructions from here to the end of its block, with both
  std::uint16_t cycles = 0;    ///< what those cost, branches as not taken
};
static_assert(sizeof(Instruction) == 16);

}  // namespace gpusim::rv32
