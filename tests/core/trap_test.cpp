// SPDX-License-Identifier: MIT
// CSRs, traps, interrupts, WFI.
#include <cstdint>

#include "tests/core/rig.h"
#include "tests/support/catch.h"

using namespace gpusim;
using namespace gpusim::test;
using rv32::Cause;
using rv32::Csr;
using rv32::Line;
using rv32::Stop;

namespace {

constexpr rv::Word number(Csr csr) { return static_cast<rv::Word>(csr); }
constexpr std::uint32_t kMie = 1U << 3;
constexpr std::uint32_t kMpie = 1U << 7;
constexpr std::uint32_t kMpp = 3U << 11;
constexpr std::uint32_t kAll = 1U << 11 | 1U << 7 | 1U << 3;

}  // namespace

TEST_CASE("CSR instructions read, write, set and clear", "[core]") {
  Rig rig;
  const struct {
    rv::CsrCode code;
    rv::Word source;  ///< x1, or a number
    std::uint32_t result;
  } cases[]{{rv::kCsrrw, 1, 0x0f0f}, {rv::kCsrrs, 1, 0xffff},   {rv::kCsrrc, 1, 0xf0f0 & ~0x0f0fU},
            {rv::kCsrrwi, 31, 31},   {rv::kCsrrsi, 15, 0xf0ff}, {rv::kCsrrci, 16, 0xf0e0},
            {rv::kCsrrw, 0, 0},      {rv::kCsrrs, 0, 0xf0f0},   {rv::kCsrrc, 0, 0xf0f0},
            {rv::kCsrrwi, 0, 0},     {rv::kCsrrsi, 0, 0xf0f0},  {rv::kCsrrci, 0, 0xf0f0}};
  for (const auto& c : cases) {
    INFO(c.code << " " << c.source);
    rig.core.set_csr(Csr::mscratch, 0xf0f0);
    rig.core.set_x(1, 0x0f0f);
    CHECK(rig.run({rv::csr(c.code, 3, number(Csr::mscratch), c.source)}) == Stop::budget);
    CHECK(rig.core.x(3) == 0xf0f0);
    CHECK(rig.csr(Csr::mscratch) == c.result);
  }
  rig.core.set_csr(Csr::mscratch, 1);
  rig.core.set_x(1, 2);
  rig.run({rv::csr(rv::kCsrrw, 1, number(Csr::mscratch), 1)});  // exchanged
  CHECK(rig.core.x(1) == 1);
  CHECK(rig.csr(Csr::mscratch) == 2);
}

TEST_CASE("a CSR that is not there, or is written and can only be read, is an illegal instruction", "[core]") {
  Rig rig;
  rig.core.set_x(1, 1);
  for (const rv::Word absent : {0x000U, 0x180U, 0x302U, 0x306U, 0x3a0U, 0x7a0U, 0xc01U, 0xc03U, 0xf16U, 0xfffU}) {
    INFO(std::hex << absent);
    const rv::Word instruction = rv::csr(rv::kCsrrs, 3, absent, 0);
    CHECK(rig.run({instruction}) == Stop::trap);
    CHECK(rig.core.trap().cause == Cause::illegal_instruction);
    CHECK(rig.core.trap().value == instruction);
  }
  for (const Csr csr : {Csr::mhartid, Csr::mvendorid, Csr::cycle, Csr::instreth}) {
    CHECK(rig.run({rv::csr(rv::kCsrrs, 3, number(csr), 0)}) == Stop::budget);
    CHECK(rig.run({rv::csr(rv::kCsrrci, 3, number(csr), 0)}) == Stop::budget);
    rig.core.set_x(3, 77);
    CHECK(rig.run({rv::csr(rv::kCsrrs, 3, number(csr), 1)}) == Stop::trap);
    CHECK(rig.run({rv::csr(rv::kCsrrw, 3, number(csr), 0)}) == Stop::trap);
    CHECK(rig.core.x(3) == 77);
  }
}

