// SPDX-License-Identifier: MIT
// What the queues of a client may have otherwise than the device: quantum, preempt timeout, where jobs can be taken off
// an engine. And what of a switch is the quantum's, and how long a context stays loaded.
#include <cstdint>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/machine/any_component.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;
using test::kRender;

namespace {

void set_quantum(scenario::ScenarioSpec& spec, Picoseconds quantum) {
  spec.device.descriptor.quantum_ps = static_cast<std::uint64_t>(quantum.count());
}

workload::LoopSpec one_job(Picoseconds work) {
  workload::LoopSpec loop;
  loop.placement = kRender;
  loop.work = test::fixed(work);
  return loop;
}

/// What each piece of a job has done when it is cut, in order, by queue.
std::map<std::string, std::vector<Picoseconds>> pieces_of(const test::Recording& recording) {
  std::map<std::string, std::vector<Picoseconds>> pieces;
  std::map<std::string, Picoseconds> before;
  for (const auto& cut : recording.all<trace::job_preempted>()) {
    const std::string& name = recording.names.queues[cut.queue.value()].name;
    pieces[name].push_back(cut.done - before[name]);
    before[name] = cut.done;
  }
  return pieces;
}

}  // namespace

TEST_CASE("two queues share an engine as their quanta are, whatever the device's is", "[queue_limits]") {
  const auto component = GENERATE(scenario::Component::drm_dep, scenario::Component::drm_sched,
                                  scenario::Component::jobqueue, scenario::Component::direct);
  const Picoseconds of_device = GENERATE(us(0), us(70), ms(1));
  CAPTURE(component, of_device.count());
  for (const std::int64_t factor : {1, 2, 3, 10}) {
    CAPTURE(factor);
    scenario::ScenarioSpec spec = test::ideal_scenario();
    spec.component = component;
    set_quantum(spec, of_device);
    spec.clients = {test::client("a", one_job(us(500))), test::client("b", one_job(us(500) * factor))};
    spec.clients[0].queues.quantum = us(100);
    spec.clients[1].queues.quantum = us(100) * factor;
    auto pieces = pieces_of(test::run(spec));
    // Each has five pieces, of which the last ends with the job. Alone, the second is not cut.
    CHECK(pieces["a.jobs"] == std::vector<Picoseconds>(4, us(100)));
    CHECK(pieces["b.jobs"] == std::vector<Picoseconds>(4, us(100) * factor));
  }
}

TEST_CASE("a queue that has no quantum of its own has the device's", "[queue_limits]") {
  scenario::ScenarioSpec spec = test::ideal_scenario();
  set_quantum(spec, us(70));
  spec.clients = {test::client("own", one_job(us(300))), test::client("plain", one_job(us(210)))};
  spec.clients[0].queues.quantum = us(100);
  auto pieces = pieces_of(test::run(spec));
  CHECK(pieces["own.jobs"] == std::vector<Picoseconds>(2, us(100)));
  CHECK(pieces["plain.jobs"] == std::vector<Picoseconds>(2, us(70)));
}

TEST_CASE("a queue loses its engine after its own preempt timeout", "[queue_limits]") {
  const Picoseconds own = GENERATE(us(0), ms(5), ms(19), ms(40));
  CAPTURE(own.count());
  scenario::ScenarioSpec spec = test::ideal_scenario();
  set_quantum(spec, ms(10));
  spec.device.descriptor.preempt_timeout_ps = static_cast<std::uint64_t>(ms(12).count());
  spec.clients = {test::client("hog", one_job(ms(45))), test::client("other", one_job(us(900)))};
  spec.clients[0].queues.preemption = workload::Preemptible::nowhere;
  spec.clients[0].queues.preempt_timeout = own;
  // Not the one who waits, but the one who has the engine is limited.
  spec.clients[1].queues.preempt_timeout = ms(1);
  const test::Recording recording = test::run(spec);
  const auto resets = recording.all<trace::engine_reset>();
  if (own >= ms(35)) {
    CHECK(resets.empty());
    CHECK(recording.result.end == SimTime{ms(45) + us(900)});
    return;
  }
  REQUIRE(resets.size() == 1);
  CHECK(resets[0].time == SimTime{ms(10) + (own.count() == 0 ? ms(12) : own)});
}

