// SPDX-License-Identifier: MIT
// The run time of a job that a driver reads from its context: it counts what the job has had of engines, and no more.
#include <string>
#include <vector>

#include "base/errno.h"
#include "tests/support/catch.h"
#include "tests/support/machine/outcome.h"

using namespace gpusim;
using test::bans;
using test::Outcome;
using test::run_to_end;

TEST_CASE("a job that begins with the simulation ages like any other", "[recovery]") {
  scenario::ScenarioSpec spec = test::ideal_scenario();
  spec.component = GENERATE(scenario::Component::drm_dep, scenario::Component::drm_sched);
  CAPTURE(spec.component);
  spec.job_timeout = ms(100);
  spec.clients = {test::client("app", test::wsim_workload("1.RCS.*.0.1\n", 1))};
  const test::Recording recording = test::run(spec);
  REQUIRE(recording.all<trace::job_start>().at(0).time == SimTime{});
  CHECK(bans(recording) == std::vector{SimTime{ms(100)}});
}

TEST_CASE("the run time of a job whose engine has been reset stands still: xe finds it stuck at the second look",
          "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  CAPTURE(component);
  const std::string text =
      "[[client]]\nname = \"hang\"\nworkload = \"loop\"\nengine = \"rcs\"\nwork_us = 1000\ncycles = 2\n"
      "[[client]]\nname = \"other\"\nworkload = \"loop\"\nengine = \"rcs\"\nwork_us = 1000\ncycles = 5\nstart_ms = "
      "10\n";
  // "other" wants the engine; the firmware resets it after the preempt timeout of 640 ms, and its notification is lost.
  const Outcome outcome = run_to_end(
      text, component, {"use.device=xe_guc", "use.driver=xe_like", "fault.hung_job=1", "fault.dropped_reply=1"});
  CHECK(outcome.errors.at("other") == std::vector<Errno>(5, Errno::ok));
  CHECK(outcome.count<trace::engine_reset>() == 1);
  // The timeout of 5 s is 5.12 s on the timer wheel; at the first look it has run for 0.65 s.
  const std::vector<SimTime> banned = bans(outcome.recording);
  REQUIRE(banned.size() == 1);
  CHECK((banned[0] > SimTime{ms(10'240)} && banned[0] < SimTime{ms(10'250)}));
}
