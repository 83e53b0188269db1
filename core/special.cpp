// SPDX-License-Identifier: MIT
// Instructions that the hot loop leaves: all that can trap, reach the bus, or change what is executed next.
#include "core/arithmetic.h"
#include "core/core.h"
#include "core/decode.h"

namespace gpusim::rv32 {
namespace {

/// What a load makes of the bytes that it has got.
std::uint32_t extended(Op op, std::uint32_t value) {
  switch (op) {
    case Op::lb:
      return sign_extended(value, 8);
    case Op::lh:
      return sign_extended(value, 16);
    case Op::lbu:
      return value & 0xff;
    case Op::lhu:
      return value & 0xffff;
    default:
      return value;
  }
}

/// What an AMO writes, of what it has read and its operand.
std::uint32_t combined(Op op, std::uint32_t old, std::uint32_t operand) {
  switch (op) {
    case Op::amoadd:
      return old + operand;
    case Op::amoxor:
      return old ^ operand;
    case Op::amoand:
      return old & operand;
    case Op::amoor:
      return old | operand;
    case Op::amomin:
      return less_signed(old, operand) != 0 ? old : operand;
    case Op::amomax:
      return less_signed(old, operand) != 0 ? operand : old;
    case Op::amominu:
      return less(old, operand) != 0 ? old : operand;
    case Op::amomaxu:
      return less(old, operand) != 0 ? operand : old;
    default:
      return operand;  // amoswap, sc
  }
}

}  // namespace

std::optional<Stop> Core::handle(const Instruction& instruction) {
  const Op op = instruction.op;
  if (is_load(op) || is_store(op)) return load_or_store(instruction);
  if (is_atomic(op)) return atomic(instruction);
  if (is_csr(op)) return access_csr(instruction);
  switch (op) {
    case Op::fence:
      retire(instruction);
      return std::nullopt;
    case Op::fence_i:
      retire(instruction);
      cache_.forget_all();
      return std::nullopt;
    case Op::ecall:
      return raise(Cause::ecall, 0);
    case Op::ebreak:
      return raise(Cause::breakpoint, pc_);
    case Op::mret:
      retire(instruction);
      reservation_.reset();
      pc_ = csrs_.leave();
      return std::nullopt;
    case Op::wfi:
      retire(instruction);
      is_waiting_ = true;
      return std::nullopt;
    case Op::fetch_fault:
      return raise(Cause::fetch_fault, instruction.immediate);
    default:
      return raise(Cause::illegal_instruction, instruction.immediate);
  }
}

std::optional<Stop> Core::load_or_store(const Instruction& instruction) {
  const bool stores = is_store(instruction.op);
  const std::uint32_t size = access_size(instruction.op);
  const std::uint32_t address = x_[instruction.rs1] + instruction.immediate;
  const std::uint32_t value = x_[instruction.rs2] & (size == 4 ? ~0U : (1U << 8 * size) - 1);
  if (address % size != 0) return raise(stores ? Cause::store_misaligned : Cause::load_misaligned, address);
  if (!tcm_.contains(address)) {
    access_ = {.address = address, .size = size, .is_store = stores, .value = stores ? value : 0};
    const BusReply reply = stores ? bus_.store(address, size, value) : bus_.load(address, size);
    if (reply.kind == BusReply::Kind::wait) {
      accessing_ = instruction;
      return Stop::bus;
    }
    return finish_access(instruction, reply);
  }
  // Of the TCM the hot loop leaves what is not allowed, and stores to instructions.
  if (!stores || !tcm_.has(address, kWrite)) return raise(stores ? Cause::store_fault : Cause::load_fault, address);
  for (std::uint32_t i = 0; i < size; ++i) tcm_.poke(address + i, static_cast<std::uint8_t>(value >> 8 * i));
  cache_.forget(address, size);
  retire(instruction);
  return std::nullopt;
}

std::optional<Stop> Core::finish_access(const Instruction& instruction, BusReply reply) {
  const bool stores = is_store(instruction.op);
  if (reply.kind == BusReply::Kind::fault) {
    return raise(stores ? Cause::store_fault : Cause::load_fault, access_.address);
  }
  if (!stores) x_[instruction.rd] = extended(instruction.op, reply.value);
  retire(instruction);
  return std::nullopt;
}

std::optional<Stop> Core::atomic(const Instruction& instruction) {
  const Op op = instruction.op;
  const std::uint32_t address = x_[instruction.rs1];
  if (address % 4 != 0) return raise(op == Op::lr ? Cause::load_misaligned : Cause::store_misaligned, address);
  const bool is_here = tcm_.contains(address);  // the bus has no atomic accesses
  if (op == Op::lr) {
    if (!is_here || !tcm_.has(address, kRead)) return raise(Cause::load_fault, address);
    reservation_ = address;
    x_[instruction.rd] = tcm_.peek<std::uint32_t>(address);
    retire(instruction);
    return std::nullopt;
  }
  if (!is_here || !tcm_.has(address, kWrite) || (op != Op::sc && !tcm_.has(address, kRead))) {
    return raise(Cause::store_fault, address);
  }
  const bool is_done = op != Op::sc || reservation_ == address;
  if (op == Op::sc) reservation_.reset();
  const std::uint32_t old = tcm_.peek<std::uint32_t>(address);
  if (is_done) {
    tcm_.poke(address, combined(op, old, x_[instruction.rs2]));
    cache_.forget(address, 4);
  }
  x_[instruction.rd] = op == Op::sc ? (is_done ? 0 : 1) : old;
  retire(instruction);
  return std::nullopt;
}

std::optional<Stop> Core::access_csr(const Instruction& instruction) {
  const Op op = instruction.op;
  const bool is_immediate = op >= Op::csrrwi;
  const std::uint32_t operand = is_immediate ? instruction.rs1 : x_[instruction.rs1];
  const bool replaces = op == Op::csrrw || op == Op::csrrwi;
  const bool sets = op == Op::csrrs || op == Op::csrrsi;
  const std::uint32_t number = instruction.immediate;

  const Counts after{.cycles = counts_.cycles + spec_.costs.of(op), .instructions = counts_.instructions + 1};
  const std::optional<std::uint32_t> old = csrs_.read(number, counts_);
  bool is_legal = old.has_value();
  if (is_legal && (replaces || instruction.rs1 != 0)) {  // a mask that is x0 or 0 does not write
    is_legal = csrs_.write(number, replaces ? operand : sets ? *old | operand : *old & ~operand, after);
  }
  if (!is_legal) return raise(Cause::illegal_instruction, tcm_.peek<std::uint32_t>(pc_));
  x_[instruction.rd] = *old;
  retire(instruction);
  return std::nullopt;
}

}  // namespace gpusim::rv32
