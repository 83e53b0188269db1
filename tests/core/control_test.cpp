// SPDX-License-Identifier: MIT
// Branches and jumps, and blocks that end at lines.
#include <cstdint>

#include "tests/core/rig.h"
#include "tests/support/catch.h"

using namespace gpusim;
using namespace gpusim::test;
using rv32::Stop;

TEST_CASE("branches compare as they should", "[core]") {
  Rig rig;
  const struct {
    rv::BranchCode code;
    std::uint32_t a;
    std::uint32_t b;
    bool is_taken;
  } cases[]{{rv::kBeq, 5, 5, true},
            {rv::kBeq, 5, 6, false},
            {rv::kBne, 5, 6, true},
            {rv::kBne, 5, 5, false},
            {rv::kBlt, 0x8000'0000, 0, true},
            {rv::kBlt, 0, 0xffff'ffff, false},
            {rv::kBlt, 3, 3, false},
            {rv::kBge, 0, 0xffff'ffff, true},
            {rv::kBge, 3, 3, true},
            {rv::kBge, 0x8000'0000, 0x7fff'ffff, false},
            {rv::kBltu, 0, 0xffff'ffff, true},
            {rv::kBltu, 0x8000'0000, 0, false},
            {rv::kBltu, 3, 3, false},
            {rv::kBgeu, 0xffff'ffff, 0, true},
            {rv::kBgeu, 3, 3, true},
            {rv::kBgeu, 0, 1, false}};
  for (const auto& c : cases) {
    INFO(c.code << " " << c.a << " " << c.b);
    rig.core.set_x(1, c.a);
    rig.core.set_x(2, c.b);
    rig.run({rv::branch(c.code, 1, 2, 64)});
    CHECK(rig.core.pc() == (c.is_taken ? kCode + 64 : kCode + 4));
  }
}

TEST_CASE("branches and jumps reach their limits", "[core]") {
  Rig rig;
  for (const int offset : {-4096, -2, 0, 2, 64, 4094}) {
    INFO(offset);
    rig.run({rv::branch(rv::kBeq, 0, 0, offset)});
    CHECK(rig.core.pc() == kCode + static_cast<std::uint32_t>(offset));
  }
  for (const int offset : {-1'048'576, -4096, -2, 0, 2, 4096, 1'048'574}) {
    INFO(offset);
    rig.run({rv::jal(1, offset)});
    CHECK(rig.core.pc() == kCode + static_cast<std::uint32_t>(offset));
    CHECK(rig.core.x(1) == kCode + 4);
  }
}

TEST_CASE("JALR clears the lowest bit, wraps, and may return through its own link", "[core]") {
  Rig rig;
  rig.core.set_x(1, kCode + 0x101);
  rig.run({rv::jalr(1, 1, -0x100)});
  CHECK(rig.core.pc() == kCode);
  CHECK(rig.core.x(1) == kCode + 4);
  rig.core.set_x(1, 0x400);
  rig.run({rv::lui(2, 0x80001), rv::jalr(5, 2, -2048)});
  CHECK(rig.core.pc() == 0x8000'0800);
  CHECK(rig.core.x(5) == kCode + 8);
  rig.core.set_x(1, kCode + 0x40);
  rig.run({0x9082});  // c.jalr ra
  CHECK(rig.core.pc() == kCode + 0x40);
  CHECK(rig.core.x(1) == kCode + 2);
}

TEST_CASE("straight code goes over any number of lines, however its instructions lie", "[core]") {
  for (const std::uint32_t skew : {0U, 2U}) {
    Rig rig;
    std::uint32_t at = kCode + skew;
    for (int i = 0; i < 100; ++i) at = rig.code(at, {rv::addi(1, 1, 1), rv::addi(2, 2, 2), 0x0185});  // c.addi gp, 1
    rig.core.set_pc(kCode + skew);
    CHECK(rig.core.run(300) == Stop::budget);
    CHECK(rig.core.x(1) == 100);
    CHECK(rig.core.x(2) == 200);
    CHECK(rig.core.x(3) == 100);
    CHECK(rig.core.pc() == at);
    CHECK(rig.core.counts().instructions == 300);
  }
}

TEST_CASE("a jump into the middle of an instruction executes what stands there", "[core]") {
  Rig rig;
  // The upper half of this LUI is C.LI a0, 5 (0x4515).
  rig.code(kCode, {0x4515'0000 | (rv::lui(3, 0) & 0xffff), rv::kNop});
  rig.core.set_pc(kCode);
  CHECK(rig.core.run(1) == Stop::budget);
  CHECK(rig.core.x(3) == 0x4515'0000);
  rig.core.set_pc(kCode + 2);
  CHECK(rig.core.run(1) == Stop::budget);
  CHECK(rig.core.x(10) == 5);
  rig.core.set_pc(kCode);
  CHECK(rig.core.run(2) == Stop::budget);
  CHECK(rig.core.pc() == kCode + 8);
}

TEST_CASE("code at the very end of the address space may run over it", "[core]") {
  std::vector<std::byte> bytes(64);
  rv32::Tcm tcm{0xffff'ffc0, bytes};
  tcm.protect(0xffff'ffc0, 64, rv32::kRead | rv32::kExecute);
  tcm.poke(0xffff'fffc, rv::addi(1, 0, 1));
  rv32::NoBus bus;
  rv32::Core core{tcm, bus, Rig::stopping_at_traps()};
  core.reset(0xffff'fffc);
  CHECK(core.run(10) == Stop::trap);
  CHECK(core.x(1) == 1);
  CHECK(core.trap().cause == rv32::Cause::fetch_fault);
  CHECK(core.trap().pc == 0);
}

TEST_CASE("a loop in the last line of the address space marks no line behind it", "[core]") {
  // What would be written out of bounds, a sanitizer sees.
  std::vector<std::byte> bytes(64);
  rv32::Tcm tcm{0xffff'ffc0, bytes};
  tcm.protect(0xffff'ffc0, 64, rv32::kRead | rv32::kExecute);
  tcm.poke(0xffff'ffc0, rv::jal(0, 0));
  rv32::NoBus bus;
  rv32::Core core{tcm, bus, Rig::stopping_at_traps()};
  core.reset(0xffff'ffc0);
  CHECK(core.run(10) == Stop::budget);
  CHECK(core.pc() == 0xffff'ffc0);
}
