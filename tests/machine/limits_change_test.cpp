// SPDX-License-Identifier: MIT
// Quantum and preempt timeout of a queue that change at run time: when they take effect, to the picosecond. Messages
// take no time here, so that a change at T is one at T.
#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/machine/any_component.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;
using test::kRender;

namespace {

constexpr Picoseconds kBefore = us(100);

workload::LoopSpec one_long_job(Picoseconds work) {
  workload::LoopSpec loop;
  loop.placement = kRender;
  loop.work = test::fixed(work);
  return loop;
}

/// Submits a job of `work` at 0, and another one at `at`, before which its limits change.
workload::LoopSpec changing(Picoseconds work, Picoseconds at, Picoseconds quantum, Picoseconds timeout) {
  workload::LoopSpec loop = one_long_job(work);
  loop.sync = false;
  loop.cycles = 2;
  loop.wait = test::fixed(at);
  loop.limits_cycle = 2;
  loop.changed_quantum = quantum;
  loop.changed_preempt_timeout = timeout;
  return loop;
}

/// The lengths of the pieces that the client's jobs were cut into, without the last one of each job.
std::vector<Picoseconds> cuts_of(const test::Recording& recording, const std::string& queue) {
  std::vector<Picoseconds> pieces;
  JobId job;
  Picoseconds before{0};
  for (const auto& cut : recording.all<trace::job_preempted>()) {
    if (recording.names.queues[cut.queue.value()].name != queue) continue;
    pieces.push_back(cut.job == job ? cut.done - before : cut.done);
    job = cut.job;
    before = cut.done;
  }
  return pieces;
}

scenario::ScenarioSpec sharing(const workload::LoopSpec& first, Picoseconds quantum) {
  scenario::ScenarioSpec spec = test::ideal_scenario();
  spec.device.firmware.core = GENERATE(hw::FirmwareCoreKind::native, hw::FirmwareCoreKind::rv32);
  spec.device.descriptor.quantum_ps = static_cast<std::uint64_t>(quantum.count());
  spec.device.descriptor.outer_quantum = 1;
  spec.clients = {test::client("a", first), test::client("b", one_long_job(us(1'000)))};
  return spec;
}

}  // namespace

TEST_CASE("a changed quantum is that of the slice under way, from its begin, and of those behind it",
          "[queue_limits]") {
  const auto policy = GENERATE(abi::RunPolicy::round_robin, abi::RunPolicy::list_walk);
  const auto component = GENERATE(scenario::Component::drm_dep, scenario::Component::direct);
  const Picoseconds at = us(30);
  for (const std::int64_t quantum : {7, 29, 30, 31, 99, 150, 400}) {
    scenario::ScenarioSpec spec = sharing(changing(us(1'000), at, us(quantum), us(0)), kBefore);
    spec.component = component;
    spec.device.descriptor.policy = policy;
    CAPTURE(policy, component, quantum);
    // What is over already ends at once.
    const std::vector<Picoseconds> cuts = cuts_of(test::run(spec), "a.jobs");
    REQUIRE(cuts.size() > 1);
    CHECK(cuts[0] == std::max(at, us(quantum)));
    CHECK(cuts[1] == us(quantum));
  }
}

TEST_CASE("a quantum that is changed while its queue waits is that of its next slice", "[queue_limits]") {
  const std::vector<Picoseconds> cuts =
      cuts_of(test::run(sharing(changing(us(300), us(150), us(40), us(0)), kBefore)), "a.jobs");
  REQUIRE(cuts.size() > 5);
  CHECK(std::vector(cuts.begin(), cuts.begin() + 5) == std::vector{us(100), us(40), us(40), us(40), us(40)});
}

TEST_CASE("a slice without an end gets one by a change, and one that is changed to 0 has the device's",
          "[queue_limits]") {
  for (const std::int64_t quantum : {20, 100}) {
    CAPTURE(quantum);
    const auto cuts = cuts_of(test::run(sharing(changing(us(1'000), us(30), us(quantum), us(0)), us(0))), "a.jobs");
    // The other one has no quantum: what is left comes behind it, alone.
    CHECK(cuts == std::vector{std::max(us(30), us(quantum))});
  }
  scenario::ScenarioSpec spec = sharing(changing(us(1'000), us(30), us(0), us(0)), us(60));
  spec.clients[0].queues.quantum = kBefore;
  const auto cuts = cuts_of(test::run(spec), "a.jobs");
  REQUIRE(cuts.size() > 1);
  CHECK(cuts[0] == us(60));
  CHECK(cuts[1] == us(60));
}

TEST_CASE("limits that change before the first job are said with the queue's registration", "[queue_limits]") {
  workload::LoopSpec loop = changing(us(300), us(0), us(50), us(0));
  loop.cycles = loop.limits_cycle = 1;
  CHECK(cuts_of(test::run(sharing(loop, kBefore)), "a.jobs") == std::vector<Picoseconds>(5, us(50)));
}

TEST_CASE("a changed preempt timeout is that of the order under way, from its begin, and of later ones",
          "[queue_limits]") {
  // The hog is asked to leave at 10 ms. Changed at 5 ms: so long afterwards. At 15 ms: the same, if that is not over.
  const Picoseconds at = GENERATE(ms(5), ms(15), ms(25));
  const Picoseconds changed = GENERATE(us(0), ms(3), ms(7), ms(13));
  const Picoseconds of_device = ms(12);
  CAPTURE(at.count(), changed.count());
  scenario::ScenarioSpec spec = sharing(changing(ms(45), at, ms(10), changed), ms(10));
  spec.device.descriptor.preempt_timeout_ps = static_cast<std::uint64_t>(of_device.count());
  spec.clients[0].queues.preemption = workload::Preemptible::nowhere;
  const auto resets = test::run(spec).all<trace::engine_reset>();
  REQUIRE(resets.size() == 1);
  const SimTime asked{ms(10)};
  const SimTime before = asked + of_device;
  const SimTime after = std::max(asked + (changed.count() == 0 ? of_device : changed), SimTime{at});
  CHECK(resets[0].time == (SimTime{at} < before ? after : before));
}

TEST_CASE("limits that have changed are still those of a queue behind a reset of the device", "[queue_limits]") {
  scenario::ScenarioSpec spec = sharing(changing(us(1'000), us(30), us(50), us(0)), kBefore);
  spec.fault.reset = us(160);  // `b` has the engine, and is to blame
  const std::vector<Picoseconds> cuts = cuts_of(test::run(spec), "a.jobs");
  REQUIRE(!cuts.empty());
  CHECK(std::all_of(cuts.begin(), cuts.end(), [](Picoseconds piece) { return piece == us(50); }));
}

TEST_CASE("a change of limits whose message is lost changes nothing", "[queue_limits]") {
  scenario::ScenarioSpec spec = sharing(changing(us(250), us(30), us(40), us(0)), kBefore);
  spec.fault.dropped_message = 3;  // behind two registrations
  // The slice in which the first job ends goes on with the second one.
  CHECK(cuts_of(test::run(spec), "a.jobs") == std::vector{us(100), us(100), us(50), us(100)});
}
