// SPDX-License-Identifier: MIT
// Compiled programs on the core, against the same sources on the host. Without a compiler for RV32 there is nothing to
// ask, and they pass.
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/prng.h"
#include "tests/core/loaded_program.h"
#include "tests/core/programs/runlist_player.h"
#include "tests/core/programs/small.h"
#include "tests/core/runlist_events.h"
#include "tests/firmware/example/fifo.h"
#include "tests/support/catch.h"

using namespace gpusim;
using namespace gpusim::test;

namespace {

bool is_missing(const char* program) {
  if (LoadedProgram::is_there(program)) return false;
  WARN("no " << program << ".elf: riscv64-unknown-elf-g++ is not installed");
  return true;
}

/// Plays 10,000 random events on the host and on the core. Returns how many orders of each letter there were.
template <template <class> class P>
std::array<std::uint32_t, 256> check_same_orders(const char* name, std::uint32_t slots) {
  LoadedProgram program{name};
  const auto notes = std::make_unique<PlayedNotes>();
  const auto player = std::make_unique<RunListPlayerOf<P>>(slots, *notes);
  RandomEvents random{slots, *player};
  program.call("start", {slots});
  std::uint64_t orders = 0;
  std::array<std::uint32_t, 256> by_letter{};
  for (std::uint32_t done = 0; done < 10'000; done += kPlayedBatch) {
    notes->count = 0;
    std::array<PlayedEvent, kPlayedBatch> events{};
    for (PlayedEvent& event : events) {
      event = random.next();
      player->play(event);
    }
    REQUIRE(notes->count <= kNotes);
    program.write("events", events);
    program.call("play", {kPlayedBatch});
    const auto there = program.read<PlayedNotes>("notes");
    REQUIRE(there.count == notes->count);
    for (std::uint32_t i = 0; i < there.count; ++i) {
      if (there.words[i] != notes->words[i]) FAIL("slots " << slots << ", word " << i << " after event " << done);
      if (i % 3 == 0) ++by_letter[there.words[i] & 0xff];
    }
    orders += there.count / 3;
  }
  CHECK(orders > 20'000);
  return by_letter;
}

}  // namespace

TEST_CASE("ordinary code comes to the results that it has on the host", "[core]") {
  if (is_missing("small")) return;
  LoadedProgram program{"small"};
  Prng random{1, "numbers"};
  for (std::uint32_t trial = 0; trial < 20; ++trial) {
    SmallInput input;
    input.count = trial * 13;
    for (std::int32_t& number : input.numbers) number = static_cast<std::int32_t>(random.next() >> (trial + 16));
    const auto expected = std::make_unique<SmallOutput>();
    work(input, *expected);
    program.write("input", input);
    program.call("run");
    const auto output = program.read<SmallOutput>("output");
    CHECK(std::memcmp(output.sorted, expected->sorted, sizeof output.sorted) == 0);
    CHECK(output.checksum == expected->checksum);
    CHECK(output.quotients == expected->quotients);
    CHECK(output.products == expected->products);
    CHECK(output.bits == expected->bits);
  }
}

TEST_CASE("code of a program cannot be written, its data cannot be executed", "[core]") {
  if (is_missing("small")) return;
  const LoadedProgram program{"small"};
  for (const rv32::ElfSegment& segment : program.file().segments()) {
    const bool both = (segment.rights & rv32::kWrite) != 0 && (segment.rights & rv32::kExecute) != 0;
    CHECK_FALSE(both);
  }
  CHECK(program.file().function_at(program.address("plain") + 4) == "plain");
}

TEST_CASE("the run-list gives the same orders on the core as on the host, with slots and without, for 10,000 events",
          "[core]") {
  if (is_missing("runlist")) return;
  for (const std::uint32_t slots : {0U, 5U}) {
    const std::array<std::uint32_t, 256> by_letter = check_same_orders<fw::RoundRobin>("runlist", slots);
    // Something of everything.
    for (const char letter : std::string{"wirepxtsgdyn"}) {
      INFO(letter);
      CHECK(by_letter[static_cast<unsigned char>(letter)] > 10);
    }
    CHECK((by_letter['l'] > 10) == (slots != 0));
  }
}

TEST_CASE("the policy of docs/policy.md gives the same orders on the core as on the host, for 10,000 events",
          "[core]") {
  if (is_missing("runlist_example")) return;
  const std::array<std::uint32_t, 256> by_letter = check_same_orders<fw::Fifo>("runlist_example", 0);
  for (const char letter : std::string{"rep"}) {
    INFO(letter);
    CHECK(by_letter[static_cast<unsigned char>(letter)] > 10);
  }
}

TEST_CASE("the run-list with its policy has at most 8 KiB of text on RV32", "[core]") {
  if (is_missing("runlist")) return;
  const LoadedProgram program{"runlist"};
  std::uint32_t bytes = 0;
  for (const auto& [address, function] : program.file().functions()) {
    // RunList<...>, RoundRobin<...>, Board<...>
    for (const std::string_view part : {"7RunListI", "10RoundRobinI", "5BoardI"}) {
      if (function.name.find(part) == std::string_view::npos) continue;
      bytes += function.size;
      break;
    }
  }
  CHECK(bytes > 4'000);
  CHECK(bytes <= 8'192);
}
