// SPDX-License-Identifier: MIT
// Explorations of a machine with a planted bug: a race is found, made small, and seen again; what is reported tells the
// culprits.
#include <cstddef>
#include <cstdint>
#include <string>

#include "sim/scenario/loader.h"
#include "sim/system/explorer.h"
#include "tests/mutants/mutation.h"
#include "tests/support/catch.h"

using namespace gpusim;
using system::ExploredRun;
using system::Explorer;

namespace {

scenario::ScenarioSpec load(const std::string& name) {
  const scenario::LoadResult loaded =
      scenario::load_scenario(GPUSIM_SOURCE_DIR "/configs/explore/" + name + ".toml", {});
  REQUIRE(loaded.ok());
  return *loaded.spec;
}

std::uint64_t first_failure(const Explorer& explorer, std::uint64_t seeds) {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    if (!explorer.run_seed(seed).survived()) return seed;
  }
  return seeds;
}

}  // namespace

TEST_CASE("a race is found, made small, and seen again by its schedule alone", "[explore][mutation]") {
  const scenario::ScenarioSpec spec = load("queues");
  Schedule schedule;
  std::uint64_t hash = 0;
  {
    const ScopedMutation active{Mutation::fence_wait_looks_first};
    const Explorer explorer{spec};
    CHECK(explorer.undisturbed().survived());
    const std::uint64_t seed = first_failure(explorer, 2'000);
    REQUIRE(seed < 2'000);
    const ExploredRun found = explorer.run_seed(seed);
    const system::MinimisedRun small = explorer.minimise(found);
    CHECK(found.oracle == "stall");
    CHECK(small.run.oracle == "stall");
    CHECK(small.run.text.find("waits for") != std::string::npos);
    CHECK(small.run.schedule.size() < found.schedule.size());
    CHECK(small.run.schedule.size() <= 10);
    CHECK_FALSE(small.run.schedule.empty());
    schedule = small.run.schedule;
    hash = small.run.trace_hash;
    // Nothing of it can go.
    for (std::size_t i = 0; i < schedule.size(); ++i) {
      Schedule less = schedule;
      less.erase(less.begin() + static_cast<std::ptrdiff_t>(i));
      CHECK(explorer.run_schedule(less).oracle != "stall");
    }
    CHECK(explorer.run_schedule(schedule).trace_hash == hash);
  }
  CHECK(Explorer{spec}.run_schedule(schedule).survived());
}

TEST_CASE("minimising gives up when it is told to, with what it has", "[explore][mutation]") {
  const ScopedMutation active{Mutation::fence_wait_looks_first};
  const Explorer explorer{load("queues")};
  const ExploredRun found = explorer.run_seed(first_failure(explorer, 2'000));
  const system::MinimisedRun small = explorer.minimise(found, [] { return true; });
  CHECK(small.tries == 0);
  CHECK(small.run.schedule == found.schedule);
}

TEST_CASE("a released object that is touched is reported with both contexts and times", "[explore][mutation]") {
  const ScopedMutation active{Mutation::sched_double_put};
  const ExploredRun run = Explorer{load("teardown")}.undisturbed();
  CHECK(run.oracle == "use_after_free");
  CAPTURE(run.text);
  CHECK(run.text.starts_with("use_after_free: job "));
  CHECK(run.text.find(" is touched by ") != std::string::npos);
  CHECK(run.text.find(" in drm_dep_job_put; it was released by ") != std::string::npos);
}

TEST_CASE("a stall of the kernel's own threads is one, though all clients are done", "[explore][mutation]") {
  // Two callers that end an entity wait for one completion.
  const ScopedMutation active{Mutation::drm_idle_completed_once};
  scenario::ScenarioSpec spec = load("teardown");
  spec.component = scenario::Component::drm_sched;
  spec.driver.kill_way = drv::KillWay::entity;
  const Explorer explorer{spec};
  std::string text;
  for (std::uint64_t seed = 0; seed < 2'000 && text.empty(); ++seed) {
    const ExploredRun run = explorer.run_seed(seed);
    if (run.oracle == "stall" && run.text.find("client ") == std::string::npos) text = run.text;
  }
  CAPTURE(text);
  CHECK(text.find("kworker/u:") != std::string::npos);
  CHECK(text.find(" waits for ") != std::string::npos);
}
