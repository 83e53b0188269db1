// SPDX-License-Identifier: MIT
// How a run ends and goes on: budgets, costs, the bus, breakpoints.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "base/invariant.h"
#include "base/prng.h"
#include "tests/core/rig.h"
#include "tests/support/catch.h"

using namespace gpusim;
using namespace gpusim::test;
using rv32::BusReply;
using rv32::CostClass;
using rv32::Stop;

namespace {

rv32::Costs costs() {
  rv32::Costs costs;
  costs.cycles = {1, 3, 20, 2, 4, 6, 5, 7, 8, 9};  // in the order of CostClass
  costs.taken = 10;
  costs.trap = 30;
  return costs;
}

}  // namespace

TEST_CASE("bus: accesses have the size, the order and the value of their instructions", "[core]") {
  Rig rig;
  rig.core.set_x(1, kDevice);
  rig.core.set_x(2, 0xaabb'ccdd);
  rig.run({rv::store(rv::kByte, 2, 1, 1), rv::store(rv::kHalf, 2, 1, 2), rv::store(rv::kWord, 2, 1, 4),
           rv::load(rv::kByte, 3, 1, 8), rv::load(rv::kByteUnsigned, 4, 1, 9), rv::load(rv::kHalf, 5, 1, 10),
           rv::load(rv::kHalfUnsigned, 6, 1, 12), rv::load(rv::kWord, 7, 1, 16), rv::load(rv::kWord, 0, 1, 20)});
  CHECK(rig.bus.accesses == std::vector<std::string>{"store1 1 221", "store2 2 52445", "store4 4 2864434397", "load1 8",
                                                     "load1 9", "load2 10", "load2 12", "load4 16", "load4 20"});
  CHECK(rig.bus.cycles == std::vector<std::uint64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8});
  CHECK(rig.core.x(3) == 0xffff'ffbb);
  CHECK(rig.core.x(4) == 0xbb);
  CHECK(rig.core.x(5) == 0xffff'aabb);
  CHECK(rig.core.x(6) == 0xaabb);
  CHECK(rig.core.x(7) == 0x8899'aabb);
  CHECK(rig.core.counts().instructions == 9);
}

TEST_CASE("bus: an access is made at the cycle that the instructions before it end at", "[core]") {
  rv32::CoreSpec spec = Rig::stopping_at_traps();
  spec.costs = costs();
  Rig rig{spec};
  rig.core.set_x(1, kDevice);
  rig.code(kCode, {rv::multiply(rv::kDiv, 3, 1, 1), rv::load(rv::kWord, 3, 1, 0), rv::kNop,
                   rv::store(rv::kWord, 3, 1, 0), rv::kNop});
  CHECK(rig.core.run(28) == Stop::budget);
  CHECK(rig.bus.cycles == std::vector<std::uint64_t>{20, 23});
  CHECK(rig.core.counts().cycles == 28);
}

TEST_CASE("bus: a fault is an access fault at the instruction", "[core]") {
  Rig rig;
  rig.bus.reply = {BusReply::Kind::fault};
  rig.core.set_x(1, kDevice);
  CHECK(rig.run({rv::kNop, rv::load(rv::kWord, 3, 1, 4)}) == Stop::trap);
  CHECK(rig.core.trap().cause == rv32::Cause::load_fault);
  CHECK(rig.core.trap().value == kDevice + 4);
  CHECK(rig.core.trap().pc == kCode + 4);
  CHECK(rig.run({rv::store(rv::kWord, 3, 1, 4)}) == Stop::trap);
  CHECK(rig.core.trap().cause == rv32::Cause::store_fault);
  CHECK(rig.core.counts().instructions == 1);
}

TEST_CASE("bus: an access that waits can be asked for again", "[core]") {
  Rig rig;
  rig.bus.reply = {BusReply::Kind::wait};
  rig.core.set_x(1, kDevice);
  CHECK(rig.run({rv::kNop, rv::load(rv::kWord, 3, 1, 4), rv::kNop}) == Stop::bus);
  CHECK(rig.core.access().address == kDevice + 4);
  CHECK(rig.core.access().size == 4);
  CHECK_FALSE(rig.core.access().is_store);
  CHECK(rig.core.pc() == kCode + 4);
  CHECK(rig.core.counts().cycles == 1);
  CHECK(rig.core.run(2) == Stop::bus);
  rig.bus.reply = {BusReply::Kind::done, 7};
  CHECK(rig.core.run(2) == Stop::budget);
  CHECK(rig.core.x(3) == 7);
  CHECK(rig.core.counts().instructions == 3);
  CHECK(rig.bus.accesses.size() == 3);
}

TEST_CASE("bus: an access that waits can be completed, and an interrupt comes after it", "[core]") {
  Rig rig;
  rig.bus.reply = {BusReply::Kind::wait};
  rig.core.set_csr(rv32::Csr::mie, 1U << 11);
  rig.core.set_csr(rv32::Csr::mstatus, 1U << 3);
  rig.core.set_x(1, kDevice);
  rig.core.set_x(3, 0x1234);
  CHECK(rig.run({rv::store(rv::kHalf, 3, 1, 4), rv::kNop}) == Stop::bus);
  CHECK(rig.core.access().is_store);
  CHECK(rig.core.access().value == 0x1234);
  rig.core.stall(100);
  rig.core.set_line(rv32::Line::external, true);
  rig.core.note_write(kCode, 8);
  rig.core.complete({BusReply::Kind::done});
  CHECK(rig.core.run(0) == Stop::budget);  // not yet
  CHECK(rig.core.counts().instructions == 0);
  CHECK(rig.core.run(2) == Stop::budget);
  CHECK(rig.bus.accesses.size() == 1);
  CHECK(rig.csr(rv32::Csr::mepc) == kCode + 4);
  CHECK(rig.core.pc() == kHandler);
  CHECK(rig.core.counts().cycles == 102);
  CHECK(rig.csr(rv32::Csr::mcycle) == 102);

  rig.core.set_line(rv32::Line::external, false);
  CHECK(rig.run({rv::load(rv::kByte, 3, 1, 4), rv::kNop}) == Stop::bus);
  rig.core.complete({BusReply::Kind::done, 0xffff'ff80});
  CHECK(rig.core.run(1) == Stop::budget);
  CHECK(rig.core.x(3) == 0xffff'ff80);
  CHECK(rig.run({rv::load(rv::kByte, 3, 1, 4)}) == Stop::bus);
  rig.core.complete({BusReply::Kind::fault});
  CHECK(rig.core.run(1) == Stop::trap);
}

TEST_CASE("bus: an access that is asked for again may be interrupted before it", "[core]") {
  Rig rig;
  rig.bus.reply = {BusReply::Kind::wait};
  rig.core.set_csr(rv32::Csr::mie, 1U << 11);
  rig.core.set_csr(rv32::Csr::mstatus, 1U << 3);
  rig.core.set_x(1, kDevice);
  CHECK(rig.run({rv::load(rv::kWord, 3, 1, 4)}) == Stop::bus);
  rig.core.set_line(rv32::Line::external, true);
  CHECK(rig.core.run(1) == Stop::budget);
  CHECK(rig.csr(rv32::Csr::mepc) == kCode);
  CHECK(rig.bus.accesses.size() == 1);
}

TEST_CASE("bus: a line that an access raises is seen by the next instruction", "[core]") {
  Rig rig;
  rig.bus.raises = true;
  rig.core.set_csr(rv32::Csr::mie, 1U << 11);
  rig.core.set_csr(rv32::Csr::mstatus, 1U << 3);
  rig.core.set_x(1, kDevice);
  rig.run({rv::store(rv::kWord, 2, 1, 0), rv::addi(3, 0, 1), rv::addi(4, 0, 1)});
  CHECK(rig.core.x(3) == 0);
  CHECK(rig.csr(rv32::Csr::mepc) == kCode + 4);
}

TEST_CASE("each class has its cost", "[core]") {
  rv32::CoreSpec spec = Rig::stopping_at_traps();
  spec.costs = costs();
  Rig rig{spec};
  rig.core.set_x(1, kData);
  const auto cost_of = [&](rv::Word instruction) {
    const std::uint64_t before = rig.core.counts().cycles;
    rig.code(kCode, {instruction});
    rig.core.set_pc(kCode);
    (void)rig.core.run(1);
    return rig.core.counts().cycles - before;
  };
  CHECK(cost_of(rv::addi(3, 0, 1)) == 1);
  CHECK(cost_of(rv::kCompressedNop) == 1);
  CHECK(cost_of(rv::multiply(rv::kMulhu, 3, 1, 2)) == 3);
  CHECK(cost_of(rv::multiply(rv::kRem, 3, 1, 2)) == 20);
  CHECK(cost_of(rv::load(rv::kByte, 3, 1, 0)) == 2);
  CHECK(cost_of(rv::store(rv::kByte, 3, 1, 0)) == 4);
  CHECK(cost_of(rv::atomic(rv::kAmoOr, 3, 1, 2)) == 6);
  CHECK(cost_of(rv::branch(rv::kBne, 0, 0, 8)) == 5);
  CHECK(cost_of(rv::branch(rv::kBeq, 0, 0, 8)) == 15);
  CHECK(cost_of(rv::jal(0, 8)) == 7);
  CHECK(cost_of(rv::jalr(0, 1, 8)) == 7);
  CHECK(cost_of(rv::csr(rv::kCsrrs, 3, 0x300, 0)) == 8);
  CHECK(cost_of(rv::kFence) == 9);
  CHECK(cost_of(rv::kFenceI) == 9);
  CHECK(cost_of(rv::kEcall) == 30);
  CHECK(cost_of(0xffff'ffff) == 30);
}

TEST_CASE("costs of nothing, or of too much, are refused", "[core]") {
  std::vector<std::byte> bytes(64);
  rv32::Tcm tcm{0, bytes};
  rv32::NoBus bus;
  const auto make = [&](const rv32::Costs& c) {
    rv32::CoreSpec spec;
    spec.costs = c;
    const rv32::Core core{tcm, bus, spec};
  };
  CHECK_NOTHROW(make(costs()));
  rv32::Costs none = costs();
  none.cycles[4] = 0;
  CHECK_THROWS_AS(make(none), InvariantViolation);
  rv32::Costs much = costs();
  much.taken = 1001;
  CHECK_THROWS_AS(make(much), InvariantViolation);
  rv32::Costs trap = costs();
  trap.trap = 0;
  CHECK_THROWS_AS(make(trap), InvariantViolation);
}

TEST_CASE("a run ends with the first instruction that uses up its cycles", "[core]") {
  rv32::CoreSpec spec = Rig::stopping_at_traps();
  spec.costs = costs();
  for (std::uint64_t budget = 0; budget <= 26; ++budget) {
    Rig rig{spec};
    rig.code(kCode, {rv::kNop, rv::multiply(rv::kMul, 3, 1, 2), rv::multiply(rv::kDiv, 3, 1, 2), rv::kNop, rv::kNop,
                     rv::kNop});
    CHECK(rig.core.run(budget) == Stop::budget);
    const std::uint64_t expected = budget <= 1 ? budget : budget <= 4 ? 4 : budget <= 24 ? 24 : budget;
    CHECK(rig.core.counts().cycles == expected);
  }
}

TEST_CASE("how a run is cut changes nothing", "[core]") {
  // A loop with branches taken and not, stores, divisions, a call over a line, an interrupt enable and a trap.
  const auto make = [](Rig& rig) {
    rig.code(kHandler, {rv::csr(rv::kCsrrs, 20, 0x341, 0), rv::addi(20, 20, 4), rv::csr(rv::kCsrrw, 0, 0x341, 20),
                        rv::addi(21, 21, 1), rv::kMret});
    rig.code(kCode, {rv::addi(1, 1, 1), rv::alu_immediate(rv::kAnd, 2, 1, 3), rv::branch(rv::kBne, 2, 0, 12),
                     rv::multiply(rv::kRemu, 3, 1, 6), rv::kEcall, rv::store(rv::kWord, 1, 5, 0),
                     rv::load(rv::kWord, 6, 5, 0), rv::jal(7, 200), rv::jal(0, -32)});
    rig.code(kCode + 228,
             {rv::alu(rv::kAdd, 8, 8, 1), rv::branch(rv::kBltu, 8, 1, 8), rv::addi(8, 8, -3), rv::jalr(0, 7, 0)});
    rig.core.set_x(5, kData);
  };
  rv32::CoreSpec spec;
  spec.costs = costs();
  Rig whole{spec};
  make(whole);
  CHECK(whole.core.run(100'000) == Stop::budget);
  Prng random{7, "cuts"};
  for (int trial = 0; trial < 20; ++trial) {
    Rig cut{spec};
    make(cut);
    const std::uint64_t most = random.uniform(1, trial < 10 ? 40 : 4'000);
    while (cut.core.counts().cycles < 100'000) {
      const std::uint64_t left = 100'000 - cut.core.counts().cycles;
      CHECK(cut.core.run(std::min(left, random.uniform(1, most))) == Stop::budget);
    }
    CHECK(cut.core.counts().cycles == whole.core.counts().cycles);
    CHECK(cut.core.counts().instructions == whole.core.counts().instructions);
    CHECK(cut.core.pc() == whole.core.pc());
    for (std::uint32_t i = 0; i < 32; ++i) CHECK(cut.core.x(i) == whole.core.x(i));
  }
  CHECK(whole.core.x(21) > 100);
}

TEST_CASE("a breakpoint stops in front of its instruction, and the next run goes over it", "[core]") {
  Rig rig;
  const std::uint32_t at = rig.code(kCode, {rv::addi(1, 1, 1), rv::addi(1, 1, 1), rv::jal(0, -8)});
  CHECK(rig.core.run(2) == Stop::budget);  // decoded before it is set
  rig.core.set_pc(kCode);
  rig.core.set_breakpoint(kCode + 4);
  rig.core.set_breakpoint(at);
  for (std::uint32_t i = 3; i < 10; i += 2) {
    CHECK(rig.core.run(100) == Stop::breakpoint);
    CHECK(rig.core.pc() == kCode + 4);
    CHECK(rig.core.x(1) == i);
  }
  CHECK(rig.core.run(1) == Stop::budget);
  CHECK(rig.core.run(1) == Stop::budget);
  CHECK(rig.core.run(1) == Stop::budget);
  CHECK(rig.core.run(1) == Stop::breakpoint);
  rig.core.clear_breakpoint(kCode + 4);
  CHECK(rig.core.run(100) == Stop::budget);
  // At the target of a set_pc() it stops, too.
  rig.core.set_pc(at);
  CHECK(rig.core.run(1) == Stop::breakpoint);
}

TEST_CASE("nothing is executed for no cycles", "[core]") {
  Rig rig;
  rig.code(kCode, {rv::kNop});
  CHECK(rig.core.run(0) == Stop::budget);
  CHECK(rig.core.counts().instructions == 0);
  CHECK(rig.core.run(~std::uint64_t{0}) == Stop::trap);  // the zeros behind it
}
