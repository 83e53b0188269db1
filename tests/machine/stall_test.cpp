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
