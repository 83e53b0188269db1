// SPDX-License-Identifier: MIT
// The firmware's profile against what the run was charged for, and against the same firmware elsewhere.
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "sim/hw/firmware_turn.h"
#include "sim/system/simulation.h"
#include "tests/support/catch.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;
using hw::FirmwareHandler;

namespace {

/// The figures of a run that is over: only one machine lives at a time.
struct Profiled {
  struct Handler {
    std::int64_t calls = 0, instructions = 0, cycles = 0, registers = 0, host_reads = 0;
    std::int64_t bus_wait = 0, time = 0, min = 0, max = 0;  ///< ps
  };

  explicit Profiled(const std::vector<std::string>& sets, const std::string& file = "quickstart") {
    const auto spec = test::load_spec(GPUSIM_SOURCE_DIR "/configs/scenarios/" + file + ".toml", sets);
    firmware = spec.device.firmware;
    system::Simulation simulation{spec};
    (void)simulation.run();
    totals = simulation.machine().ledger().totals();
    has_core = simulation.firmware_profile().has_core;
    for (const trace::HandlerProfile& each : simulation.firmware_profile().handlers) {
      const auto number = [](auto value) { return static_cast<std::int64_t>(value); };
      handlers.push_back({number(each.time.count()), number(each.instructions), number(each.cycles),
                          number(each.registers), number(each.host_reads), number(each.bus_wait),
                          number(each.time.sum()), number(each.time.min()), number(each.time.max())});
    }
  }
  [[nodiscard]] const Handler& of(FirmwareHandler handler) const {
    return handlers.at(static_cast<std::size_t>(handler));
  }
  [[nodiscard]] std::int64_t sum(std::int64_t Handler::* value) const {
    return std::accumulate(handlers.begin(), handlers.end(), std::int64_t{0},
                           [value](std::int64_t all, const Handler& one) { return all + one.*value; });
  }
  [[nodiscard]] std::int64_t charged(const Cost& cost) const {
    return cost.parameter < totals.size() ? totals[cost.parameter].count() : 0;
  }

  hw::FirmwareSpec firmware;
  std::vector<Handler> handlers;
  std::vector<Picoseconds> totals;
  bool has_core = false;
};

[[nodiscard]] std::vector<std::string> sets_on_core(const std::string& timing) {
  return {"device.firmware.core=\"rv32\"", "device.firmware.timing=\"" + timing + "\""};
}

}  // namespace

TEST_CASE("the profile's cycles, accesses and times are those that the run was charged for", "[core]") {
  for (const char* timing : {"cycles", "live"}) {
    CAPTURE(timing);
    const Profiled run{sets_on_core(timing)};
    const std::int64_t cycles = run.charged(run.firmware.cycle);
    const std::int64_t registers = run.charged(run.firmware.register_access);
    const std::int64_t reads = run.charged(run.firmware.host_read);
    CHECK(run.sum(&Profiled::Handler::cycles) * 1'000 == cycles);
    CHECK(run.sum(&Profiled::Handler::instructions) * 1'000 == cycles);  // one each
    CHECK(run.sum(&Profiled::Handler::registers) * 20'000 == registers);
    CHECK(run.sum(&Profiled::Handler::host_reads) * 700'000 == reads);
    CHECK(run.sum(&Profiled::Handler::bus_wait) == registers + reads);
    CHECK(run.sum(&Profiled::Handler::time) == cycles + registers + reads);
  }
}

TEST_CASE("with the table both cores do the same, and only one has instructions", "[core]") {
  const Profiled core{sets_on_core("table")};
  const Profiled native{{}};
  for (std::size_t i = 0; i < hw::kFirmwareHandlerNames.size(); ++i) {
    const auto handler = static_cast<FirmwareHandler>(i);
    CAPTURE(hw::kFirmwareHandlerNames.at(i));
    CHECK(core.of(handler).calls == native.of(handler).calls);
    CHECK(core.of(handler).time == native.of(handler).time);
    CHECK(core.of(handler).registers == native.of(handler).registers);
    CHECK(core.of(handler).host_reads == native.of(handler).host_reads);
    CHECK((core.of(handler).instructions > 0) == (core.of(handler).calls > 0));
    CHECK(native.of(handler).instructions == 0);
  }
  CHECK(core.of(FirmwareHandler::doorbell).calls == 75);
  CHECK(core.of(FirmwareHandler::doorbell).min == 3'000'000);
  CHECK(core.of(FirmwareHandler::doorbell).max == 3'000'000);
  CHECK(core.of(FirmwareHandler::doorbell).bus_wait == 0);
  CHECK(core.has_core);
  CHECK_FALSE(native.has_core);
}

TEST_CASE("each reset begins with a turn of its own kind, and the events are those of the trace", "[core]") {
  CHECK(Profiled{sets_on_core("cycles")}.of(FirmwareHandler::first_turn).calls == 1);
  const Profiled reset{{"fault.reset_ms=2"}};
  CHECK(reset.of(FirmwareHandler::first_turn).calls == 2);

  // Every turn that ended: the first one of all was a message.
  const test::Recording recording = test::run(test::load_spec(GPUSIM_SOURCE_DIR "/configs/scenarios/quickstart.toml"));
  const auto ends = recording.all<trace::firmware_end>();
  const Profiled run{{}};
  CHECK(run.sum(&Profiled::Handler::calls) == static_cast<std::int64_t>(ends.size()));
}

TEST_CASE("a wait for the reset of an engine is not the firmware's time", "[core]") {
  // A job that hangs and keeps its engine from the others.
  std::vector<std::string> sets = sets_on_core(GENERATE("cycles", "live"));
  sets.insert(sets.end(), {"fault.hung_job=3", "device.preempt_timeout_ms=1", "device.quantum_ms=1"});
  const Profiled run{sets, "quantum"};
  const Profiled::Handler& resets = run.of(FirmwareHandler::reset_engine);
  CHECK(resets.calls > 0);
  CHECK(resets.max < 100'000'000);  // of 500 us that the engine takes
}
