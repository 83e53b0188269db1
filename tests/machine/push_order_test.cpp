// SPDX-License-Identifier: MIT
// What a caller has not paid for has not happened: no component lets anybody see a job before its push has got there.
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/machine/outcome.h"

using namespace gpusim;
using namespace gpusim::test;

TEST_CASE("a job is in its queue when its caller has paid for arm and push, in every component", "[timing]") {
  struct Way {
    const char* component;
    std::vector<std::string> sets;
  };
  const Way way =
      GENERATE(Way{"drm_dep", {}}, Way{"drm_dep", {"scheduler.bypass=true"}}, Way{"drm_sched", {}},
               Way{"drm_sched", {"scheduler.bypass=true"}}, Way{"drm_sched", {"scheduler.policy=single_entity"}},
               Way{"drm_sched", {"scheduler.kernel=linux_6_18"}}, Way{"drm_sched", {"use.driver=amdgpu_ring"}},
               Way{"jobqueue", {}}, Way{"jobqueue", {"scheduler.jobqueue=counter", "driver.kill_way=terminate"}});
  CAPTURE(way.component, way.sets);
  std::vector<std::string> sets = way.sets;
  sets.insert(sets.end(), {"scheduler.arm_us=100", "scheduler.push_us=1000"});
  const Outcome outcome = run_to_end(loop_text("app", "work_us = 10\ncycles = 2\n"), way.component, sets);
  const auto begun = outcome.recording.all<trace::exec_begin>();
  const auto queued = outcome.recording.all<trace::drm_sched_job_queue>();
  const auto run = outcome.recording.all<trace::drm_sched_job_run>();
  REQUIRE(begun.size() == 2);
  REQUIRE(queued.size() == 2);
  REQUIRE(run.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(queued[i].time >= begun[i].time + us(1'100));
    CHECK(run[i].time >= queued[i].time);
  }
}
