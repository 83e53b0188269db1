// SPDX-License-Identifier: MIT
#include "core/csrs.h"

namespace gpusim::rv32 {
namespace {

constexpr std::uint32_t kMie = 1U << 3;
constexpr std::uint32_t kMpie = 1U << 7;
constexpr std::uint32_t kMpp = 3U << 11;  // always machine
constexpr std::uint32_t kMisa =
    1U << 30 | 1U << ('i' - 'a') | 1U << ('m' - 'a') | 1U << ('a' - 'a') | 1U << ('c' - 'a');
constexpr std::uint32_t kVectored = 1;

constexpr std::uint32_t bit(Line line) { return 1U << static_cast<unsigned>(line); }
constexpr std::uint32_t kLines = bit(Line::software) | bit(Line::timer) | bit(Line::external);

constexpr std::uint32_t low(std::uint64_t value) { return static_cast<std::uint32_t>(value); }
constexpr std::uint32_t high(std::uint64_t value) { return static_cast<std::uint32_t>(value >> 32); }

constexpr bool is_between(std::uint32_t number, Csr first, Csr last) {
  return number >= static_cast<std::uint32_t>(first) && number <= static_cast<std::uint32_t>(last);
}
/// Counters of events that never occur: 0, and writes are ignored.
constexpr bool is_idle_counter(std::uint32_t number) {
  return is_between(number, Csr::mhpmcounter3, Csr::mhpmcounter31) ||
         is_between(number, Csr::mhpmcounter3h, Csr::mhpmcounter31h) ||
         is_between(number, Csr::mhpmevent3, Csr::mhpmevent31);
}
/// Two bits of its number say so.
constexpr bool is_read_only(std::uint32_t number) { return number >> 10 == 3; }

}  // namespace

std::optional<std::uint32_t> Csrs::read_counter(std::uint32_t number, const Counts& now) const {
  const std::uint64_t cycles = now.cycles + more_cycles_;
  const std::uint64_t instructions = now.instructions + more_instructions_;
  switch (static_cast<Csr>(number)) {
    case Csr::mcycle:
    case Csr::cycle:
      return low(cycles);
    case Csr::mcycleh:
    case Csr::cycleh:
      return high(cycles);
    case Csr::minstret:
    case Csr::instret:
      return low(instructions);
    case Csr::minstreth:
    case Csr::instreth:
      return high(instructions);
    default:
      if (is_idle_counter(number)) return 0;
      return std::nullopt;
  }
}

std::optional<std::uint32_t> Csrs::read(std::uint32_t number, const Counts& now) const {
  switch (static_cast<Csr>(number)) {
    case Csr::mstatus:
      return kMpp | (enabled_ ? kMie : 0) | (previous_ ? kMpie : 0);
    case Csr::misa:
      return kMisa;
    case Csr::mie:
      return mie_;
    case Csr::mip:
      return mip_;
    case Csr::mtvec:
      return mtvec_;
    case Csr::mscratch:
      return mscratch_;
    case Csr::mepc:
      return mepc_;
    case Csr::mcause:
      return mcause_;
    case Csr::mtval:
      return mtval_;
    case Csr::mhartid:
      return hart_;
    case Csr::mstatush:
    case Csr::mcountinhibit:
    case Csr::mvendorid:
    case Csr::marchid:
    case Csr::mimpid:
    case Csr::mconfigptr:
      return 0;
    default:
      return read_counter(number, now);
  }
}

bool Csrs::write_counter(std::uint32_t number, std::uint32_t value, const Counts& now) {
  const auto replace_low = [value](std::uint64_t& more, std::uint64_t count) {
    more = (std::uint64_t{high(count + more)} << 32 | value) - count;
  };
  const auto replace_high = [value](std::uint64_t& more, std::uint64_t count) {
    more = (std::uint64_t{value} << 32 | low(count + more)) - count;
  };
  switch (static_cast<Csr>(number)) {
    case Csr::mcycle:
      replace_low(more_cycles_, now.cycles);
      return true;
    case Csr::mcycleh:
      replace_high(more_cycles_, now.cycles);
      return true;
    case Csr::minstret:
      replace_low(more_instructions_, now.instructions);
      return true;
    case Csr::minstreth:
      replace_high(more_instructions_, now.instructions);
      return true;
    default:
      return is_idle_counter(number);
  }
}

bool Csrs::write(std::uint32_t number, std::uint32_t value, const Counts& now) {
  if (is_read_only(number)) return false;
  switch (static_cast<Csr>(number)) {
    case Csr::mstatus:
      enabled_ = (value & kMie) != 0;
      previous_ = (value & kMpie) != 0;
      return true;
    case Csr::mie:
      mie_ = value & kLines;
      return true;
    case Csr::mtvec:
      mtvec_ = value & ~2U;  // modes 2 and 3 are reserved
      return true;
    case Csr::mscratch:
      mscratch_ = value;
      return true;
    case Csr::mepc:
      mepc_ = value & ~1U;
      return true;
    case Csr::mcause:
      mcause_ = value;
      return true;
    case Csr::mtval:
      mtval_ = value;
      return true;
    case Csr::mip:  // its bits are lines
    case Csr::misa:
    case Csr::mstatush:
    case Csr::mcountinhibit:
      return true;
    default:
      return write_counter(number, value, now);
  }
}

void Csrs::set_line(Line line, bool is_up) { mip_ = is_up ? mip_ | bit(line) : mip_ & ~bit(line); }

std::optional<Line> Csrs::due() const {
  if (!enabled_ || !wakes()) return std::nullopt;
  for (const Line line : {Line::external, Line::software, Line::timer}) {
    if ((mip_ & mie_ & bit(line)) != 0) return line;
  }
  return std::nullopt;
}

std::uint32_t Csrs::enter(std::uint32_t cause, std::uint32_t value, std::uint32_t pc) {
  mepc_ = pc;
  mcause_ = cause;
  mtval_ = value;
  previous_ = enabled_;
  enabled_ = false;
  const std::uint32_t base = mtvec_ & ~kVectored;
  const bool has_vector = (mtvec_ & kVectored) != 0 && (cause & kInterrupt) != 0;
  return has_vector ? base + 4 * (cause & ~kInterrupt) : base;
}

std::uint32_t Csrs::leave() {
  enabled_ = previous_;
  previous_ = true;
  return mepc_;
}

}  // namespace gpusim::rv32
