// SPDX-License-Identifier: MIT
// Which names of queues an expectation may have, before the run.
#include "sim/scenario/queue_names.h"

#include <algorithm>
#include <filesystem>
#include <string>

#include "sim/scenario/loader.h"
#include "sim/system/simulation.h"
#include "tests/support/catch.h"
#include "tests/support/machine/scenarios.h"

namespace fs = std::filesystem;
using namespace gpusim;

TEST_CASE("every queue that a scenario creates has a name that it may have", "[asked]") {
  for (const char* folder : {"scenarios", "workloads", "explore", "explore/long"}) {
    for (const fs::directory_entry& entry : fs::directory_iterator{fs::path{GPUSIM_SOURCE_DIR} / "configs" / folder}) {
      if (entry.is_directory()) continue;
      const std::string file = entry.path().string();
      CAPTURE(file);
      const scenario::LoadResult loaded = scenario::load_file(file, {});
      REQUIRE(loaded.ok());
      scenario::ScenarioSpec spec = *loaded.spec;
      spec.stop_after = std::min(spec.stop_after.value_or(ms(3)), ms(3));
      system::Simulation simulation{spec};
      (void)simulation.run();
      const auto& queues = simulation.names().queues;
      for (std::size_t i = 1; i < queues.size(); ++i) {
        CAPTURE(queues[i].name);
        CHECK(scenario::may_have_queue(spec, queues[i].name));
        CHECK_FALSE(scenario::may_have_queue(spec, queues[i].name + "x"));
      }
    }
  }
}

TEST_CASE("queues are those of a client, of its clones and of its kind of workload", "[asked]") {
  const scenario::ScenarioSpec spec = test::spec_of(
      "[[client]]\nname = \"a\"\nworkload = \"churn\"\nwork_us = 10\ncycles = 12\n"
      "[[client]]\nname = \"b\"\nworkload = \"fan\"\nsource_us = 1\nbranch_us = 1\nsink_us = 1\nwidth = 2\nclones = 3\n"
      "[[client]]\nname = \"c-d\"\nworkload = \"loop\"\nwork_us = 10\n");
  for (const char* name : {"a.q0", "a.q11", "b.0.ends", "b.2.branch1", "c-d.jobs"}) {
    CAPTURE(name);
    CHECK(scenario::may_have_queue(spec, name));
  }
  for (const char* name : {"a.q12", "a.q01", "a.q", "a.jobs", "b.ends", "b.3.ends", "b.0.branch2", "b.00.ends",
                           "c.jobs", "c-d.job", "c-d", "rcs0.ring", ""}) {
    CAPTURE(name);
    CHECK_FALSE(scenario::may_have_queue(spec, name));
  }
  CHECK(scenario::queue_names(spec) ==
        std::vector<std::string>{"a.q0", "b.0.ends", "b.0.branch0", "b.0.branch1", "c-d.jobs"});
}
