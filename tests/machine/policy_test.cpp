// SPDX-License-Identifier: MIT
// Policies of the firmware on whole machines: what they do in time, and whether all rules hold under each of them.
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "sim/experiment/measurement.h"
#include "sim/scenario/loader.h"
#include "sim/system/explorer.h"
#include "tests/support/catch.h"
#include "tests/support/machine/outcome.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;
using test::loop_text;
using test::run_to_end;

namespace {

const std::vector<std::vector<std::string>> kPolicies{
    {"device.firmware.policy=round_robin", "device.slots=3"},
    {"device.firmware.policy=tick_rotation", "device.slots=3", "device.firmware.tick_us=500"},
    {"device.firmware.policy=list_walk", "device.slots=0", "device.quantum_us=100"},
};

}  // namespace

TEST_CASE("under each policy all jobs of more clients than slots end, and no oracle speaks", "[policy]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  const std::string text = loop_text("low", "clones = 5\nwork_us = [200, 900]\ncycles = 8\npriority = 2\n") +
                           loop_text("high", "clones = 2\nwork_us = [50, 300]\ncycles = 20\npriority = 1\n");
  for (const std::vector<std::string>& policy : kPolicies) {
    for (int seed = 1; seed <= 100; ++seed) {
      std::vector<std::string> sets = policy;
      sets.push_back("seed=" + std::to_string(seed));
      CAPTURE(component, policy.front(), seed);
      CHECK(run_to_end(text, component, sets).failed() == 0);
    }
  }
}

TEST_CASE("list_walk gives turns to processes, whoever submits for them", "[policy]") {
  const std::string component = GENERATE("drm_dep", "drm_sched", "jobqueue", "direct");
  CAPTURE(component);
  const std::string text =
      "[device.engines.rcs]\ncount = 1\n[stop]\nafter_ms = 400\n[[client]]\nname = \"many\"\n"
      "workload = \"fan\"\nends_engine = \"rcs\"\nmiddle_engine = \"rcs\"\nsource_us = 1\n"
      "branch_us = 1000000\nsink_us = 1\nwidth = 9\n" +
      loop_text("one", "work_ms = 1000\n");
  scenario::LoadOptions options;
  options.sets = {"device.firmware.policy=list_walk", "scheduler.component=" + component};
  const auto loaded = scenario::load_scenario_text(text, "x.toml", options);
  REQUIRE(loaded.ok());
  // Nine queues of one process and one of another: 90 to 10, and 61 %, if each of them were a process.
  CHECK(experiment::measure(*loaded.spec).find("fairness_engine").value() > 99'000);
}

TEST_CASE("under each of the other policies each scenario to explore survives some hundred seeds", "[policy]") {
  for (const auto& file : test::shipped_files("explore")) {
    for (const bool rotates : {true, false}) {
      CAPTURE(file.string(), rotates);
      scenario::ScenarioSpec spec = test::load_spec(file);
      abi::DeviceDescriptor& device = spec.device.descriptor;
      device.policy = rotates ? abi::RunPolicy::tick_rotation : abi::RunPolicy::list_walk;
      device.slots = rotates ? 2 : 0;
      device.tick_ps = static_cast<std::uint64_t>(us(30).count());
      device.quantum_ps = static_cast<std::uint64_t>(us(15).count());
      device.outer_quantum = 2;
      const system::Explorer explorer{spec};
      REQUIRE(explorer.undisturbed().survived());
      std::set<std::uint64_t> hashes;
      for (std::uint64_t seed = 0; seed < 300; ++seed) {
        const system::ExploredRun run = explorer.run_seed(seed);
        CAPTURE(seed, run.text);
        CHECK(run.survived());
        hashes.insert(run.trace_hash);
      }
      CHECK(hashes.size() > 200);
    }
  }
}

TEST_CASE("a parameter that a policy does not have is refused or noticed, with the reason", "[policy]") {
  const auto first_problem = [](const std::string& device) {
    const auto loaded = scenario::load_scenario_text(loop_text("a", "work_us = 1\ncycles = 1\n") + device, "a.toml");
    return loaded.problems.empty() ? std::string{} : loaded.problems.front().to_string();
  };
  CHECK(first_problem("[device]\nslots = 2\n[device.firmware]\npolicy = \"list_walk\"\n").find("does not have") !=
        std::string::npos);
  CHECK(first_problem("[device.firmware]\npolicy = \"tick_rotation\"\nouter_quantum = 3\n[device]\nslots = 2\n")
            .find("the other policies have none") != std::string::npos);
  CHECK(first_problem("[device.firmware]\nouter_quantum = 3\n") ==
        "a.toml:8:17: error: device.firmware.outer_quantum is of the processes that device.firmware.policy = "
        "\"list_walk\" goes through: the other policies have none");
  CHECK(first_problem("[device.firmware]\npolicy = \"list_walk\"\nouter_quantum = 0\n").find("1..1000000") !=
        std::string::npos);
  CHECK(first_problem("[device.firmware]\npolicy = \"list_walk\"\nouter_quantum = 3\n").empty());
  CHECK(first_problem("[device]\nslots = 0\n[device.firmware]\npolicy = \"tick_rotation\"\n").find("rotates slots") !=
        std::string::npos);
  CHECK(first_problem("[device]\nslots = 2\n[device.firmware]\npolicy = \"tick_rotation\"\n").empty());
}
