// SPDX-License-Identifier: MIT
// A job touches a page that is not mapped: when it is stopped, to the picosecond; that its queue alone pays, with every
// component and ring; and that nothing is run twice.
#include <algorithm>
#include <string>
#include <vector>

#include "sim/system/simulation.h"
#include "tests/support/catch.h"
#include "tests/support/machine/outcome.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;

namespace {

[[nodiscard]] std::string page_fault_at(const std::string& aims) {
  return "[[faults]]\nkind = \"page_fault\"\n" + aims;
}

/// Two clients on the render engine and one on the copy engine, with 12 jobs each of 200 us.
[[nodiscard]] std::string faulting(const std::string& aims) {
  const std::string jobs = "work_us = 200\ncycles = 3\njobs_per_cycle = 4\n";
  return "[driver]\nreset_poll_us = 1000\n[device]\nreset_us = 3000\n" + page_fault_at(aims) +
         test::loop_text("a", jobs) + test::loop_text("b", jobs) +
         test::client_text("c", "loop", "engine = \"bcs\"\n" + jobs);
}

[[nodiscard]] std::vector<std::string> banned_queues(const test::Outcome& outcome) {
  std::vector<std::string> names;
  for (const auto& event : outcome.recording.all<trace::queue_banned>()) {
    names.push_back(outcome.recording.names.queues[event.queue.value()].name);
  }
  return names;
}

/// The job that had a page fault is begun once and does not end.
void check_not_executed_again(const test::Outcome& outcome) {
  const auto faults = outcome.recording.all<trace::page_fault>();
  REQUIRE(faults.size() == 1);
  const auto is_it = [&](const auto& event) { return event.job == faults[0].job; };
  const auto starts = outcome.recording.all<trace::job_start>();
  const auto ends = outcome.recording.all<trace::job_end>();
  CHECK(std::count_if(starts.begin(), starts.end(), is_it) == 1);
  CHECK(std::none_of(ends.begin(), ends.end(), is_it));
}

[[nodiscard]] bool are_good(const test::Outcome& outcome, const std::string& client) {
  return outcome.errors.at(client) == std::vector<Errno>(12, Errno::ok);
}

/// For how long the first job was executed, of one client with these keys, and when it was stopped after its start.
struct Stopped {
  Picoseconds done;
  Picoseconds after;
};
[[nodiscard]] Stopped stopped(const std::string& delay, const std::string& client, const std::string& device = "") {
  const test::Outcome outcome = test::run_to_end(
      device + page_fault_at("client = \"a\"\n" + delay) + test::loop_text("a", "cycles = 1\n" + client), "drm_dep");
  const auto faults = outcome.recording.all<trace::page_fault>();
  REQUIRE(faults.size() == 1);
  const auto starts = outcome.recording.all<trace::job_start>();
  const auto start =
      std::find_if(starts.begin(), starts.end(), [&](const auto& event) { return event.job == faults[0].job; });
  return {faults[0].done, faults[0].time - start->time};
}

}  // namespace

TEST_CASE("a job is stopped after the fault's delay on its engine, at its end at the latest", "[page_fault]") {
  const auto is = [](const Stopped& stop, Picoseconds expected) {
    CHECK(stop.done == expected);
    CHECK(stop.after == expected);
  };
  is(stopped("delay_us = 30\n", "work_us = 200\n"), us(30));
  is(stopped("delay_us = 0\n", "work_us = 200\n"), us(0));
  is(stopped("", "work_us = 200\n"), us(100));
  is(stopped("", "work_us = 70\n"), us(70));
  is(stopped("delay_us = 200\n", "work_us = 200\n"), us(200));
  // 16 MB over 16 GB/s take 1 ms.
  const std::string copy = "work_us = 10\nbytes = 16_000_000\n";
  is(stopped("delay_us = 600\n", copy, "device.link.bandwidth_mb_s = 16_000\n"), us(600));
  is(stopped("delay_us = 6000\n", copy, "device.link.bandwidth_mb_s = 16_000\n"), ms(1));
}

TEST_CASE("the time on its engine of a job that is preempted counts in pieces", "[page_fault]") {
  // Turns of 100 us: the first piece ends before 150 us are over, the second does not.
  const test::Outcome outcome =
      test::run_to_end("device.quantum_us = 100\n" + page_fault_at("client = \"a\"\ndelay_us = 150\n") +
                           test::loop_text("a", "work_us = 300\n") + test::loop_text("b", "work_us = 300\n"),
                       "drm_dep");
  const auto faults = outcome.recording.all<trace::page_fault>();
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].done == us(150));
  CHECK(outcome.count<trace::job_preempted>() >= 2);
  CHECK(outcome.errors.at("a") == std::vector{Errno::io});
  CHECK(outcome.errors.at("b") == std::vector{Errno::ok});
}

TEST_CASE("a page fault costs the queue of its job, and nobody else", "[page_fault]") {
  const std::string component = GENERATE("drm_dep", "drm_sched", "jobqueue");
  const std::string client = GENERATE("a", "b", "c");
  const std::string core = GENERATE("native", "rv32");
  CAPTURE(component, client, core);
  const test::Outcome outcome = test::run_to_end(faulting("client = \"" + client + "\"\nnth = 2\ndelay_us = 50\n"),
                                                 component, {"device.firmware.core=\"" + core + "\""});
  CHECK(banned_queues(outcome) == std::vector<std::string>{client + ".jobs"});
  for (const std::string other : {"a", "b", "c"}) CHECK(are_good(outcome, other) == (other != client));
  const std::vector<Errno>& errors = outcome.errors.at(client);
  REQUIRE(errors.size() >= 4);
  CHECK(errors[0] == Errno::ok);
  CHECK(errors[1] == Errno::io);
  CHECK(std::all_of(errors.begin() + 2, errors.end(), [](Errno error) { return error == Errno::canceled; }));
  CHECK(outcome.count<trace::reset_notify>() == 1);
  CHECK(outcome.count<trace::device_reset_begin>() == 0);
  check_not_executed_again(outcome);
  // The timeout of 5 s has no part in it: one reset of an engine, a message, and the answer to a termination.
  const SimTime fault = outcome.recording.all<trace::page_fault>()[0].time;
  const SimTime ban = outcome.recording.all<trace::queue_banned>()[0].time;
  CHECK(ban - fault > us(500));
  CHECK(ban - fault < ms(1));
}

