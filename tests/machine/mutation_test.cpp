// SPDX-License-Identifier: MIT
// The model broken on purpose: each planted bug is found by the oracle that was named for it beforehand, which names
// the culprit; and the same scenario passes without the bug.
#include <string>
#include <vector>

#include "base/mutation.h"
#include "tests/support/catch.h"
#include "tests/support/machine/finding.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;
using test::find_in;
using test::Finding;

namespace {

struct Planted {
  Mutation mutation;
  std::string oracle;
  std::string culprit;  ///< must occur in the message
};

}  // namespace

TEST_CASE("each planted bug is found by the oracle named beforehand, and the model without it passes", "[mutation]") {
  const std::vector<Planted> planted{
      {Mutation::sched_double_signal, "fence_signalled_once", "loop.jobs"},
      {Mutation::sched_swap_push, "queue_fifo", "loop.jobs"},
      {Mutation::sched_ignore_dependency, "dependency", "fan"},
      {Mutation::sched_early_credit, "credits", "loop.jobs"},
      {Mutation::sched_missing_put, "reference_counts", "still has 1 reference"},
      {Mutation::driver_no_entry, "stale_ring_entry", "rcs0"},
      {Mutation::engine_skip_entry, "queue_fifo", "loop.jobs"},
      {Mutation::driver_complete_all, "job_lost", "loop.jobs"},
      {Mutation::engine_fence_backwards, "fence_value", "job"},
      {Mutation::engine_short_work, "work_done", "job"},
  };
  const scenario::ScenarioSpec spec = test::busy_scenario();
  const Finding clean = find_in(spec);
  CHECK(clean.oracle.empty());
  CHECK(clean.outcome == system::Outcome::finished);
  for (const Planted& bug : planted) {
    const ScopedMutation active{bug.mutation};
    const Finding finding = find_in(spec);
    CAPTURE(bug.oracle, finding.text);
    CHECK(finding.oracle == bug.oracle);
    CHECK(finding.text.find(bug.culprit) != std::string::npos);
  }
}

TEST_CASE("a driver that does not look for room overruns its ring, and ring_overrun says so", "[mutation]") {
  scenario::ScenarioSpec spec = test::busy_scenario();
  spec.driver.ring_entries = 2;
  spec.driver.credit_limit = 8;  // credits do not protect the ring here
  CHECK(find_in(spec).oracle.empty());
  const ScopedMutation active{Mutation::driver_ignore_full_ring};
  const Finding finding = find_in(spec);
  CAPTURE(finding.text);
  CHECK(finding.oracle == "ring_overrun");
  CHECK(finding.text.find("loop.jobs") != std::string::npos);
}

TEST_CASE("a lost wake-up stalls the model, and the wait-for graph leads to the job that nobody wakes", "[mutation]") {
  const scenario::ScenarioSpec spec = test::busy_scenario();
  const ScopedMutation active{Mutation::sched_lost_wakeup};
  const Finding finding = find_in(spec);
  CAPTURE(finding.text);
  CHECK(finding.outcome == system::Outcome::stalled);
  CHECK(finding.text.find("client fan waits for fence") != std::string::npos);
  CHECK(finding.text.find("its worker was not woken") != std::string::npos);
}

TEST_CASE("a missing barrier loses a submission while the stores stand in the store buffer", "[mutation]") {
  scenario::ScenarioSpec spec = test::busy_scenario();
  spec.host.store_drain.value = ms(500);  // longer than anything here
  CHECK(find_in(spec).outcome == system::Outcome::finished);
  const ScopedMutation active{Mutation::driver_no_barrier};
  const Finding finding = find_in(spec);
  CAPTURE(finding.text);
  CHECK(finding.outcome == system::Outcome::stalled);
  CHECK(finding.text.find("was handed to the device and has not completed") != std::string::npos);
}

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
