// SPDX-License-Identifier: MIT
// What the fold of the device's load says of a run against the firmware's records, turn by turn.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/system/simulation.h"
#include "tests/support/catch.h"
#include "tests/support/machine/outcome.h"
#include "tests/support/machine/scenarios.h"
#include "traces/event/handlers.h"
#include "traces/folds/device_load.h"

using namespace gpusim;

namespace {

/// At the end of each turn: who waits by the events, and who by the records. The firmware learns later than the engine
/// that a queue is off it: by as many as have been released and not been served the two may differ.
class WaiterCheck {
 public:
  explicit WaiterCheck(const scenario::ScenarioSpec& spec)
      : simulation_{spec}, load_{fw::Step::message, spec.device.descriptor.slots} {
    load_.attach_to(simulation_.recorder());
    trace::attach_handlers(*this, simulation_.recorder());
    static_cast<void>(simulation_.run());
  }

  void on(const trace::engine_release& event) { released_ += event.work_left ? 1 : 0; }
  void on(const trace::firmware_end& event) {
    if (event.event == trace::Code{fw::Step::engine_saved} && released_ > 0) --released_;
    const hw::FirmwareView view = simulation_.machine().firmware_view();
    const std::uint64_t known = view.runnable.size() + view.slotless.size();
    const std::uint64_t told = load_.waiting().level();
    most_ = std::max(most_, known);
    ++turns_;
    CHECK(told == known + released_);
  }

  [[nodiscard]] std::uint64_t turns() const { return turns_; }
  [[nodiscard]] std::uint64_t most() const { return most_; }

 private:
  system::Simulation simulation_;
  trace::DeviceLoad load_;
  std::uint64_t released_ = 0;
  std::uint64_t turns_ = 0;
  std::uint64_t most_ = 0;
};

}  // namespace

TEST_CASE("who waits in the run-list by its events waits in the firmware's records, under each policy", "[load]") {
  const std::string text =
      test::loop_text("low", "clones = 4\nwork_us = [200, 900]\ncycles = 8\npriority = 2\njobs_per_cycle = 2\n") +
      test::loop_text("high", "clones = 3\nwork_us = [50, 300]\ncycles = 20\npriority = 1\n");
  const std::vector<std::vector<std::string>> policies{
      {"device.firmware.policy=round_robin", "device.quantum_us=200"},
      {"device.firmware.policy=round_robin", "device.slots=3", "device.quantum_us=200"},
      {"device.firmware.policy=tick_rotation", "device.slots=3", "device.firmware.tick_us=500"},
      {"device.firmware.policy=list_walk", "device.slots=0", "device.quantum_us=100"},
  };
  for (const std::vector<std::string>& policy : policies) {
    CAPTURE(policy);
    const WaiterCheck check{test::spec_of(text, policy)};
    CHECK(check.turns() > 200);
    CHECK(check.most() >= 5);
  }
}

TEST_CASE("a summary's slots are never more than the device has, and all messages leave the buffer", "[load]") {
  for (const auto& path : test::shipped_files("scenarios")) {
    CAPTURE(path.filename().string());
    system::Simulation simulation{test::load_spec(path)};
    const system::RunResult result = simulation.run();
    const trace::DeviceLoad& load = simulation.device_load();
    const bool is_limited = load.slot_count() != 0;
    CHECK(load.slots_held().most() <= load.slot_count());
    CHECK((load.slots_held().most() > 0) == is_limited);
    CHECK(load.messages_sent() > 0);
    if (result.outcome != system::Outcome::finished) continue;
    CHECK(load.messages().level() == 0);
    CHECK(load.waiting().level() == 0);
    CHECK(load.slots_held().level() == 0);
  }
}