TEST_CASE("the firmware resets an engine with a page fault by itself, and the next queue has it", "[page_fault]") {
  const test::Outcome outcome = test::run_to_end(faulting("client = \"a\"\ndelay_us = 50\n"), "drm_dep");
  const auto fault = outcome.recording.all<trace::page_fault>()[0];
  const auto resets = outcome.recording.all<trace::engine_reset>();
  REQUIRE(resets.size() == 1);
  CHECK(resets[0].engine == fault.engine);
  CHECK(resets[0].job == fault.job);
  CHECK_FALSE(resets[0].with_device);
  const auto starts = outcome.recording.all<trace::job_start>();
  const auto next = std::find_if(starts.begin(), starts.end(), [&](const auto& event) {
    return event.time > fault.time && event.engine == fault.engine;
  });
  REQUIRE(next != starts.end());
  CHECK(next->queue != fault.queue);
  CHECK(next->time > resets[0].time);
}

TEST_CASE("a driver that terminates gives all jobs of the queue -EINVAL, with slots of the firmware or its own",
          "[page_fault]") {
  const std::string policy = GENERATE("host_slots", "tick_rotation", "round_robin");
  CAPTURE(policy);
  const std::vector<std::string> sets{"device.firmware.policy=" + policy, "device.slots=2", "use.driver=panthor_like"};
  const test::Outcome outcome =
      test::run_to_end(faulting("client = \"b\"\nnth = 2\ndelay_us = 50\n"), "drm_sched", sets);
  CHECK(banned_queues(outcome) == std::vector<std::string>{"b.jobs"});
  CHECK(are_good(outcome, "a"));
  CHECK(are_good(outcome, "c"));
  CHECK(outcome.errors.at("b")[1] == Errno::inval);
  check_not_executed_again(outcome);
}

TEST_CASE("on rings that clients share a page fault costs what a timeout would, at once", "[page_fault]") {
  const std::string driver = GENERATE("amdgpu_ring", "v3d");
  CAPTURE(driver);
  const test::Outcome outcome = test::run_to_end(faulting("queue = \"rcs0.ring\"\nnth = 3\ndelay_us = 50\n"),
                                                 "drm_sched", {"use.driver=" + driver});
  CHECK(outcome.count<trace::job_timedout>() == 1);
  CHECK(outcome.recording.all<trace::job_timedout>()[0].job == outcome.recording.all<trace::page_fault>()[0].job);
  CHECK(outcome.failed() >= 1);
  CHECK(are_good(outcome, "c"));
  CHECK((are_good(outcome, "a") || are_good(outcome, "b")));
  check_not_executed_again(outcome);
  CHECK(outcome.recording.all<trace::job_timedout>()[0].time - outcome.recording.all<trace::page_fault>()[0].time <
        ms(1));
}

TEST_CASE("a queue that is mapped into its client is banned for a page fault", "[page_fault]") {
  const std::string wait = GENERATE("poll", "interrupt");
  CAPTURE(wait);
  const test::Outcome outcome = test::run_to_end(faulting("client = \"a\"\nnth = 2\ndelay_us = 50\n"), "direct",
                                                 {"scheduler.direct.wait=" + wait});
  CHECK(banned_queues(outcome) == std::vector<std::string>{"a.jobs"});
  CHECK(are_good(outcome, "b"));
  CHECK(are_good(outcome, "c"));
  CHECK(outcome.errors.at("a")[1] == Errno::io);
  check_not_executed_again(outcome);
}

TEST_CASE("a page fault that meets the end of a quantum costs its queue alone", "[page_fault]") {
  const std::string delay = GENERATE("95", "99", "100", "101", "105");
  const std::string component = GENERATE("drm_dep", "drm_sched", "jobqueue");
  CAPTURE(delay, component);
  const test::Outcome outcome = test::run_to_end(faulting("client = \"a\"\nnth = 2\ndelay_us = " + delay + "\n"),
                                                 component, {"device.quantum_us=100"});
  CHECK(banned_queues(outcome) == std::vector<std::string>{"a.jobs"});
  CHECK(are_good(outcome, "b"));
  CHECK(are_good(outcome, "c"));
  check_not_executed_again(outcome);
}

TEST_CASE("in a device reset a page fault costs no more than the reset does", "[page_fault]") {
  const std::string reset_us = GENERATE("140", "150", "160", "170");
  const std::string component = GENERATE("drm_dep", "drm_sched", "jobqueue");
  CAPTURE(reset_us, component);
  const test::Outcome outcome =
      test::run_to_end(faulting("client = \"a\"\ndelay_us = 100\n"), component, {"fault.reset_us=" + reset_us});
  CHECK(outcome.count<trace::page_fault>() == 1);
  std::vector<std::string> may_pay{"a.jobs"};
  for (const auto& event : outcome.recording.all<trace::engine_reset>()) {
    if (event.job != JobId{}) may_pay.push_back(outcome.recording.names.queues[event.queue.value()].name);
  }
  for (const std::string& name : banned_queues(outcome)) {
    CHECK(std::count(may_pay.begin(), may_pay.end(), name) > 0);
  }
}
