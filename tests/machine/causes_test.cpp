// SPDX-License-Identifier: MIT
// The causes of every job's life against the second opinion, on whole runs: zero violations on 100,000 jobs of all
// kinds of trouble, and a life that is mislabelled on purpose is found.
#include <filesystem>
#include <string>
#include <vector>

#include "base/sanitizers.h"
#include "sim/scenario/loader.h"
#include "sim/system/simulation.h"
#include "tests/support/catch.h"
#include "tests/support/cause_check.h"
#include "tests/support/machine/scenarios.h"
#include "tests/support/machine/tape.h"

using namespace gpusim;
using test::Tape;
using trace::Cause;

namespace {

Tape record(const scenario::ScenarioSpec& spec) {
  Tape tape;
  system::Simulation simulation{spec};
  simulation.recorder().attach_to_all(tape);
  simulation.milestones().add_listener(tape);
  REQUIRE(simulation.run().outcome == system::Outcome::finished);
  return tape;
}

void require_sound(const Tape& tape) {
  const std::vector<std::string> violations = test::check_causes(tape.events, tape.lives);
  for (std::size_t i = 0; i < violations.size() && i < 5; ++i) UNSCOPED_INFO(violations[i]);
  REQUIRE(violations.empty());
}

Picoseconds total(const Tape& tape, Cause cause) {
  Picoseconds sum{0};
  for (const trace::JobLife& life : tape.lives) sum += life[cause];
  return sum;
}

/// Everything at once: credits and ring short, dependencies, quanta, two levels, few slots, few CPUs with a load.
scenario::ScenarioSpec troubled(std::uint64_t seed, std::uint64_t cycles) {
  scenario::ScenarioSpec spec = test::costly_scenario();
  spec.seed = seed;
  spec.host.cpus = 2;
  spec.host.timeslice.value = us(20);
  spec.host.background = {1, Cost{us(30)}, us(100)};
  spec.driver.ring_entries = 4;
  spec.driver.credit_limit = seed % 2 == 0 ? 3 : 6;  // credits run out in one run, ring entries in the next
  spec.device.descriptor.quantum_ps = static_cast<std::uint64_t>(us(15).count());
  spec.device.descriptor.slots = 6;
  workload::LoopSpec burst;
  burst.placement = {abi::EngineClass::render, -1};
  burst.work = {us(1), us(9)};
  burst.jobs_per_cycle = 9;
  burst.cycles = cycles;
  workload::LoopSpec urgent = burst;
  urgent.jobs_per_cycle = 1;
  urgent.wait = {us(40), us(40)};
  urgent.priority = 0;
  workload::FanSpec fan;
  fan.ends = {abi::EngineClass::copy, -1};
  fan.middle = {abi::EngineClass::video, -1};
  fan.source = fan.branch = fan.sink = {us(2), us(25)};
  fan.width = 5;
  fan.rounds = cycles;
  spec.clients = {test::client("burst", burst, 3), test::client("urgent", urgent), test::client("fan", fan, 2)};
  return spec;
}

}  // namespace

TEST_CASE("100,000 jobs in trouble of every kind have sound causes", "[causes]") {
  constexpr std::size_t kJobs = kAddressSanitizer ? 4'000 : 100'000;  // that build is many times slower
  std::size_t jobs = 0;
  Picoseconds credit{0};
  Picoseconds ring{0};
  Picoseconds slots{0};
  Picoseconds preempted{0};
  for (std::uint64_t seed = 1; jobs < kJobs || seed <= 2; ++seed) {
    const Tape tape = record(troubled(seed, 30));
    require_sound(tape);
    jobs += tape.lives.size();
    credit += total(tape, Cause::credit);
    ring += total(tape, Cause::ring_space);
    slots += total(tape, Cause::run_list);
    preempted += total(tape, Cause::preempted);
  }
  CHECK(jobs >= kJobs);
  // The scenario does what it is for.
  CHECK(credit.count() > 0);
  CHECK(ring.count() > 0);
  CHECK(slots.count() > 0);
  CHECK(preempted.count() > 0);
}

TEST_CASE("every scenario that comes with the program has sound causes", "[causes]") {
  for (const auto& file : test::shipped_files("scenarios")) {
    CAPTURE(file.string());
    const scenario::ScenarioSpec spec = test::load_spec(file);
    // The check counts credits by queue, and knows no scheduler that several share.
    if (spec.driver.rings == drv::Rings::shared) continue;
    require_sound(record(spec));
  }
}

TEST_CASE("a cause that is mislabelled on purpose is found", "[causes]") {
  Tape tape = record(troubled(1, 5));
  require_sound(tape);
  for (trace::JobLife& life : tape.lives) {
    if (life[Cause::engine_busy].count() == 0) continue;
    life[Cause::credit] += life[Cause::engine_busy];
    life[Cause::engine_busy] = Picoseconds{0};
    break;
  }
  CHECK_FALSE(test::check_causes(tape.events, tape.lives).empty());
}
