// SPDX-License-Identifier: MIT
// The hot loop. Counts and cycles of a whole block are added when it is entered; who leaves it early gives the rest
// back.
#include "core/arithmetic.h"
#include "core/core.h"

namespace gpusim::rv32 {

const Instruction* Core::execute(const Instruction* first, std::uint64_t limit) {
  const Instruction* e = first;
  const TcmView tcm{tcm_};
  std::uint32_t* const x = x_.data();
  std::uint64_t cycles = counts_.cycles + e->cycles;
  std::uint64_t instructions = counts_.instructions + e->count;

  const auto give_back = [&](const Instruction* rest) {
    cycles -= rest->cycles;
    instructions -= rest->count;
  };
  const auto enter = [&](std::uint32_t pc) -> const Instruction* {
    const Instruction* const block = cache_.at(pc);
    if (cycles + block->cycles > limit) {
      pause_.pc = pc;
      return &pause_;
    }
    cycles += block->cycles;
    instructions += block->count;
    return block;
  };
  const auto take_branch = [&](const Instruction* branch) {
    give_back(branch + branch->halfwords);
    cycles += spec_.costs.taken;
    return enter(branch->immediate);
  };
  const auto leave = [&](const Instruction* at) {
    give_back(at);
    counts_ = {.cycles = cycles, .instructions = instructions};
    pc_ = at->pc;
    return at;
  };

  for (const Instruction* next = e;; e = next) {
    next = e + e->halfwords;
    const std::uint32_t a = x[e->rs1];
    const std::uint32_t b = x[e->rs2];
    const std::uint32_t immediate = e->immediate;
    std::uint32_t& rd = x[e->rd];
    // clang-format off
    switch (e->op) {
      case Op::constant: rd = immediate; break;
      case Op::addi:  rd = a + immediate; break;
      case Op::slti:  rd = less_signed(a, immediate); break;
      case Op::sltiu: rd = less(a, immediate); break;
      case Op::xori:  rd = a ^ immediate; break;
      case Op::ori:   rd = a | immediate; break;
      case Op::andi:  rd = a & immediate; break;
      case Op::slli:  rd = a << immediate; break;
      case Op::srli:  rd = a >> immediate; break;
      case Op::srai:  rd = shift_right_signed(a, immediate); break;

      case Op::add:   rd = a + b; break;
      case Op::sub:   rd = a - b; break;
      case Op::sll:   rd = a << (b & 31); break;
      case Op::slt:   rd = less_signed(a, b); break;
      case Op::sltu:  rd = less(a, b); break;
      case Op::xor_:  rd = a ^ b; break;
      case Op::srl:   rd = a >> (b & 31); break;
      case Op::sra:   rd = shift_right_signed(a, b & 31); break;
      case Op::or_:   rd = a | b; break;
      case Op::and_:  rd = a & b; break;

      case Op::mul:    rd = a * b; break;
      case Op::mulh:   rd = high_signed(a, b); break;
      case Op::mulhsu: rd = high_signed_unsigned(a, b); break;
      case Op::mulhu:  rd = high_unsigned(a, b); break;
      case Op::div:    rd = quotient_signed(a, b); break;
      case Op::divu:   rd = quotient(a, b); break;
      case Op::rem:    rd = remainder_signed(a, b); break;
      case Op::remu:   rd = remainder(a, b); break;

      case Op::lb:  if (!tcm.load<std::int8_t>(a + immediate, rd)) return leave(e); break;
      case Op::lh:  if (!tcm.load<std::int16_t>(a + immediate, rd)) return leave(e); break;
      case Op::lw:  if (!tcm.load<std::uint32_t>(a + immediate, rd)) return leave(e); break;
      case Op::lbu: if (!tcm.load<std::uint8_t>(a + immediate, rd)) return leave(e); break;
      case Op::lhu: if (!tcm.load<std::uint16_t>(a + immediate, rd)) return leave(e); break;
      case Op::sb:  if (!tcm.store<std::uint8_t>(a + immediate, b)) return leave(e); break;
      case Op::sh:  if (!tcm.store<std::uint16_t>(a + immediate, b)) return leave(e); break;
      case Op::sw:  if (!tcm.store<std::uint32_t>(a + immediate, b)) return leave(e); break;

      case Op::beq:  if (a == b) next = take_branch(e); break;
      case Op::bne:  if (a != b) next = take_branch(e); break;
      case Op::blt:  if (less_signed(a, b) != 0) next = take_branch(e); break;
      case Op::bge:  if (less_signed(a, b) == 0) next = take_branch(e); break;
      case Op::bltu: if (less(a, b) != 0) next = take_branch(e); break;
      case Op::bgeu: if (less(a, b) == 0) next = take_branch(e); break;
      case Op::jal:  rd = e->pc + e->halfwords * 2U; next = enter(immediate); break;
      case Op::jalr: rd = e->pc + e->halfwords * 2U; next = enter((a + immediate) & ~1U); break;
      case Op::line_end: next = enter(e->pc); break;

      default: return leave(e);
    }
    // clang-format on
  }
}

}  // namespace gpusim::rv32
