// SPDX-License-Identifier: MIT
#include "core/code_cache.h"

#include <algorithm>
#include <cstdlib>
#include <new>

#include "base/invariant.h"
#include "core/decode.h"

namespace gpusim::rv32 {
namespace {

void check(const Costs& costs) {
  bool good = costs.taken <= kMaxCost && costs.trap >= 1 && costs.trap <= kMaxCost;
  for (const std::uint16_t cycles : costs.cycles) good = good && cycles >= 1 && cycles <= kMaxCost;
  if (!good) violate("core_costs", "an instruction costs 1 to 1000 cycles");
}
static_assert(kMaxCost * (Tcm::kGranule / 2) <= 0xffff, "Instruction::cycles holds the cost of a block");

constexpr Instruction line_end(std::uint32_t pc) { return {.op = Op::line_end, .pc = pc}; }

}  // namespace

void CodeCache::Free::operator()(Instruction* places) const { std::free(places); }

CodeCache::CodeCache(Tcm& tcm, const Costs& costs) : tcm_{tcm}, costs_{costs}, base_{tcm.base()}, size_{tcm.size()} {
  check(costs);
  outside_ = {.op = Op::fetch_fault, .count = 1, .cycles = costs_.of(Op::fetch_fault)};
  const std::size_t count = std::size_t{size_ / Tcm::kGranule} * kPlaces;
  places_.reset(static_cast<Instruction*>(std::calloc(count, sizeof(Instruction))));
  if (!places_) throw std::bad_alloc{};
}

const Instruction* CodeCache::outside(std::uint32_t pc) {
  outside_.pc = outside_.immediate = pc;
  return &outside_;
}

Instruction CodeCache::fetch(std::uint32_t pc) const {
  Instruction fault{.op = Op::fetch_fault, .immediate = pc, .pc = pc, .halfwords = 1};
  if (!may_execute(pc)) return fault;
  const std::uint32_t low = tcm_.peek<std::uint16_t>(pc);
  if (is_compressed(low)) return decode(low, pc);
  fault.immediate = pc + 2;
  if (!may_execute(pc + 2)) return fault;
  return decode(low | std::uint32_t{tcm_.peek<std::uint16_t>(pc + 2)} << 16, pc);
}

const Instruction* CodeCache::alone(std::uint32_t pc) {
  Instruction& only = alone_[0];
  only = fetch(pc);
  only.count = 1;
  only.cycles = costs_.of(only.op);
  alone_[1] = line_end(pc + 2);
  alone_[2] = line_end(pc + 4);
  return &only;
}

void CodeCache::fill(std::uint32_t pc) {
  std::array<Instruction*, Tcm::kGranule / 2> block{};
  std::size_t length = 0;
  const std::uint32_t line = (pc - base_) / Tcm::kGranule;
  Instruction* const end = &places_[std::size_t{line} * kPlaces + kPlaces - 2];
  const std::uint32_t next_line = base_ + (line + 1) * Tcm::kGranule;
  end[0] = line_end(next_line);
  end[1] = line_end(next_line + 2);
  tcm_.flags_[line] |= kHasCode;

  for (Instruction* entry = place(pc - base_); entry < end; entry += entry->halfwords) {
    if (entry->op == Op::undecoded) {
      *entry = fetch(pc);
      if (std::binary_search(breakpoints_.begin(), breakpoints_.end(), pc)) entry->op = Op::breakpoint;
    }
    block[length++] = entry;
    if (ends_block(entry->op)) break;
    pc += entry->halfwords * 2U;
  }
  // The second half of the last one may be in the next line: it may be executed, then. Counted from the beginning of
  // the TCM, which may end where addresses do.
  const std::uint32_t at = pc - base_;
  const std::uint32_t next = (line + 1) * Tcm::kGranule;
  if (at > next || (block[length - 1]->halfwords == 2 && at + 2 == next)) tcm_.flags_[line + 1] |= kHasCode;

  std::uint32_t cycles = 0;
  for (std::size_t i = length; i-- > 0;) {
    cycles += costs_.of(block[i]->op);
    block[i]->count = static_cast<std::uint8_t>(length - i);
    block[i]->cycles = static_cast<std::uint16_t>(cycles);
  }
}

void CodeCache::forget_line(std::uint32_t line) {
  if ((tcm_.flags_[line] & kHasCode) == 0) return;
  tcm_.flags_[line] &= static_cast<std::uint8_t>(~kHasCode);
  Instruction* const first = &places_[std::size_t{line} * kPlaces];
  for (Instruction* entry = first; entry != first + kPlaces; ++entry) entry->op = Op::undecoded;
}

void CodeCache::forget(std::uint32_t address, std::uint32_t size) {
  const std::uint64_t first = address;
  const std::uint64_t begin = std::max<std::uint64_t>(first, base_);
  const std::uint64_t end = std::min<std::uint64_t>(first + size, std::uint64_t{base_} + size_);
  if (begin >= end) return;
  const auto first_line = static_cast<std::uint32_t>((begin - base_) / Tcm::kGranule);
  const auto last_line = static_cast<std::uint32_t>((end - 1 - base_) / Tcm::kGranule);
  // An instruction of the line before may reach into the first one.
  for (std::uint32_t line = first_line == 0 ? 0 : first_line - 1; line <= last_line; ++line) forget_line(line);
}

void CodeCache::forget_all() { forget(base_, size_); }

void CodeCache::set_breakpoint(std::uint32_t pc) {
  const auto at = std::lower_bound(breakpoints_.begin(), breakpoints_.end(), pc);
  if (at == breakpoints_.end() || *at != pc) breakpoints_.insert(at, pc);
  forget(pc, 2);
}

void CodeCache::clear_breakpoint(std::uint32_t pc) {
  breakpoints_.erase(std::remove(breakpoints_.begin(), breakpoints_.end(), pc), breakpoints_.end());
  forget(pc, 2);
}

}  // namespace gpusim::rv32
