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
using trace::HandlerProfile;

namespace {

struct Profiled {
  explicit Profiled(std::vector<std::string> sets, const char* file = "quickstart")
      : spec{test::load_spec(std::string{GPUSIM_SOURCE_DIR "/configs/scenarios/"} + file + ".toml", sets)},
        simulation{spec} {
    (void)simulation.run();
  }
  [[nodiscard]] const HandlerProfile& of(FirmwareHandler handler) const {
    return simulation.firmware_profile().handlers.at(static_cast<std::size_t>(handler));
  }
  template <class Value>
  [[nodiscard]] std::int64_t sum(Value value) const {
    const auto& handlers = simulation.firmware_profile().handlers;
    return std::accumulate(handlers.begin(), handlers.end(), std::int64_t{0}, [&](std::int64_t all, const auto& one) {
      return all + static_cast<std::int64_t>(value(one));
    });
  }
  [[nodiscard]] std::int64_t charged(const Cost& cost) {
    const auto& totals = simulation.machine().ledger().totals();
    return cost.parameter < totals.size() ? totals[cost.parameter].count() : 0;
  }

  scenario::ScenarioSpec spec;
  system::Simulation simulation;
};

[[nodiscard]] std::vector<std::string> on_core(const std::string& timing) {
  return {"device.firmware.core=\"rv32\"", "device.firmware.timing=\"" + timing + "\""};
}

}  // namespace

TEST_CASE("the profile's cycles, accesses and times are those that the run was charged for", "[core]") {
  for (const char* timing : {"cycles", "live"}) {
    CAPTURE(timing);
    Profiled run{on_core(timing)};
    const hw::FirmwareSpec& firmware = run.spec.device.firmware;
    const std::int64_t cycles = run.charged(firmware.cycle);
    const std::int64_t registers = run.charged(firmware.register_access);
    const std::int64_t reads = run.charged(firmware.host_read);
    CHECK(run.sum([](const HandlerProfile& one) { return one.cycles; }) * 1'000 == cycles);
    CHECK(run.sum([](const HandlerProfile& one) { return one.instructions; }) * 1'000 == cycles);  // one each
    CHECK(run.sum([](const HandlerProfile& one) { return one.registers; }) * 20'000 == registers);
    CHECK(run.sum([](const HandlerProfile& one) { return one.host_reads; }) * 700'000 == reads);
    CHECK(run.sum([](const HandlerProfile& one) { return one.bus_wait; }) == registers + reads);
    CHECK(run.sum([](const HandlerProfile& one) { return one.time.sum(); }) == cycles + registers + reads);
  }
}

TEST_CASE("with the table both cores do the same, and only one has instructions", "[core]") {
  const Profiled core{on_core("table")};
  const Profiled native{{}};
  for (std::size_t i = 0; i < hw::kFirmwareHandlerNames.size(); ++i) {
    const auto handler = static_cast<FirmwareHandler>(i);
    CAPTURE(hw::kFirmwareHandlerNames.at(i));
    CHECK(core.of(handler).time.count() == native.of(handler).time.count());
    CHECK(core.of(handler).time.sum() == native.of(handler).time.sum());
    CHECK(core.of(handler).registers == native.of(handler).registers);
    CHECK(core.of(handler).host_reads == native.of(handler).host_reads);
    CHECK((core.of(handler).instructions > 0) == (core.of(handler).time.count() > 0));
    CHECK(native.of(handler).instructions == 0);
  }
  CHECK(core.of(FirmwareHandler::doorbell).time.count() == 75);
  CHECK(core.of(FirmwareHandler::doorbell).time.min() == 3'000'000);
  CHECK(core.of(FirmwareHandler::doorbell).time.max() == 3'000'000);
  CHECK(core.of(FirmwareHandler::doorbell).bus_wait == 0);
  CHECK(core.simulation.firmware_profile().has_core);
  CHECK_FALSE(native.simulation.firmware_profile().has_core);
}

TEST_CASE("each reset begins with a turn of its own kind, and the events are those of the trace", "[core]") {
  CHECK(Profiled{on_core("cycles")}.of(FirmwareHandler::first_turn).time.count() == 1);
  const Profiled reset{{"fault.reset_ms=2"}};
  CHECK(reset.of(FirmwareHandler::first_turn).time.count() == 2);

  // Every turn that ended: the first one of all was a message.
  const test::Recording recording = test::run(test::load_spec(GPUSIM_SOURCE_DIR "/configs/scenarios/quickstart.toml"));
  const auto ends = recording.all<trace::firmware_end>();
  const Profiled run{{}};
  CHECK(run.sum([](const HandlerProfile& one) { return one.time.count(); }) == static_cast<std::int64_t>(ends.size()));
}

TEST_CASE("a wait for the reset of an engine is not the firmware's time", "[core]") {
  // A job that hangs and keeps its engine from the others.
  std::vector<std::string> sets = on_core(GENERATE("cycles", "live"));
  sets.insert(sets.end(), {"fault.hung_job=3", "device.preempt_timeout_ms=1", "device.quantum_ms=1"});
  const Profiled run{sets, "quantum"};
  const HandlerProfile& resets = run.of(FirmwareHandler::reset_engine);
  CHECK(resets.time.count() > 0);
  CHECK(resets.time.max() < 100'000'000);  // of 500 us that the engine takes
}
