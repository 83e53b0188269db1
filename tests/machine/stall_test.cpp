// SPDX-License-Identifier: MIT
// What is reported of a machine in which nothing is left to happen.
#include "tests/support/catch.h"
#include "tests/support/machine/finding.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;
using test::find_in;
using test::Finding;

TEST_CASE("an endless batch that nothing ends is the end of the wait-for graph", "[stall]") {
  scenario::ScenarioSpec spec = test::costly_scenario();
  // An endless batch that nothing terminates.
  spec.clients = {test::client("app", test::wsim_workload("1.RCS.*.0.0\n2.BCS.10.-1.1\n", 1))};
  const Finding finding = find_in(spec);
  CAPTURE(finding.text);
  CHECK(finding.outcome == system::Outcome::stalled);
  CHECK(finding.text.find("waits for a dependency") != std::string::npos);
  CHECK(finding.text.find("was handed to the device and has not completed") != std::string::npos);
}

TEST_CASE("a batch behind one that waits for a software fence: in one queue its waiter waits for ever, in two not",
          "[stall]") {
  scenario::ScenarioSpec spec = test::ideal_scenario();
  spec.component = GENERATE(scenario::Component::drm_dep, scenario::Component::drm_sched);
  CAPTURE(spec.component);
  // The client waits for the second batch, and would signal the fence of the first only then.
  spec.clients = {test::client("app", test::wsim_workload("f\n1.RCS.1000.f-1.0\n1.RCS.1000.0.1\na.-3\n", 1))};
  const Finding one = find_in(spec);
  CAPTURE(one.text);
  CHECK(one.outcome == system::Outcome::stalled);
  CHECK(one.text.find("job 1 waits for a dependency: fence 1:1, a software fence or start mark that nobody has "
                      "signalled") != std::string::npos);
  spec.clients = {test::client("app", test::wsim_workload("f\n1.RCS.1000.f-1.0\n2.RCS.1000.0.1\na.-3\ns.-3\n", 1))};
  const test::Recording two = test::run(spec);
  CHECK(two.result.end == SimTime{ms(2)});
  CHECK(test::spans(two) == test::Texts{"rcs0 1000-2000", "rcs0 0-1000"});
}
