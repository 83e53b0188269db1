// SPDX-License-Identifier: MIT
// Every fault with every component: it strikes, or the scenario is refused with the reason, or a note says that its
// moment never came. Nothing is silent.
#include <algorithm>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "sim/fault/aimed_kinds.h"
#include "sim/scenario/loader.h"
#include "sim/scenario/possible_faults.h"
#include "sim/system/simulation.h"
#include "tests/support/catch.h"
#include "tests/support/configs.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;

namespace {

// Two clients on one engine, of which the first hangs once; there is a fence of the kernel, and a queue is closed.
const std::string kEventful = R"(
[share]
timelines = "t"
[device]
preempt_timeout_us = 300
quantum_us = 200
[[client]]
name = "a"
workload = "steps"
program = """
submit rcs 100 signal t:1
submit rcs 100 signal t:2
wait t:2
submit rcs 2000 signal t:3
close
"""
[[client]]
name = "b"
workload = "loop"
engine = "rcs"
work_us = 100
cycles = 20
)";

struct FaultSide {
  std::string name;
  std::vector<std::string> sets;
};

const std::vector<FaultSide>& fault_sides() {
  static const std::vector<FaultSide> all{
      {"drm_dep", {"scheduler.component=drm_dep"}},
      {"drm_sched", {"scheduler.component=drm_sched"}},
      {"v3d", {"use.driver=v3d"}},
      {"amdgpu_ring", {"use.driver=amdgpu_ring"}},
      {"counter", {"scheduler.component=jobqueue", "scheduler.jobqueue=counter", "driver.kill_way=terminate"}},
      {"pipeline", {"scheduler.component=jobqueue", "scheduler.jobqueue=pipeline"}},
      {"polled", {"scheduler.component=direct", "scheduler.direct.wait=poll"}},
      {"direct", {"scheduler.component=direct", "scheduler.direct.wait=interrupt"}},
  };
  return all;
}

/// What asks for the first of a kind; the scenario's text, or values for it.
struct FaultRequest {
  std::string text;
  std::vector<std::string> sets;
};

FaultRequest request_for(fault::Kind kind) {
  const std::string name = explored(kind).place.name();
  if (fault::aimed_kind(kind) != nullptr) return {"[[faults]]\nkind = \"" + name + "\"\n", {}};
  const std::string when = "fault." + name + "_us=600";
  if (kind == fault::Kind::kill) return {"", {when, "fault.kill_client=a"}};
  return {"", {when}};
}

scenario::LoadResult load_with(const FaultSide& machine, const FaultRequest& request) {
  std::vector<std::string> sets = machine.sets;
  sets.insert(sets.end(), request.sets.begin(), request.sets.end());
  // What never ends otherwise: a fault may take away what is waited for.
  sets.emplace_back("stop.after_ms=20");
  return scenario::load_scenario_text(kEventful + request.text, "x.toml",
                                      {.sets = sets, .seed = {}, .config_dir = test::kConfigs});
}

bool is_noted(const std::vector<std::string>& notices, const std::string& name) {
  return std::any_of(notices.begin(), notices.end(), [&](const std::string& line) {
    return line.find(name) != std::string::npos && line.find("did not happen") != std::string::npos;
  });
}

}  // namespace

TEST_CASE("each fault strikes with each component, or is refused, or noted not to have come", "[fault]") {
  const FaultSide& machine = fault_sides().at(GENERATE(range(std::size_t{0}, std::size_t{8})));
  for (const fault::ExploredFault& row : fault::kExploredFaults) {
    const std::string name = row.place.name();
    CAPTURE(machine.name, name);
    const scenario::LoadResult loaded = load_with(machine, request_for(row.kind));
    if (!loaded.ok()) {
      REQUIRE(loaded.problems.size() == 1);
      INFO(loaded.problems[0].to_string());
      CHECK((name == "evict" || name == "torn_doorbell" || (name == "reset" && machine.name == "counter")));
      continue;
    }
    CHECK(why_impossible(row.kind, *loaded.spec).empty());
    system::Simulation simulation{*loaded.spec};
    std::size_t struck = 0;
    const auto count = [](void* object, const trace::Event& /*event*/) { ++*static_cast<std::size_t*>(object); };
    simulation.recorder().attach(trace::EventKind::fault_injected, {&struck, count});
    const std::vector<std::string> notices = simulation.notices(simulation.run());
    CAPTURE(notices);
    CHECK(is_noted(notices, name) == (struck == 0));
  }
}

TEST_CASE("a fault that a component does not have is an error with the reason, at the place written last", "[fault]") {
  const auto refusal = [](const std::vector<std::string>& sets) {
    const scenario::LoadResult loaded = scenario::load_scenario_text(kEventful, "x.toml", {.sets = sets});
    REQUIRE(loaded.problems.size() == 1);
    return loaded.problems[0].to_string();
  };
  const std::string evicted =
      "error: fault.evict: only queues in user mode are evicted, which are there with scheduler.component = \"direct\" "
      "alone";
  CHECK(refusal({"fault.evict_us=100"}) == "--set:1:16: " + evicted);
  CHECK(refusal({"fault.evict_us=100", "scheduler.component=jobqueue"}) == "--set:2:21: " + evicted);
}
