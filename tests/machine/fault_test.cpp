// SPDX-License-Identifier: MIT
// Faults on request, and what the machine makes of them.
#include <cstdint>
#include <functional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "sim/system/simulation.h"
#include "tests/support/catch.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;
using trace::EventKind;

namespace {

/// Two jobs of 20 us, pushed one after the other, on one queue.
scenario::ScenarioSpec two_jobs() {
  scenario::ScenarioSpec spec = test::costly_scenario();
  workload::LoopSpec loop;
  loop.placement = {abi::EngineClass::render, -1};
  loop.work = {us(20), us(20)};
  loop.jobs_per_cycle = 2;
  spec.clients = {test::client("app", loop)};
  return spec;
}

/// What the summary notes of a run to its end.
std::vector<std::string> notices_of(const scenario::ScenarioSpec& spec) {
  system::Simulation simulation{spec};
  const system::RunResult result = simulation.run();
  return simulation.info(result).notices;
}

}  // namespace

TEST_CASE("a fault that never struck is noted with how often it could have", "[fault]") {
  using fault::FaultSpec;
  scenario::ScenarioSpec spec = two_jobs();
  CHECK(notices_of(spec).empty());
  const std::vector<std::tuple<std::uint64_t FaultSpec::*, std::string, std::string>> faults{
      {&FaultSpec::lost_interrupt, "lost_interrupt", "2 completion interrupts were raised"},
      {&FaultSpec::late_interrupt, "late_interrupt", "2 completion interrupts were raised"},
      {&FaultSpec::duplicate_interrupt, "duplicate_interrupt", "2 completion interrupts were raised"},
      {&FaultSpec::lost_doorbell, "lost_doorbell", "2 doorbells arrived"},
      {&FaultSpec::delayed_doorbell, "delayed_doorbell", "2 doorbells arrived"},
      {&FaultSpec::hung_job, "hung_job", "2 jobs were begun"},
      {&FaultSpec::slow_job, "slow_job", "2 jobs were begun"},
      // registered, disabled, deregistered; the last two are answered
      {&FaultSpec::dropped_message, "dropped_message", "3 messages were taken by the firmware"},
      {&FaultSpec::dropped_reply, "dropped_reply", "2 messages were sent by the firmware"},
  };
  for (const auto& [field, name, came] : faults) {
    CAPTURE(name);
    spec.fault = {};
    spec.fault.*field = 99;
    CHECK(notices_of(spec) == std::vector{"fault." + name + " = 99 did not happen: " + came});
    spec.fault.*field = 1;
    for (const std::string& notice : notices_of(spec)) CHECK(notice.find("did not happen") == std::string::npos);
  }
  spec.fault = {};
  spec.fault.unplug = ms(5'000);
  const std::vector<std::string> late = notices_of(spec);
  REQUIRE(late.size() == 1);
  CHECK(late[0].starts_with("fault.unplug at 5.000 s did not happen: the run ended at "));
  spec.fault.unplug = us(30);
  for (const std::string& notice : notices_of(spec)) CHECK(notice.find("did not happen") == std::string::npos);
}

TEST_CASE("a run in which nothing was done says so, and which client did not begin", "[fault]") {
  scenario::ScenarioSpec spec = two_jobs();
  spec.clients[0].start = ms(5);
  spec.stop_after = ms(1);
  CHECK(notices_of(spec) ==
        std::vector<std::string>{"client app did not begin: it starts at 5.000 ms, the run ended at 1.000 ms",
                                 "nothing was done: no job was submitted"});
}

TEST_CASE("clients that have not finished a job are noted, with the one that waits longest", "[fault]") {
  // One engine: the first client's jobs of 3 ms go before the others'. Between two cycles of it one of them begins, and
  // is preempted at once.
  scenario::ScenarioSpec spec = two_jobs();
  auto& greedy = std::get<workload::LoopSpec>(spec.clients[0].workload);
  greedy.work = {ms(3), ms(3)};
  greedy.cycles = 1'000;
  greedy.priority = 0;
  workload::LoopSpec starved;
  starved.work = {us(100), us(100)};
  starved.priority = 3;
  spec.clients.push_back(test::client("starved", starved, 2));
  spec.clients[1].start = us(500);
  spec.stop_after = ms(20);
  system::Simulation simulation{spec};
  const system::RunResult result = simulation.run();
  const std::vector<std::string> lines = simulation.info(result).notices;
  REQUIRE(lines.size() == 1);
  INFO(lines[0]);
  CHECK(lines[0].starts_with("2 clients have not finished a job: the oldest job, of starved.0, has waited for 19.4"));
  CHECK(lines[0].ends_with(" ms, most of it for preempted"));
  const auto& clients = simulation.statistics().clients();
  REQUIRE(clients.size() == 3);
  CHECK(clients[1].jobs_unfinished == 1);
  CHECK(clients[2].jobs_unfinished == 1);
}

TEST_CASE("a lost interrupt is made good by the next one of its vector, which completes both jobs", "[fault]") {
  scenario::ScenarioSpec spec = two_jobs();
  spec.fault.lost_interrupt = 1;
  const test::Recording recording = test::run(spec);
  CHECK(recording.result.outcome == system::Outcome::finished);
  CHECK(recording.of_kind(EventKind::fault_injected).size() == 1);
  const auto done = recording.of_kind(EventKind::drm_sched_job_done);
  const auto ends = recording.of_kind(EventKind::job_end);
  REQUIRE(done.size() == 2);
  CHECK(done[0].time > ends[1].time);
}

TEST_CASE("the last interrupt lost stalls the machine: nothing repairs it without a timeout", "[fault]") {
  scenario::ScenarioSpec spec = two_jobs();
  spec.fault.lost_interrupt = 2;
  system::Simulation simulation{spec};
  const system::RunResult result = simulation.run();
  CHECK(result.outcome == system::Outcome::stalled);
  CHECK(result.stall_report.find("was handed to the device and has not completed") != std::string::npos);
  CHECK(result.stall_report.find(
            "  on the device, job 2 of app.jobs: it has ended, its fence value is in memory since ") !=
        std::string::npos);
  CHECK(result.stall_report.find(", and its interrupt was lost\n  injected before: fault.lost_interrupt\n") !=
        std::string::npos);
}

TEST_CASE("a stall report tells a lost doorbell, a lost message and a hung job from each other", "[fault]") {
  const auto report = [](const std::function<void(scenario::ScenarioSpec&)>& change) {
    scenario::ScenarioSpec spec = two_jobs();
    std::get<workload::LoopSpec>(spec.clients[0].workload).jobs_per_cycle = 1;
    std::get<workload::LoopSpec>(spec.clients[0].workload).cycles = 2;
    spec.job_timeout = ps(0);
    change(spec);
    system::Simulation simulation{spec};
    const system::RunResult result = simulation.run();
    CHECK(result.outcome == system::Outcome::stalled);
    return result.stall_report;
  };
  const auto says = [](const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  };
  // Job 1 comes with the registration, which makes the firmware look at the ring.
  const std::string doorbell = report([](auto& spec) { spec.fault.lost_doorbell = 2; });
  INFO(doorbell);
  CHECK(says(doorbell,
             "job 2 of app.jobs: the firmware does not know of it: its doorbell or message was lost\n"
             "  injected before: fault.lost_doorbell\n"));
  const std::string hung = report([](auto& spec) { spec.fault.hung_job = 1; });
  CHECK(says(hung, "job 1 of app.jobs: it runs on rcs0 since "));
  CHECK(says(hung, "; it hangs (fault.hung_job)\n"));
  const std::string message = report([](auto& spec) {
    spec.device.descriptor.notify = abi::SubmitNotify::message;
    spec.fault.dropped_message = 3;  // the first registers the queue, the second is of job 1
  });
  CHECK(says(message,
             "job 2 of app.jobs: the firmware does not know of it: its doorbell or message was lost\n"
             "  injected before: fault.dropped_message\n"));
}

TEST_CASE("a lost doorbell is made good by the next one of its queue", "[fault]") {
  scenario::ScenarioSpec spec = two_jobs();
  spec.fault.lost_doorbell = 1;
  const test::Recording recording = test::run(spec);
  CHECK(recording.result.outcome == system::Outcome::finished);
  CHECK(recording.of_kind(EventKind::doorbell_arrive).size() == 2);
  CHECK(recording.of_kind(EventKind::fault_injected).size() == 1);
}

TEST_CASE("a lost interrupt is made good by the job's timeout, when the timer wheel comes to it", "[fault]") {
  scenario::ScenarioSpec spec = test::ideal_scenario();
  spec.component = GENERATE(scenario::Component::drm_dep, scenario::Component::drm_sched);
  CAPTURE(spec.component);
  spec.host.timer = os::TimerGranularity::wheel;
  spec.job_timeout = ms(500);
  workload::LoopSpec loop;
  loop.placement = {abi::EngineClass::render, -1};
  loop.work = {us(500), us(500)};
  loop.cycles = 4;
  spec.clients = {test::client("app", loop)};
  spec.fault.lost_interrupt = 2;
  const test::Recording recording = test::run(spec);
  // Job 2 comes to the hardware at 0.5 ms; the wheel's slots are 8 ms wide there. Two jobs follow.
  REQUIRE(recording.all<trace::job_timedout>().size() == 1);
  CHECK(recording.all<trace::job_timedout>()[0].time == SimTime{ms(504)});
  CHECK(recording.result.end == SimTime{ms(505)});
}
