// SPDX-License-Identifier: MIT
// Driver and firmware broken on purpose: each planted bug is found by what was named for it beforehand (the row in
// base/mutation.h), and the same scenario passes without it.
#include <string>

#include "base/mutation.h"
#include "tests/support/catch.h"
#include "tests/support/machine/finding.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;
using test::find_in;
using test::Finding;

namespace {

workload::LoopSpec loop_on(abi::EngineClass engine, Picoseconds work, std::uint64_t cycles,
                           std::uint32_t jobs_per_cycle) {
  workload::LoopSpec loop;
  loop.placement = {engine, -1};
  loop.work = {work, work};
  loop.cycles = cycles;
  loop.jobs_per_cycle = jobs_per_cycle;
  return loop;
}

/// Two clients on one engine; timeouts are off, so that nothing repairs what is lost.
scenario::ScenarioSpec two_clients(Picoseconds work) {
  scenario::ScenarioSpec spec = test::costly_scenario();
  spec.job_timeout = Picoseconds{0};
  spec.clients = {test::client("a", loop_on(abi::EngineClass::render, work, 3, 4)),
                  test::client("b", loop_on(abi::EngineClass::render, work, 3, 4))};
  return spec;
}

/// Queues that come and go, one every few microseconds.
scenario::ScenarioSpec coming_and_going() {
  scenario::ScenarioSpec spec = test::costly_scenario();
  for (std::int64_t i = 0; i < 40; ++i) {
    spec.clients.push_back(
        test::client("c" + std::to_string(i), loop_on(abi::EngineClass::render, ns(200), 1, i % 4 == 0 ? 8 : 1)));
    spec.clients.back().start = us(3) * i;
  }
  return spec;
}

void check(const scenario::ScenarioSpec& spec, Mutation mutation, const std::string& oracle,
           system::Outcome outcome = system::Outcome::finished) {
  const Finding clean = find_in(spec);
  CAPTURE(clean.text);
  CHECK(clean.oracle.empty());
  CHECK(clean.outcome == system::Outcome::finished);
  const ScopedMutation active{mutation};
  const Finding finding = find_in(spec);
  CAPTURE(finding.text);
  CHECK(finding.oracle == oracle);
  CHECK(finding.outcome == outcome);
}

}  // namespace

TEST_CASE("an id that is free before the firmware has forgotten it: firmware_id", "[mutation]") {
  check(coming_and_going(), Mutation::driver_id_reused_early, "firmware_id");
}

TEST_CASE("memory that is free before the firmware has answered: ring_memory", "[mutation]") {
  // Only a firmware that is late still looks at a queue whose jobs are done: a second doorbell that arrives when both
  // jobs have ended already, at a firmware that pauses. One moment or another shows it.
  scenario::ScenarioSpec spec = two_clients(us(100));
  spec.clients = {test::client("a", loop_on(abi::EngineClass::render, us(100), 1, 2)),
                  test::client("keeps the machine running", loop_on(abi::EngineClass::copy, ms(3), 1, 1))};
  spec.clients[1].start = us(60);  // its doorbell is the third
  spec.fault.delayed_doorbell = 2;
  spec.fault.stall = ms(1);
  bool found = false;
  for (std::int64_t delay = 190; delay < 230; delay += 3) {
    spec.fault.delay = us(delay);
    for (spec.fault.firmware_stall = 1; spec.fault.firmware_stall <= 16; ++spec.fault.firmware_stall) {
      CAPTURE(delay, spec.fault.firmware_stall);
      const Finding clean = find_in(spec);
      CAPTURE(clean.text);
      CHECK(clean.oracle.empty());
      CHECK(clean.outcome == system::Outcome::finished);
      const ScopedMutation active{Mutation::driver_no_deregister_wait};
      found = found || find_in(spec).oracle == "ring_memory";
    }
  }
  CHECK(found);
}

TEST_CASE("the room of an answer that is not given back: reply_credits", "[mutation]") {
  check(two_clients(us(20)), Mutation::driver_reply_credit_leak, "reply_credits");
}

TEST_CASE("a completion handler that keeps the fence: fence_signalled_once", "[mutation]") {
  check(two_clients(us(20)), Mutation::driver_double_complete, "fence_signalled_once");
}

TEST_CASE("a ban that forgets those behind the guilty job leaves timeouts for ever", "[mutation]") {
  scenario::ScenarioSpec spec = two_clients(us(200));
  spec.device.descriptor.preempt_timeout_ps = static_cast<std::uint64_t>(ms(5).count());
  spec.job_timeout = ms(20);
  spec.fault.hung_job = 2;
  spec.stop_after = ms(500);
  check(spec, Mutation::driver_forgets_pending_on_ban, "", system::Outcome::stopped);
}

TEST_CASE("a device reset that forgets a queue stalls it", "[mutation]") {
  scenario::ScenarioSpec spec = two_clients(us(200));
  spec.fault.reset = us(20);  // before any job has begun
  check(spec, Mutation::driver_reset_forgets_queue, "", system::Outcome::stalled);
}

TEST_CASE("a doorbell that is lost while the queue runs stalls it", "[mutation]") {
  check(two_clients(us(200)), Mutation::fw_lost_doorbell, "", system::Outcome::stalled);
}

TEST_CASE("a preempted queue that is not put back stalls", "[mutation]") {
  check(two_clients(ms(3)), Mutation::fw_preempt_forgets_queue, "", system::Outcome::stalled);
}

TEST_CASE("a queue on two engines: engine_exclusive", "[mutation]") {
  scenario::ScenarioSpec spec = two_clients(us(20));
  spec.clients = {test::client("v", loop_on(abi::EngineClass::video, us(20), 2, 2))};
  check(spec, Mutation::fw_two_engines, "engine_exclusive");
}

TEST_CASE("a slot that is used again without its eviction: slots", "[mutation]") {
  scenario::ScenarioSpec spec = two_clients(us(200));
  spec.device.descriptor.slots = 1;
  check(spec, Mutation::fw_slot_leak, "slots");
}
