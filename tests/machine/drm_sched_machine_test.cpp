// SPDX-License-Identifier: MIT
// The whole machine with drm_sched in drm_dep's place: the same workloads mean the same, all oracles keep silent,
// nothing outlives its users.
#include <map>
#include <string>
#include <vector>

#include "base/invariant.h"
#include "sim/system/simulation.h"
#include "tests/support/catch.h"
#include "tests/support/machine/scenarios.h"
#include "tests/support/machine/wsim_meaning.h"

using namespace gpusim;
using namespace gpusim::test;
using trace::EventKind;

namespace {

scenario::ScenarioSpec on_drm_sched() {
  scenario::ScenarioSpec spec = costly_scenario();
  spec.component = scenario::Component::drm_sched;
  return spec;
}

scenario::ScenarioSpec busy() {
  scenario::ScenarioSpec spec = test::busy_scenario();
  spec.component = scenario::Component::drm_sched;
  return spec;
}

}  // namespace

TEST_CASE("descriptors mean the same on drm_sched", "[drm_sched]") {
  CHECK(check_folder(own_workloads(), on_drm_sched()) >= 15);
  if (check_folder(GPUSIM_SHARED_WSIM, on_drm_sched()) == 0) WARN("no descriptors in " << GPUSIM_SHARED_WSIM);
}

TEST_CASE("all oracles keep silent on drm_sched, and two runs are the same", "[drm_sched]") {
  {
    system::Simulation simulation{busy()};  // with its oracles
    CHECK(simulation.run().outcome == system::Outcome::finished);
  }
  const Recording first = run(busy());
  CHECK(run(busy()).hash == first.hash);
  CHECK(first.of_kind(EventKind::job_released).size() == first.jobs().size());
  CHECK_FALSE(first.of_kind(EventKind::credit_blocked).empty());
  for (const auto& event : first.all<trace::credit_returned>()) CHECK(event.in_flight <= 4);
}

TEST_CASE("with one entity a scheduler the policy changes nothing but locks", "[drm_sched]") {
  const auto hash = [](sched::drm::Policy policy, Picoseconds lock) {
    scenario::ScenarioSpec spec = busy();
    spec.policy = policy;
    spec.host.spinlock_op = Cost{lock};
    const Recording recording = run(spec);
    REQUIRE(recording.result.outcome == system::Outcome::finished);
    return recording.hash;
  };
  using enum sched::drm::Policy;
  CHECK(hash(rr, Picoseconds{0}) == hash(fifo, Picoseconds{0}));
  CHECK(hash(fair, Picoseconds{0}) == hash(fifo, Picoseconds{0}));
  CHECK(hash(single_entity, Picoseconds{0}) == hash(fifo, Picoseconds{0}));
  CHECK(hash(rr, ns(20)) == hash(fifo, ns(20)));
  CHECK(hash(fair, ns(20)) != hash(fifo, ns(20)));
  CHECK(hash(single_entity, ns(20)) != hash(fifo, ns(20)));
}

TEST_CASE("drm_sched's bypass: callers run their jobs, and no rule is broken", "[drm_sched][bypass]") {
  scenario::ScenarioSpec spec = busy();
  spec.dep.bypass = true;
  const Recording recording = run(spec);
  REQUIRE(recording.result.outcome == system::Outcome::finished);
  std::map<std::uint64_t, std::uint32_t> caller;
  std::size_t by_caller = 0;
  for (const trace::Event& event : recording.events) {
    if (event.kind == EventKind::exec_begin) caller[event.job] = event.thread;
    if (event.kind == EventKind::drm_sched_job_run && event.thread == caller.at(event.job)) ++by_caller;
  }
  CHECK(by_caller > 0);
}