TEST_CASE("jobs of any workload are taken off their engine only where they can be", "[queue_limits]") {
  const auto cuts_of = [](workload::Preemptible preemption, const workload::Work& every) {
    scenario::ScenarioSpec spec = test::ideal_scenario();
    set_quantum(spec, us(70));
    workload::LoopSpec loop = one_job(us(1'000));
    loop.cycles = 5;
    workload::PoissonSpec poisson;
    poisson.placement = kRender;
    poisson.work = test::fixed(us(900));
    poisson.mean_interval = us(500);
    poisson.jobs = 5;
    workload::FanSpec fan;
    fan.ends = fan.middle = kRender;
    fan.source = fan.branch = fan.sink = test::fixed(us(800));
    fan.width = 2;
    spec.clients = {test::client("loop", loop), test::client("poisson", poisson), test::client("fan", fan),
                    test::client("steps", test::steps_workload("submit rcs 900\nsubmit rcs 700\n", {}))};
    for (workload::ClientSpec& client : spec.clients) {
      client.queues.preemption = preemption;
      client.queues.preempt_every = every;
    }
    const test::Recording recording = test::run(spec);
    std::map<std::uint64_t, std::vector<std::int64_t>> cuts;
    for (const auto& cut : recording.all<trace::job_preempted>()) {
      cuts[cut.job.value()].push_back(cut.done.count());
    }
    CHECK(recording.jobs().size() == 16);
    return cuts;
  };
  CHECK(cuts_of(workload::Preemptible::nowhere, {}).empty());
  const auto at_quanta = cuts_of(workload::Preemptible::anywhere, {});
  CHECK(at_quanta.size() == 16);
  CHECK(at_quanta.begin()->second[0] == us(70).count());
  for (const std::int64_t every : {30, 35, 70, 110}) {
    const auto at_points = cuts_of(workload::Preemptible::every, test::fixed(us(every)));
    REQUIRE(at_points.size() == 16);
    // The first point that is not before the end of the quantum.
    CHECK(at_points.begin()->second[0] == us(every * ((70 + every - 1) / every)).count());
    for (const auto& [job, done] : at_points) {
      for (const std::int64_t each : done) CHECK(each % us(every).count() == 0);
    }
  }
  // Drawn for each job: the points of one are as far apart as its own distance, and jobs differ.
  const auto drawn = cuts_of(workload::Preemptible::every, {us(20), us(60)});
  std::set<std::int64_t> distances;
  for (const auto& [job, done] : drawn) {
    std::int64_t distance = 0;
    for (const std::int64_t each : done) distance = std::gcd(distance, each);
    CHECK(distance >= us(20).count());
    distances.insert(distance);
  }
  CHECK(distances.size() == drawn.size());
  CHECK(drawn == cuts_of(workload::Preemptible::every, {us(20), us(60)}));
}

TEST_CASE("a quantum that is charged for the switch has so much less for the job", "[queue_limits]") {
  // n jobs of k pieces. Not charged: each piece is a quantum L, behind a restore r. Charged: it is L - r.
  const Picoseconds quantum = us(100);
  const bool charges = GENERATE(false, true);
  const Picoseconds restore = GENERATE(us(0), us(1), us(20), us(60), us(99));
  CAPTURE(charges, restore.count());
  const Picoseconds piece = charges ? quantum - restore : quantum;
  constexpr std::int64_t kJobs = 3;
  constexpr std::int64_t kPieces = 4;
  scenario::ScenarioSpec spec = test::ideal_scenario();
  spec.host.cpus = 8;
  set_quantum(spec, quantum);
  spec.device.quantum_charges_switch = charges;
  for (hw::EngineSpec& engine : spec.device.engines) engine = {Cost{restore, 0}, Cost{us(5), 0}};
  spec.clients = {test::client("app", one_job(kPieces * piece), kJobs)};
  const test::Recording recording = test::run(spec);
  for (const auto& [name, done] : pieces_of(recording)) {
    CHECK(done == std::vector<Picoseconds>(kPieces - 1, piece));
  }
  CHECK(recording.of_kind(trace::EventKind::job_end).back().time ==
        SimTime{kJobs * kPieces * (restore + piece) + kJobs * (kPieces - 1) * us(5)});
}

TEST_CASE("a switch that takes longer than the quantum it is charged to leaves time to get on", "[queue_limits]") {
  scenario::ScenarioSpec spec = test::costly_scenario();
  set_quantum(spec, us(10));
  spec.device.quantum_charges_switch = true;
  for (hw::EngineSpec& engine : spec.device.engines) engine = {Cost{us(50), 0}, Cost{us(50), 0}};
  spec.clients = {test::client("app", one_job(us(30)), 2)};
  CHECK(test::run(spec).result.outcome == system::Outcome::finished);
}

TEST_CASE("a context that has run empty stays loaded for as long as it lingers", "[queue_limits]") {
  constexpr std::uint64_t kJobs = 8;
  const Picoseconds pause = us(100);
  const auto restores = [&](Picoseconds linger, std::uint32_t clients) {
    scenario::ScenarioSpec spec = test::ideal_scenario();
    spec.device.linger = linger;
    workload::LoopSpec loop = one_job(us(10));
    loop.cycles = kJobs;
    loop.wait = test::fixed(pause);
    spec.clients = {test::client("app", loop, clients)};
    return test::run(spec).all<trace::context_restore_end>().size();
  };
  CHECK(restores(us(0), 1) == 1);  // for ever
  CHECK(restores(pause - ns(1), 1) == kJobs);
  CHECK(restores(pause, 1) == 1);
  CHECK(restores(ms(10), 1) == 1);
  // Another one that is loaded ends it.
  CHECK(restores(ms(10), 2) == 2 * kJobs);
}
