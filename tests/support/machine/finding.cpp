// SPDX-License-Identifier: MIT
#include "tests/support/machine/finding.h"

#include "base/invariant.h"

namespace gpusim::test {

Finding find_in(const scenario::ScenarioSpec& spec) {
  Finding finding;
  try {
    system::Simulation simulation{spec};
    const system::RunResult result = simulation.run();
    finding.outcome = result.outcome;
    finding.text = result.stall_report;
  } catch (const InvariantViolation& violation) {
    finding.oracle = violation.oracle();
    finding.text = violation.what();
  }
  return finding;
}

}  // namespace gpusim::test
