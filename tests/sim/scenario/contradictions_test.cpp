// SPDX-License-Identifier: MIT
// Combinations of options that no model has: each is refused, at the value written last, with the reason.
#include <string>
#include <vector>

#include "sim/scenario/loader.h"
#include "tests/sim/scenario/loading.h"
#include "tests/support/catch.h"

using namespace gpusim::scenario;
using gpusim::test::kClient;

namespace {

struct Refusal {
  std::vector<std::string> sets;
  std::string place;
  std::string reason;  // how it begins
};

}  // namespace

TEST_CASE("what a component or a driver does not have is refused with the reason", "[scenario]") {
  const std::string counter = "scheduler.jobqueue=counter";
  const std::string jobqueue = "scheduler.component=jobqueue";
  const std::string drm_sched = "scheduler.component=drm_sched";
  const std::string terminate = "driver.kill_way=terminate";
  const auto [sets, place, reason] = GENERATE_COPY(values<Refusal>({
      {{drm_sched, "driver.stop_way=resubmit"},
       "--set:2",
       "driver.stop_way = \"resubmit\" is for shared rings: of its own one a queue knows what has begun"},
      {{drm_sched, "driver.kill_way=entity", "driver.rings=shared", "driver.kill_way=drain"},
       "--set:4",
       "driver.rings = \"shared\" needs driver.kill_way = \"entity\": the ring and its timeout are others', too"},
      {{drm_sched, "driver.kill_way=entity", "driver.rings=shared", "driver.stop_way=scheduler"},
       "--set:4",
       "driver.stop_way = \"scheduler\" is for rings of a queue's own; with shared ones: workers or resubmit"},
      {{drm_sched, "driver.kill_way=entity", "driver.rings=shared", "scheduler.bypass=true"},
       "--set:4",
       "scheduler.bypass is for a scheduler with one queue, but driver.rings is shared"},
      {{drm_sched, "driver.kill_way=entity", "driver.rings=shared", "scheduler.orchestrator.slots=1"},
       "--set:4",
       "scheduler.orchestrator is for queues with a scheduler of their own: where driver.rings is shared"},
      {{"scheduler.orchestrator.slots=1", "scheduler.orchestrator.quantum_us=0", "scheduler.orchestrator.batch=0"},
       "--set:3",
       "scheduler.orchestrator.batch and quantum are both 0: a queue that always has jobs on the hardware would"},
      {{jobqueue, counter, "driver.kill_way=drain"},
       "--set:3",
       "scheduler.jobqueue = \"counter\" needs driver.kill_way = \"terminate\": it has no timeout by which"},
      {{jobqueue, counter, terminate, "fault.reset_us=3"},
       "--set:4",
       "fault.reset: a device reset stops and starts queues, which scheduler.jobqueue = \"counter\" does not have"},
      {{jobqueue, "scheduler.coalescing=inline"},
       "--set:2",
       "scheduler.coalescing = \"inline\" needs driver.irq_path = \"threaded\": a tick may sleep"},
      {{drm_sched, terminate, "driver.timeout_clock=in_stage"},
       "--set:3",
       "driver.timeout_clock = \"in_stage\" needs scheduler.component = \"jobqueue\" with scheduler.jobqueue = "
       "\"pipeline\": no other component has stages of the driver"},
      {{jobqueue, counter, terminate, "driver.timeout_clock=in_stage"},
       "--set:4",
       "driver.timeout_clock = \"in_stage\" needs scheduler.component = \"jobqueue\" with scheduler.jobqueue = "},
      {{jobqueue, "driver.timeout_clock=in_stage"},
       "--set:2",
       "driver.timeout_clock = \"in_stage\" needs driver.kill_way = \"terminate\": a job whose time is over costs"},
  }));
  CAPTURE(sets, reason);
  const LoadResult result = load_scenario_text(kClient, "x.toml", {.sets = sets});
  CHECK_FALSE(result.ok());
  std::vector<std::string> lines;
  for (const Problem& problem : result.problems) lines.push_back(problem.to_string());
  CAPTURE(lines);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with(place + ":"));
  CHECK(lines[0].find("error: " + reason) != std::string::npos);
}

TEST_CASE("a gang is refused where rings are not shared, with the reason", "[scenario]") {
  const LoadResult result = load_scenario_text(
      "[[client]]\nname = \"c\"\nworkload = \"steps\"\nprogram = \"\"\"\nsubmit bcs 1\ngang vcs 1 rcs 1\n\"\"\"\n",
      "x.toml", {});
  REQUIRE(result.problems.size() == 1);
  CHECK(result.problems[0].to_string() ==
        "x.toml:4:11: error: step 1: a gang needs driver.rings = \"shared\", as amdgpu's kernel rings are: of rings of "
        "a queue's own the firmware chooses which go to the engines");
}

TEST_CASE("dont-pipeline is refused where rings are not shared, with the reason", "[scenario]") {
  const LoadResult result = load_scenario_text(
      "[[client]]\nname = \"c\"\nworkload = \"steps\"\nprogram = \"submit bcs 1 dont-pipeline\"\n", "x.toml", {});
  REQUIRE(result.problems.size() == 1);
  CHECK(result.problems[0].to_string() ==
        "x.toml:4:11: error: step 0: dont-pipeline needs driver.rings = \"shared\": jobs of queues with schedulers of "
        "their own wait for each other's end in any case");
}
