// SPDX-License-Identifier: MIT
// A debugger on the firmware's core that stops it and looks at everything: the run is the same.
#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "firmware/abi/firmware_registers.h"
#include "sim/system/simulation.h"
#include "tests/support/catch.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;
using hw::DebugResume;
using hw::DebugStop;
using hw::FirmwareTarget;
using test::load_spec;

namespace {

/// Reads all registers of core and device at each stop. Steps so often, then stops at a place that it has passed.
class Curious : public hw::FirmwareDebugger {
 public:
  explicit Curious(std::uint64_t steps) : steps_{steps} {}

  DebugResume on_stop(FirmwareTarget& target, DebugStop stop) override {
    stops.push_back(stop);
    look(target);
    if (stop == DebugStop::reset) first_pc = target.reg(FirmwareTarget::kPc);
    if (steps_ == 0) return DebugResume::go_on;
    if (--steps_ > 0) return DebugResume::step;
    target.set_breakpoint(target.reg(FirmwareTarget::kPc));
    return DebugResume::go_on;
  }
  bool wants_stop() override { return interrupts > 0 && --interrupts == 0; }

  [[nodiscard]] std::int64_t count(DebugStop stop) const { return std::count(stops.begin(), stops.end(), stop); }

  std::vector<DebugStop> stops;
  std::uint32_t first_pc = 0;
  int interrupts = 0;

 private:
  static void look(const FirmwareTarget& target) {
    for (std::uint32_t i = 0; i < FirmwareTarget::kRegisters; ++i) (void)target.reg(i);
    bool are_there = true;
    for (std::uint32_t offset = 0; offset < abi::kFirmwareRegisterBytes; offset += 4) {
      std::array<std::byte, 4> word{};
      are_there = target.read(abi::kFirmwareRegisters + offset, word) && are_there;
    }
    REQUIRE(are_there);
    std::array<std::byte, 4> nothing{};
    CHECK_FALSE(target.read(abi::kFirmwareRegisters - 4, nothing));
  }
  std::uint64_t steps_;
};

[[nodiscard]] scenario::ScenarioSpec spec_on_core(const std::string& timing, std::vector<std::string> sets = {}) {
  sets.insert(sets.end(), {"device.firmware.core=\"rv32\"", "device.firmware.timing=\"" + timing + "\""});
  return load_spec(GPUSIM_SOURCE_DIR "/configs/scenarios/quickstart.toml", sets);
}

struct DebuggedEnd {
  std::uint64_t hash;
  Picoseconds cycles;
};

[[nodiscard]] DebuggedEnd run_debugged(const scenario::ScenarioSpec& spec, hw::FirmwareDebugger* debugger) {
  system::Simulation simulation{spec};
  if (debugger != nullptr) CHECK(simulation.machine().attach(*debugger));
  (void)simulation.run();
  const std::vector<Picoseconds>& totals = simulation.machine().ledger().totals();
  const std::uint16_t cycle = spec.device.firmware.cycle.parameter;
  return {simulation.recorder().hash(), cycle < totals.size() ? totals[cycle] : Picoseconds{0}};
}

}  // namespace

TEST_CASE("steps, breakpoints and looks at every register change nothing of a run", "[core]") {
  for (const char* timing : {"table", "cycles", "live"}) {
    CAPTURE(timing);
    const auto spec = spec_on_core(timing);
    Curious curious{6'000};
    curious.interrupts = 20;
    const DebuggedEnd with = run_debugged(spec, &curious);
    const DebuggedEnd without = run_debugged(spec, nullptr);
    CHECK(with.hash == without.hash);
    CHECK(with.cycles == without.cycles);
    CHECK(curious.first_pc == 0x8000'0000);
    CHECK(curious.count(DebugStop::reset) == 1);
    CHECK(curious.count(DebugStop::step) > 5'900);
    CHECK(curious.count(DebugStop::breakpoint) > 2);
    CHECK(curious.count(DebugStop::interrupt) == 1);
  }
}

TEST_CASE("breakpoints outlive a reset of the device", "[core]") {
  Curious curious{5};
  const auto spec = spec_on_core("cycles", {"fault.reset_ms=2"});
  CHECK(run_debugged(spec, &curious).hash == run_debugged(spec, nullptr).hash);
  CHECK(curious.count(DebugStop::breakpoint) == 2);  // where it was set, and at the start of the firmware once more
}

TEST_CASE("a debugger stands at an instruction that traps before the run ends with it", "[core]") {
  struct Breaker final : Curious {
    Breaker() : Curious{0} {}
    DebugResume on_stop(FirmwareTarget& target, DebugStop stop) override {
      pc = target.reg(FirmwareTarget::kPc);
      const std::uint32_t illegal = 0xffff'ffff;
      if (stop == DebugStop::reset) REQUIRE(target.write(pc, std::as_bytes(std::span{&illegal, 1})));
      return Curious::on_stop(target, stop);
    }
    std::uint32_t pc = 0;
  };
  Breaker breaker;
  CHECK_THROWS_WITH(run_debugged(spec_on_core("table"), &breaker), Catch::Contains("takes trap 2"));
  CHECK(breaker.stops == std::vector{DebugStop::reset, DebugStop::illegal});
  CHECK(breaker.pc == 0x8000'0000);
}

TEST_CASE("a run that its debugger kills is interrupted there, at a trap, too", "[core]") {
  struct Killer final : hw::FirmwareDebugger {
    DebugResume on_stop(FirmwareTarget& target, DebugStop stop) override {
      ++stops;
      last = stop;
      const std::uint32_t illegal = 0xffff'ffff;
      if (stops == breaks_at) {
        REQUIRE(target.write(target.reg(FirmwareTarget::kPc), std::as_bytes(std::span{&illegal, 1})));
      }
      return stops == kills_at ? DebugResume::kill : DebugResume::step;
    }
    bool wants_stop() override { return false; }
    int kills_at = 0;
    int breaks_at = 0;
    int stops = 0;
    DebugStop last{};
  };
  for (const char* timing : {"table", "cycles", "live"}) {
    for (const auto& [kills_at, breaks_at, last] :
         {std::tuple{1, 0, DebugStop::reset}, {5'000, 0, DebugStop::step}, {2, 1, DebugStop::illegal}}) {
      CAPTURE(timing, kills_at);
      Killer killer;
      killer.kills_at = kills_at;
      killer.breaks_at = breaks_at;
      system::Simulation simulation{spec_on_core(timing)};
      REQUIRE(simulation.machine().attach(killer));
      const system::RunResult result = simulation.run();
      CHECK((result.outcome == system::Outcome::interrupted));
      CHECK((result.end == simulation.recorder().now()));
      CHECK(killer.stops == kills_at);
      CHECK((killer.last == last));
    }
  }
}

TEST_CASE("native firmware has nothing for a debugger to see") {
  Curious curious{0};
  system::Simulation simulation{load_spec(GPUSIM_SOURCE_DIR "/configs/scenarios/quickstart.toml")};
  CHECK_FALSE(simulation.machine().attach(curious));
  CHECK(curious.stops.empty());
}
