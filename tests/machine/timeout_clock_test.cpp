// SPDX-License-Identifier: MIT
// What a timeout counts, for clients that share an engine by time slices (docs/results/e7.md).
#include <string>

#include "sim/experiment/measurement.h"
#include "sim/scenario/loader.h"
#include "tests/support/catch.h"

using namespace gpusim;
using namespace gpusim::experiment;

namespace {

/// configs/experiments/scenarios/hang.toml: one job without an end, sixteen that are well, a timeout of 500 ms.
Measurement run_hang(const std::string& clock) {
  scenario::LoadOptions options;
  options.sets = {"driver.timeout_clock=" + clock};
  const auto loaded = scenario::load_scenario(GPUSIM_SOURCE_DIR "/configs/experiments/scenarios/hang.toml", options);
  REQUIRE(loaded.ok());
  return measure(*loaded.spec);
}

}  // namespace

TEST_CASE("in time slices the wall clock bans all who share the engine, time on the engine only the one that hangs",
          "[timeout_clock]") {
  const Measurement wall = run_hang("wall");
  CHECK(wall.find("queues_banned") == 5'000);
  CHECK(wall.find("jobs") == 0);
  for (const char* clock : {"on_engine", "on_slot"}) {
    INFO(clock);
    const Measurement own = run_hang(clock);
    CHECK(own.find("queues_banned") == 1'000);
    CHECK(own.find("jobs") == 16'000);
  }
}

// Five share the engine, so its 500 ms are over after about 2.5 s. A look that finds that the queue has not run since
// the last one may cost a sixteenth of the timeout, and not a whole one.
TEST_CASE("slot time that a queue has had is not lost while it is off its slot", "[timeout_clock]") {
  const std::int64_t detection = run_hang("on_slot").find("hang_detection_max").value();
  CHECK(detection > ms(5 * 450).count());
  CHECK(detection < ms(5 * 500 + 500 / 16).count());
}
