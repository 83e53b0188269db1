// SPDX-License-Identifier: MIT
// Loads, stores and atomics of the TCM, rights, and code that changes.
#include <cstdint>
#include <vector>

#include "base/invariant.h"
#include "tests/core/rig.h"
#include "tests/support/catch.h"

using namespace gpusim;
using namespace gpusim::test;
using rv32::Cause;
using rv32::Stop;

TEST_CASE("loads extend the sign, or do not", "[core]") {
  Rig rig;
  rig.tcm.poke(kData, std::uint32_t{0x8382'8180});
  rig.core.set_x(1, kData + 2048);
  const struct {
    rv::WidthCode code;
    int offset;
    std::uint32_t value;
  } cases[]{{rv::kByte, 0, 0xffff'ff80},  {rv::kByte, 3, 0xffff'ff83},
            {rv::kByteUnsigned, 1, 0x81}, {rv::kHalf, 2, 0xffff'8382},
            {rv::kHalf, 0, 0xffff'8180},  {rv::kHalfUnsigned, 2, 0x8382},
            {rv::kWord, 0, 0x8382'8180u}, {rv::kWord, 4, 0}};
  for (const auto& c : cases) {
    INFO(c.code << " at " << c.offset);
    CHECK(rig.run({rv::load(c.code, 3, 1, c.offset - 2048)}) == Stop::budget);
    CHECK(rig.core.x(3) == c.value);
  }
}

TEST_CASE("stores write their bytes and no others", "[core]") {
  Rig rig;
  rig.core.set_x(1, kData - 2046);
  rig.core.set_x(2, 0x1122'3344);
  rig.tcm.poke(kData, ~std::uint64_t{0});
  rig.run({rv::store(rv::kHalf, 2, 1, 2046)});
  CHECK(rig.tcm.peek<std::uint64_t>(kData) == 0xffff'ffff'ffff'3344);
  rig.core.set_x(1, kData);
  rig.run({rv::store(rv::kByte, 2, 1, 3), rv::store(rv::kWord, 2, 1, 4)});
  CHECK(rig.tcm.peek<std::uint64_t>(kData) == 0x1122'3344'44ff'3344);
}

TEST_CASE("the first and the last bytes of the TCM belong to it, those beside it to the bus", "[core]") {
  Rig rig;
  rig.core.set_x(1, kBase);
  rig.core.set_x(2, kBase + kSize);
  rig.tcm.poke(kBase, std::uint32_t{1});
  rig.tcm.poke(kBase + kSize - 4, std::uint32_t{2});
  rig.run({rv::load(rv::kWord, 3, 1, 0), rv::load(rv::kWord, 4, 2, -4)});
  CHECK(rig.core.x(3) == 1);
  CHECK(rig.core.x(4) == 2);
  CHECK(rig.bus.accesses.empty());
  rig.run({rv::load(rv::kWord, 3, 1, -4), rv::store(rv::kByte, 4, 2, 0)});
  CHECK(rig.bus.accesses.size() == 2);
}

TEST_CASE("misaligned accesses trap, before anything else is looked at", "[core]") {
  Rig rig;
  rig.tcm.protect(kData, 64, 0);
  const struct {
    rv::Word instruction;
    std::uint32_t address;
    Cause cause;
  } cases[]{
      {rv::load(rv::kHalf, 3, 1, 1), kData, Cause::load_misaligned},
      {rv::load(rv::kHalfUnsigned, 3, 1, 0), kDevice + 1, Cause::load_misaligned},
      {rv::load(rv::kWord, 3, 1, 2), kData, Cause::load_misaligned},
      {rv::store(rv::kHalf, 3, 1, 3), kData, Cause::store_misaligned},
      {rv::store(rv::kWord, 3, 1, 1), kDevice, Cause::store_misaligned},
      {rv::atomic(rv::kLr, 3, 1, 0), kData + 2, Cause::load_misaligned},
      {rv::atomic(rv::kSc, 3, 1, 2), kData + 1, Cause::store_misaligned},
      {rv::atomic(rv::kAmoAdd, 3, 1, 2), kDevice + 2, Cause::store_misaligned},
  };
  for (const auto& c : cases) {
    INFO(std::hex << c.instruction);
    rig.core.set_x(1, c.address);
    CHECK(rig.run({c.instruction}) == Stop::trap);
    CHECK(rig.core.trap().cause == c.cause);
    CHECK(rig.csr(rv32::Csr::mcause) == static_cast<std::uint32_t>(c.cause));
    CHECK(rig.csr(rv32::Csr::mtval) % 4 != 0);
  }
  CHECK(rig.bus.accesses.empty());
  CHECK(rig.core.counts().instructions == 0);
}

TEST_CASE("rights of the TCM are kept by granule, for each kind of access", "[core]") {
  Rig rig;
  const auto trap_of = [&](std::uint8_t rights, rv::Word instruction) -> unsigned {
    rig.tcm.protect(kData, 1, rights);
    rig.core.note_write(kData, 64);
    rig.core.set_x(1, kData + 60);
    if (rig.run({instruction}) != Stop::trap) return 0;
    CHECK(rig.core.trap().value == kData + 60);
    return static_cast<unsigned>(rig.core.trap().cause);
  };
  using rv32::kExecute;
  using rv32::kRead;
  using rv32::kWrite;
  const rv::Word load = rv::load(rv::kWord, 3, 1, 0);
  const rv::Word store = rv::store(rv::kWord, 3, 1, 0);
  CHECK(trap_of(kRead, load) == 0);
  CHECK(trap_of(kWrite | kExecute, load) == 5);
  CHECK(trap_of(kWrite, store) == 0);
  CHECK(trap_of(kRead | kExecute, store) == 7);
  CHECK(trap_of(kRead, rv::atomic(rv::kLr, 3, 1, 0)) == 0);
  CHECK(trap_of(kWrite, rv::atomic(rv::kLr, 3, 1, 0)) == 5);
  CHECK(trap_of(kRead, rv::atomic(rv::kSc, 3, 1, 2)) == 7);
  CHECK(trap_of(kWrite, rv::atomic(rv::kSc, 3, 1, 2)) == 0);
  CHECK(trap_of(kWrite, rv::atomic(rv::kAmoOr, 3, 1, 2)) == 7);
  CHECK(trap_of(kRead, rv::atomic(rv::kAmoOr, 3, 1, 2)) == 7);
  CHECK(trap_of(kRead | kWrite, rv::atomic(rv::kAmoOr, 3, 1, 2)) == 0);
  // The granules beside it have kept theirs.
  CHECK(rig.tcm.has(kData + 64, kExecute));
  CHECK(rig.tcm.has(kData - 1, kExecute));
}

TEST_CASE("what may not be executed is a fetch fault at its address", "[core]") {
  Rig rig;
  rig.tcm.protect(kData, 64, rv32::kRead | rv32::kWrite);
  const auto fault_at = [&](std::uint32_t pc) {
    rig.core.set_pc(pc);
    CHECK(rig.core.run(100) == Stop::trap);
    CHECK(rig.core.trap().cause == Cause::fetch_fault);
    return rig.core.trap();
  };
  CHECK(fault_at(kData).pc == kData);
  CHECK(fault_at(kDevice).value == kDevice);
  CHECK(fault_at(kBase + kSize).value == kBase + kSize);
  // Running into it: the two instructions before are executed.
  rig.code(kData - 6, {rv::kNop, rv::kCompressedNop});
  const std::uint64_t before = rig.core.counts().instructions;
  CHECK(fault_at(kData - 6).pc == kData);
  CHECK(rig.core.counts().instructions == before + 2);
  // An instruction whose second half may not be executed.
  rig.code(kData - 2, {rv::addi(1, 0, 1)});
  CHECK(fault_at(kData - 2).value == kData);
  CHECK(rig.core.trap().pc == kData - 2);
  rig.tcm.poke(kBase + kSize - 2, std::uint16_t{0x0003});
  rig.core.note_write(kBase + kSize - 2, 2);
  CHECK(fault_at(kBase + kSize - 2).value == kBase + kSize);
}

TEST_CASE("a TCM has whole granules", "[core]") {
  std::vector<std::byte> bytes(130);
  CHECK_THROWS_AS((rv32::Tcm{0, bytes}), InvariantViolation);
  CHECK_THROWS_AS((rv32::Tcm{0, {}}), InvariantViolation);
  CHECK_THROWS_AS((rv32::Tcm{32, std::span{bytes}.first(128)}), InvariantViolation);
  CHECK_THROWS_AS((rv32::Tcm{0xffff'ffc0, std::span{bytes}.first(128)}), InvariantViolation);
  rv32::Tcm last{0xffff'ff80, std::span{bytes}.first(128)};
  CHECK(last.contains(0xffff'ffff));
  CHECK_FALSE(last.contains(0));
  CHECK_THROWS_AS(last.protect(0xffff'ffff, 2, rv32::kRead), InvariantViolation);
}

TEST_CASE("a store into code counts from the next instruction on", "[core]") {
  Rig rig;
  // x3 = 1 is overwritten by x3 = 2, in the block that is being executed.
  rig.core.set_x(1, kCode);
  rig.core.set_x(2, rv::addi(3, 0, 2));
  CHECK(rig.run({rv::store(rv::kWord, 2, 1, 4), rv::addi(3, 0, 1)}) == Stop::budget);
  CHECK(rig.core.x(3) == 2);
  CHECK(rig.core.counts().instructions == 2);

  // Half of an instruction that reaches into the line of the store, far from it.
  const std::uint32_t edge = kCode + 64 - 2;
  rig.code(edge, {rv::addi(3, 0, 0x10), rv::kNop});
  rig.core.set_pc(edge);
  CHECK(rig.core.run(1) == Stop::budget);
  CHECK(rig.core.x(3) == 0x10);
  rig.core.set_x(1, edge + 2);
  rig.core.set_x(2, rv::addi(3, 0, 0x20) >> 16);
  rig.run({rv::store(rv::kHalf, 2, 1, 0)});
  rig.core.set_pc(edge);
  CHECK(rig.core.run(1) == Stop::budget);
  CHECK(rig.core.x(3) == 0x20);
}

TEST_CASE("an instruction that reaches over a line is decoded anew after any store to either line", "[core]") {
  Rig rig;
  const std::uint32_t edge = kCode + 128 - 2;
  const auto value_at_edge = [&] {
    rig.core.set_pc(edge);
    CHECK(rig.core.run(1) == Stop::budget);
    return rig.core.x(3);
  };
  rig.code(edge, {rv::addi(3, 0, 1)});
  CHECK(value_at_edge() == 1);
  // First a store to the second line that does not touch it, then one that does.
  rig.core.set_x(1, edge);
  rig.core.set_x(2, 0);
  rig.run({rv::store(rv::kWord, 2, 1, 2 + 32)});
  rig.core.set_x(2, rv::addi(3, 0, 0x30) >> 16);
  rig.run({rv::store(rv::kHalf, 2, 1, 2)});
  CHECK(value_at_edge() == 0x30);
}

TEST_CASE("what others write is seen after note_write() or FENCE.I", "[core]") {
  Rig rig;
  rig.run({rv::addi(3, 0, 1)});
  rig.tcm.poke(kCode, rv::addi(3, 0, 2));
  rig.core.note_write(kCode + 3, 1);
  rig.core.set_pc(kCode);
  CHECK(rig.core.run(1) == Stop::budget);
  CHECK(rig.core.x(3) == 2);

  rig.tcm.poke(kCode, rv::addi(3, 0, 4));
  rig.code(kCode + 0x100, {rv::kFenceI, rv::jal(0, -0x104)});
  rig.core.set_pc(kCode + 0x100);
  CHECK(rig.core.run(3) == Stop::budget);
  CHECK(rig.core.x(3) == 4);
}

TEST_CASE("an AMO returns the old word and writes the combined one", "[core]") {
  Rig rig;
  const struct {
    rv::AtomicCode code;
    std::uint32_t old;
    std::uint32_t operand;
    std::uint32_t result;
  } cases[]{{rv::kAmoSwap, 1, 2, 2},
            {rv::kAmoAdd, 0xffff'ffff, 2, 1},
            {rv::kAmoXor, 0xff, 0x0f, 0xf0},
            {rv::kAmoAnd, 0xff, 0x10f, 0x0f},
            {rv::kAmoOr, 0xf0, 0x10f, 0x1ff},
            {rv::kAmoMin, 0xffff'ffff, 1, 0xffff'ffff},
            {rv::kAmoMin, 1, 0x8000'0000, 0x8000'0000},
            {rv::kAmoMax, 0xffff'ffff, 1, 1},
            {rv::kAmoMax, 0x7fff'ffff, 0x8000'0000, 0x7fff'ffff},
            {rv::kAmoMinu, 0xffff'ffff, 1, 1},
            {rv::kAmoMinu, 3, 3, 3},
            {rv::kAmoMaxu, 0xffff'ffff, 1, 0xffff'ffff},
            {rv::kAmoMaxu, 1, 0x8000'0000, 0x8000'0000}};
  for (const auto& c : cases) {
    for (const rv::Word order : {0U, 1U, 2U, 3U}) {  // aq, rl: one hart needs neither
      INFO(std::hex << c.code << " " << c.old << " " << c.operand);
      rig.tcm.poke(kData, c.old);
      rig.core.set_x(1, kData);
      rig.core.set_x(2, c.operand);
      CHECK(rig.run({rv::atomic(c.code, 3, 1, 2) | order << 25}) == Stop::budget);
      CHECK(rig.core.x(3) == c.old);
      CHECK(rig.tcm.peek<std::uint32_t>(kData) == c.result);
    }
  }
  // The address register may be the destination, and so may the operand.
  rig.tcm.poke(kData, std::uint32_t{5});
  rig.core.set_x(1, kData);
  rig.core.set_x(2, 6);
  rig.run({rv::atomic(rv::kAmoAdd, 2, 1, 2), rv::atomic(rv::kAmoSwap, 1, 1, 2)});
  CHECK(rig.core.x(2) == 5);
  CHECK(rig.core.x(1) == 11);
  CHECK(rig.tcm.peek<std::uint32_t>(kData) == 5);
}

TEST_CASE("atomics exist in the TCM only", "[core]") {
  Rig rig;
  rig.core.set_x(1, kDevice);
  CHECK(rig.run({rv::atomic(rv::kLr, 3, 1, 0)}) == Stop::trap);
  CHECK(rig.core.trap().cause == Cause::load_fault);
  CHECK(rig.run({rv::atomic(rv::kSc, 3, 1, 2)}) == Stop::trap);
  CHECK(rig.core.trap().cause == Cause::store_fault);
  CHECK(rig.run({rv::atomic(rv::kAmoSwap, 3, 1, 2)}) == Stop::trap);
  CHECK(rig.core.trap().cause == Cause::store_fault);
  CHECK(rig.bus.accesses.empty());
}

TEST_CASE("SC succeeds once, at the address of the last LR", "[core]") {
  Rig rig;
  const rv::Word lr = rv::atomic(rv::kLr, 3, 1, 0);
  const rv::Word sc = rv::atomic(rv::kSc, 4, 1, 2);
  rig.core.set_x(1, kData);
  rig.core.set_x(2, 7);
  rig.run({sc});
  CHECK(rig.core.x(4) == 1);
  CHECK(rig.tcm.peek<std::uint32_t>(kData) == 0);
  rig.run({lr, sc});
  CHECK(rig.core.x(4) == 0);
  CHECK(rig.tcm.peek<std::uint32_t>(kData) == 7);
  rig.run({sc});  // used up
  CHECK(rig.core.x(4) == 1);
  rig.run({lr, rv::addi(1, 1, 4), sc});  // elsewhere
  CHECK(rig.core.x(4) == 1);
  rig.core.set_x(1, kData);
  rig.run({sc});  // the one elsewhere has used it up
  CHECK(rig.core.x(4) == 1);
  rig.run({lr, rv::store(rv::kWord, 2, 1, 0), sc});  // an own store does not break it
  CHECK(rig.core.x(4) == 0);
}

TEST_CASE("others' stores, traps and MRET break a reservation", "[core]") {
  Rig rig;
  const rv::Word lr = rv::atomic(rv::kLr, 3, 1, 0);
  const rv::Word sc = rv::atomic(rv::kSc, 4, 1, 2);
  rig.core.set_x(1, kData + 64);
  const auto result_after_write = [&](std::uint32_t address, std::uint32_t size) {
    rig.run({lr});
    rig.core.note_write(address, size);
    rig.run({sc});
    return rig.core.x(4);
  };
  CHECK(result_after_write(kData + 64, 4) == 1);
  CHECK(result_after_write(kData + 67, 1) == 1);
  CHECK(result_after_write(kData, 65) == 1);
  CHECK(result_after_write(kData + 68, 64) == 0);
  CHECK(result_after_write(kData, 64) == 0);

  CHECK(rig.run({lr, rv::kEcall}) == Stop::trap);
  rig.run({sc});
  CHECK(rig.core.x(4) == 1);
  rig.core.set_csr(rv32::Csr::mepc, kCode + 8);
  rig.run({lr, rv::kMret, sc});
  CHECK(rig.core.x(4) == 1);
}
