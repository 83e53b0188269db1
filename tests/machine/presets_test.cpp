// SPDX-License-Identifier: MIT
// Each device preset as it comes, with each component before it: it does its jobs, and survives what explorations do.
// That its values have tags and sources: tests/sim/scenario/presets_test.cpp.
#include <cstdint>
#include <set>
#include <string>

#include "sim/system/explorer.h"
#include "tests/support/catch.h"
#include "tests/support/machine/outcome.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;
using namespace gpusim::test;

namespace {

constexpr const char* kDevices[] = {"xe_guc",  "mali_csf", "nv_host", "nv_tegra",
                                    "amd_mes", "amd_hws",  "pvr",     "ivpu_hws"};
constexpr const char* kComponents[] = {"drm_dep", "drm_sched", "jobqueue"};

/// Queues that stay, that come and go, and of another level, more of them than any preset has slots, on one engine.
[[nodiscard]] std::string crowd_on(const std::string& device) {
  const std::string engine = device == "ivpu_hws" ? "engine = \"ccs\"\n" : "engine = \"rcs\"\n";
  return "use.device = \"" + device + "\"\n" +
         client_text("busy", "loop",
                     engine + "clones = 9\nwork_us = [100, 900]\njobs_per_cycle = 2\ncycles = 2\npriority = 2\n") +
         client_text("short", "churn", engine + "clones = 2\nwork_us = [5, 50]\njobs_per_cycle = 2\ncycles = 2\n") +
         client_text("urgent", "loop", engine + "work_us = 20\ncycles = 4\nwait_us = 300\npriority = 0\n");
}
constexpr std::size_t kCrowd = 9 * 4 + 2 * 4 + 4;

}  // namespace

TEST_CASE("presets: each does its jobs, with each component that it can have", "[presets]") {
  for (const std::string device : kDevices) {
    for (const std::string component : {"drm_dep", "drm_sched", "jobqueue", "direct"}) {
      // Messages tell those two of work, and on the third one the driver gives slots for the jobs that it hands over.
      if (component == "direct" && (device == "xe_guc" || device == "pvr" || device == "mali_csf")) continue;
      CAPTURE(device, component);
      const Outcome outcome = run_to_end(crowd_on(device), component);
      CHECK(outcome.failed() == 0);
      CHECK(outcome.recording.jobs().size() == kCrowd);
      CHECK(outcome.count<trace::engine_reset>() + outcome.count<trace::device_reset_begin>() == 0);
      const bool has_slots = device == "mali_csf" || device == "amd_mes";
      CHECK((outcome.count<trace::slot_evict>() > 0) == has_slots);
    }
  }
}

TEST_CASE("presets: each survives some hundred seeds with each component", "[presets][explore]") {
  for (const std::string device : kDevices) {
    for (const std::string component : kComponents) {
      const system::Explorer explorer{spec_of(crowd_on(device), {"scheduler.component=" + component})};
      CAPTURE(device, component);
      REQUIRE(explorer.undisturbed().survived());
      std::set<std::uint64_t> hashes;
      for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const system::ExploredRun run = explorer.run_seed(seed);
        CAPTURE(seed, run.text);
        CHECK(run.survived());
        hashes.insert(run.trace_hash);
      }
      CHECK(hashes.size() > 150);
    }
  }
}
