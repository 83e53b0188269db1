// SPDX-License-Identifier: MIT
// Instructions of a TCM, decoded once and kept by address until their bytes change.
//
// A line is a granule of the TCM. It has a place for each halfword and, behind these, two that say where the next line
// begins: a loop over instructions runs into them without looking. A block is what runs one after another from a given
// instruction: up to a jump or an instruction of the system, but not beyond its line. So where it ends depends on no
// more than the code, and each instruction can keep the number and the cost of all that follow it in its block.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/op.h"
#include "core/tcm.h"

namespace gpusim::rv32 {

class CodeCache {
 public:
  /// `tcm` outlives this object, and has no other cache. Violates "core_costs" if one is out of its range.
  CodeCache(Tcm& tcm, const Costs& costs);
  CodeCache(const CodeCache&) = delete;
  CodeCache& operator=(const CodeCache&) = delete;

  /// The instruction there, with its block behind it. Valid until the next call of another function. What may not be
  /// executed is Op::fetch_fault, what a breakpoint hides is Op::breakpoint. Pre: `pc` is even.
  [[nodiscard]] const Instruction* at(std::uint32_t pc) {
    const std::uint32_t offset = pc - base_;
    if (offset >= size_) return outside(pc);
    Instruction* const found = place(offset);
    if (found->op == Op::undecoded) fill(pc);
    return found;
  }
  /// The instruction as a block of its own, breakpoint or not. Valid until the next call.
  [[nodiscard]] const Instruction* alone(std::uint32_t pc);

  /// These bytes have changed, or their rights. They need not be of the TCM.
  void forget(std::uint32_t address, std::uint32_t size);
  void forget_all();

  void set_breakpoint(std::uint32_t pc);
  void clear_breakpoint(std::uint32_t pc);

 private:
  static constexpr std::uint32_t kPlaces = Tcm::kGranule / 2 + 2;
  /// From the heap and all zero: what no instruction is decoded from costs no memory.
  struct Free {
    void operator()(Instruction* places) const;
  };

  [[nodiscard]] Instruction* place(std::uint32_t offset) const {
    return &places_[std::size_t{offset / Tcm::kGranule} * kPlaces + offset % Tcm::kGranule / 2];
  }
  [[nodiscard]] const Instruction* outside(std::uint32_t pc);
  void fill(std::uint32_t pc);
  [[nodiscard]] bool may_execute(std::uint32_t address) const {
    return tcm_.contains(address) && tcm_.has(address, kExecute);
  }
  [[nodiscard]] Instruction fetch(std::uint32_t pc) const;
  void forget_line(std::uint32_t line);

  Tcm& tcm_;
  Costs costs_;
  std::uint32_t base_;
  std::uint32_t size_;
  std::unique_ptr<Instruction[], Free> places_;
  std::vector<std::uint32_t> breakpoints_;
  std::array<Instruction, 3> alone_{};
  Instruction outside_;  // Op::fetch_fault at the last address asked for
};

}  // namespace gpusim::rv32