TEST_CASE("fields keep what they can hold", "[core]") {
  Rig rig;
  const struct {
    Csr csr;
    std::uint32_t value;  ///< of all ones
  } cases[]{{Csr::mstatus, kMie | kMpie | kMpp},
            {Csr::misa, 0x4000'1105},
            {Csr::mie, kAll},
            {Csr::mip, 0},
            {Csr::mtvec, 0xffff'fffd},
            {Csr::mscratch, ~0U},
            {Csr::mepc, ~1U},
            {Csr::mcause, ~0U},
            {Csr::mtval, ~0U},
            {Csr::mstatush, 0},
            {Csr::mcountinhibit, 0},
            {Csr::mhpmevent3, 0},
            {Csr::mhpmcounter31h, 0}};
  for (const auto& c : cases) {
    INFO(std::hex << number(c.csr));
    CHECK(rig.core.set_csr(c.csr, ~0U));
    CHECK(rig.csr(c.csr) == c.value);
  }
  rig.core.set_csr(Csr::mstatus, 0);
  CHECK(rig.csr(Csr::mstatus) == kMpp);
}

TEST_CASE("mhartid is the one that was given", "[core]") {
  rv32::CoreSpec spec;
  spec.hart = 3;
  Rig rig{spec};
  rig.run({rv::csr(rv::kCsrrs, 3, number(Csr::mhartid), 0)});
  CHECK(rig.core.x(3) == 3);
}

TEST_CASE("counters count instructions and cycles, and from what is written to them", "[core]") {
  Rig rig;
  const auto read = [](Csr csr, rv::Word rd) { return rv::csr(rv::kCsrrs, rd, number(csr), 0); };
  rig.run({rv::kNop, rv::kCompressedNop, read(Csr::minstret, 3), read(Csr::mcycle, 4), read(Csr::instret, 5)});
  CHECK(rig.core.x(3) == 2);
  CHECK(rig.core.x(4) == 3);
  CHECK(rig.core.x(5) == 4);
  // The instruction after the write reads what was written.
  rig.core.set_x(1, 1000);
  rig.run({rv::csr(rv::kCsrrw, 0, number(Csr::minstret), 1), read(Csr::minstret, 3),
           rv::csr(rv::kCsrrw, 0, number(Csr::mcycle), 1), read(Csr::mcycle, 4), read(Csr::cycle, 5)});
  CHECK(rig.core.x(3) == 1000);
  CHECK(rig.core.x(4) == 1000);
  CHECK(rig.core.x(5) == 1001);
  // Both halves; the lower one carries over.
  rig.core.set_csr(Csr::mcycleh, 5);
  rig.core.set_csr(Csr::mcycle, 0xffff'ffff);
  rig.core.set_csr(Csr::minstreth, 0xffff'ffff);
  rig.core.set_csr(Csr::minstret, 0xffff'ffff);
  rig.run({rv::kNop, read(Csr::mcycleh, 3), read(Csr::mcycle, 4), read(Csr::minstreth, 5), read(Csr::minstret, 6)});
  CHECK(rig.core.x(3) == 6);
  CHECK(rig.core.x(4) == 1);
  CHECK(rig.core.x(5) == 0);
  CHECK(rig.core.x(6) == 3);
  // What the owner reads goes on; what does not retire does not count.
  CHECK(rig.core.counts().instructions == 15);
  CHECK(rig.run({rv::kEcall}) == Stop::trap);
  CHECK(rig.core.counts().instructions == 15);
  CHECK(rig.core.counts().cycles == 16);
}

TEST_CASE("a trap notes where and why, closes interrupts and goes to its handler, and MRET goes back", "[core]") {
  Rig rig;
  rig.core.set_csr(Csr::mstatus, kMie);
  CHECK(rig.run({rv::kNop, rv::kEcall}) == Stop::trap);
  CHECK(rig.core.pc() == kHandler);
  CHECK(rig.csr(Csr::mepc) == kCode + 4);
  CHECK(rig.csr(Csr::mcause) == 11);
  CHECK(rig.csr(Csr::mtval) == 0);
  CHECK(rig.csr(Csr::mstatus) == (kMpie | kMpp));
  rig.code(kHandler, {rv::kMret});
  CHECK(rig.core.run(1) == Stop::budget);
  CHECK(rig.core.pc() == kCode + 4);
  CHECK(rig.csr(Csr::mstatus) == (kMie | kMpie | kMpp));

  rig.core.set_csr(Csr::mstatus, 0);
  CHECK(rig.run({rv::kCompressedNop, rv::kCompressedEbreak}) == Stop::trap);
  CHECK(rig.csr(Csr::mcause) == 3);
  CHECK(rig.csr(Csr::mepc) == kCode + 2);
  CHECK(rig.csr(Csr::mtval) == kCode + 2);
  CHECK(rig.csr(Csr::mstatus) == kMpp);
}

TEST_CASE("only traps that are asked for end a run", "[core]") {
  rv32::CoreSpec spec;
  spec.reported_traps = 1U << static_cast<unsigned>(Cause::breakpoint);
  Rig rig{spec};
  rig.code(kHandler, {rv::addi(9, 9, 1), rv::kEbreak});
  CHECK(rig.run({rv::kEcall, rv::kNop, rv::kNop, rv::kNop}) == Stop::trap);
  CHECK(rig.core.trap().cause == Cause::breakpoint);
  CHECK(rig.core.trap().pc == kHandler + 4);
  CHECK(rig.core.x(9) == 1);
}

TEST_CASE("a handler that cannot be executed does not keep a run from its end", "[core]") {
  Rig rig{rv32::CoreSpec{}};
  rig.core.set_csr(Csr::mtvec, kDevice);
  CHECK(rig.run({rv::kEcall, rv::kNop, rv::kNop}) == Stop::budget);
  CHECK(rig.core.counts().cycles == 3);
  CHECK(rig.csr(Csr::mepc) == kDevice);
}

TEST_CASE("an interrupt is taken if it is pending, enabled and let in", "[core]") {
  for (const bool is_pending : {false, true}) {
    for (const bool is_enabled : {false, true}) {
      for (const bool is_let_in : {false, true}) {
        Rig rig;
        rig.core.set_line(Line::timer, is_pending);
        rig.core.set_csr(Csr::mie, is_enabled ? kAll : kAll & ~(1U << 7));
        rig.core.set_csr(Csr::mstatus, is_let_in ? kMie : 0);
        rig.run({rv::kNop});
        CHECK((rig.core.pc() == kHandler) == (is_pending && is_enabled && is_let_in));
        CHECK(rig.csr(Csr::mip) == (is_pending ? 1U << 7 : 0));
      }
    }
  }
}

TEST_CASE("external comes before software, software before timer", "[core]") {
  Rig rig;
  rig.core.set_csr(Csr::mie, kAll);
  for (const Line line : {Line::timer, Line::software, Line::external}) rig.core.set_line(line, true);
  for (const std::uint32_t cause : {11U, 3U, 7U}) {
    rig.core.set_csr(Csr::mstatus, kMie);
    rig.run({rv::kNop});
    CHECK(rig.csr(Csr::mcause) == (rv32::kInterrupt | cause));
    CHECK(rig.csr(Csr::mepc) == kCode);
    CHECK(rig.csr(Csr::mtval) == 0);
    rig.core.set_line(static_cast<Line>(cause), false);
  }
}

TEST_CASE("with vectors interrupts have a handler each, exceptions share the first", "[core]") {
  Rig rig;
  rig.core.set_csr(Csr::mtvec, kHandler | 1);
  rig.core.set_csr(Csr::mie, kAll);
  rig.core.set_csr(Csr::mstatus, kMie);
  rig.core.set_line(Line::external, true);
  rig.run({rv::kNop});
  CHECK(rig.core.pc() == kHandler + 4 * 11);
  CHECK(rig.run({rv::kEcall}) == Stop::trap);
  CHECK(rig.core.pc() == kHandler);
}

TEST_CASE("an instruction that lets an interrupt in is the last one before it", "[core]") {
  Rig rig;
  rig.core.set_line(Line::software, true);
  rig.core.set_csr(Csr::mie, kAll);
  rig.run({rv::csr(rv::kCsrrsi, 0, number(Csr::mstatus), kMie), rv::addi(1, 0, 1)});
  CHECK(rig.csr(Csr::mepc) == kCode + 4);
  CHECK(rig.core.x(1) == 0);
  // So does MRET.
  rig.core.set_csr(Csr::mstatus, kMpie);
  rig.core.set_csr(Csr::mepc, kCode + 64);
  rig.run({rv::kMret, rv::kNop});
  CHECK(rig.core.pc() == kHandler);
  CHECK(rig.csr(Csr::mepc) == kCode + 64);
}

TEST_CASE("WFI waits until an enabled interrupt is pending, whether it is let in or not", "[core]") {
  for (const bool is_let_in : {false, true}) {
    Rig rig;
    rig.core.set_csr(Csr::mie, 1U << 11);
    rig.core.set_csr(Csr::mstatus, is_let_in ? kMie : 0);
    CHECK(rig.run({rv::kWfi, rv::addi(1, 0, 1)}) == Stop::wfi);
    CHECK(rig.core.pc() == kCode + 4);
    CHECK(rig.core.counts().instructions == 1);
    rig.core.set_line(Line::timer, true);  // not enabled
    CHECK(rig.core.run(5) == Stop::wfi);
    CHECK(rig.core.counts().cycles == 1);
    rig.core.set_line(Line::external, true);
    CHECK(rig.core.run(1) == Stop::budget);
    CHECK(rig.core.pc() == (is_let_in ? kHandler : kCode + 8));
    CHECK(rig.core.x(1) == (is_let_in ? 0 : 1));
    CHECK(rig.csr(Csr::mepc) == (is_let_in ? kCode + 4 : 0));
  }
}

TEST_CASE("WFI with an interrupt pending does not wait", "[core]") {
  Rig rig;
  rig.core.set_csr(Csr::mie, kAll);
  rig.core.set_line(Line::timer, true);
  CHECK(rig.run({rv::kWfi, rv::addi(1, 0, 1)}) == Stop::budget);
  CHECK(rig.core.x(1) == 1);
}

TEST_CASE("a reset leaves counts and breakpoints, and nothing else", "[core]") {
  Rig rig;
  rig.core.set_line(Line::external, true);
  rig.core.set_csr(Csr::mie, kAll);
  rig.core.set_csr(Csr::mscratch, 5);
  rig.core.set_x(7, 7);
  CHECK(rig.run({rv::kWfi}) == Stop::budget);
  rig.core.set_line(Line::external, false);
  CHECK(rig.core.run(1) == Stop::wfi);
  rig.core.reset(kCode);
  CHECK(rig.core.pc() == kCode);
  CHECK(rig.core.x(7) == 0);
  for (const Csr csr : {Csr::mie, Csr::mip, Csr::mscratch, Csr::mtvec}) CHECK(rig.csr(csr) == 0);
  CHECK(rig.core.counts().instructions == 1);
  CHECK(rig.core.run(1) == Stop::wfi);  // the instruction again, and not the old wait
  CHECK(rig.core.counts().instructions == 2);
}
