// SPDX-License-Identifier: MIT
// Faults that are aimed: whom each kind strikes, what driver and component make of it, and that nobody else pays.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "host_driver/spec.h"
#include "sim/scenario/loader.h"
#include "sim/system/simulation.h"
#include "tests/support/catch.h"
#include "tests/support/machine/outcome.h"

using namespace gpusim;

namespace {

/// Two clients on the render engine and one on the copy engine, with 12 jobs each; timeouts of milliseconds.
std::string three_clients_with(const std::string& faults) {
  const std::string jobs = "work_us = 200\ncycles = 3\njobs_per_cycle = 4\n";
  return "[scheduler]\ntimeout_ms = 20\n[driver]\nanswer_timeout_ms = 10\nreset_poll_us = 1000\n"
         "[device]\npreempt_timeout_ms = 5\nreset_us = 3000\n" +
         faults + test::loop_text("a", jobs) + test::loop_text("b", jobs) +
         test::client_text("c", "loop", "engine = \"bcs\"\n" + jobs);
}

std::string aimed(const std::string& kind, const std::string& aims = "") {
  return "[[faults]]\nkind = \"" + kind + "\"\n" + aims;
}

test::Outcome strike(const std::string& faults, const std::string& component) {
  return test::run_to_end(three_clients_with(faults), component);
}

bool is_all_good(const test::Outcome& outcome, const std::string& client) {
  return outcome.errors.at(client) == std::vector<Errno>(12, Errno::ok);
}

/// How often a job that began most often did so.
std::size_t most_starts(const test::Outcome& outcome) {
  std::map<JobId, std::size_t> starts;
  for (const auto& event : outcome.recording.all<trace::job_start>()) ++starts[event.job];
  std::size_t most = 0;
  for (const auto& [job, count] : starts) most = std::max(most, count);
  return most;
}

std::vector<std::string> banned(const test::Outcome& outcome) {
  std::vector<std::string> names;
  for (const auto& event : outcome.recording.all<trace::queue_banned>()) {
    names.push_back(outcome.recording.names.queues[event.queue.value()].name);
  }
  return names;
}

/// Queues that had a job on an engine when the device was reset: whom driver.reset_victims has pay by default.
std::vector<std::string> on_engines_at_reset(const test::Outcome& outcome) {
  std::vector<std::string> names;
  for (const auto& event : outcome.recording.all<trace::engine_reset>()) {
    if (!event.with_device || event.job == JobId{}) continue;
    names.push_back(outcome.recording.names.queues[event.queue.value()].name);
  }
  return names;
}

std::string first_note(const std::string& text) {
  const auto loaded = scenario::load_scenario_text(text, "folder/x.toml", {});
  REQUIRE(loaded.ok());
  system::Simulation simulation{*loaded.spec};
  const system::RunResult result = simulation.run();
  const std::vector<std::string> notes = simulation.info(result).notices;
  return notes.empty() ? "" : notes[0];
}

}  // namespace

TEST_CASE("a hung job hits the client that it is aimed at, and nobody else", "[aimed]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  const std::string client = GENERATE("a", "b", "c");
  CAPTURE(component, client);
  const test::Outcome outcome = strike(aimed("hung_job", "client = \"" + client + "\"\nnth = 2\n"), component);
  CHECK(banned(outcome) == std::vector<std::string>{client + ".jobs"});
  for (const std::string other : {"a", "b", "c"}) CHECK(is_all_good(outcome, other) == (other != client));
  CHECK(outcome.errors.at(client)[0] == Errno::ok);
  CHECK(outcome.errors.at(client)[1] != Errno::ok);
  CHECK(most_starts(outcome) == 1);
}

TEST_CASE("a fault is aimed at a queue, and at an engine", "[aimed]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  const std::string aim = GENERATE("queue = \"c.jobs\"\n", "engine = \"bcs\"\n", "engine = \"bcs0\"\n");
  CAPTURE(component, aim);
  CHECK(banned(strike(aimed("hung_job", aim), component)) == std::vector<std::string>{"c.jobs"});
}

TEST_CASE("several faults of one kind strike, each where it is aimed", "[aimed]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  CAPTURE(component);
  const test::Outcome outcome =
      strike(aimed("hung_job", "client = \"a\"\nnth = 3\n") + aimed("hung_job", "client = \"c\"\n"), component);
  std::vector<std::string> names = banned(outcome);
  std::sort(names.begin(), names.end());
  CHECK(names == std::vector<std::string>{"a.jobs", "c.jobs"});
  CHECK(is_all_good(outcome, "b"));
}

TEST_CASE("a span of time, a count and the n-th occasion bound a fault", "[aimed]") {
  const auto struck = [](const std::string& aims) {
    std::vector<SimTime> times;
    const test::Outcome outcome = strike(aimed("slow_job", "factor = 2\nclient = \"a\"\n" + aims), "drm_dep");
    for (const auto& event : outcome.recording.all<trace::fault_injected>()) times.push_back(event.time);
    return times;
  };
  CHECK(struck("").size() == 1);
  CHECK(struck("count = 0\n").size() == 12);
  CHECK(struck("nth = 10\ncount = 0\n").size() == 3);
  CHECK(struck("nth = 2\ncount = 4\n").size() == 4);
  const std::vector<SimTime> late = struck("from_us = 1500\ncount = 0\n");
  REQUIRE_FALSE(late.empty());
  CHECK(late.size() < 12);
  CHECK(late.front() >= SimTime{us(1'500)});
  const std::vector<SimTime> early = struck("until_us = 1500\ncount = 0\n");
  REQUIRE_FALSE(early.empty());
  CHECK(early.back() < SimTime{us(1'500)});
}

TEST_CASE("a probability draws from a stream of its own", "[aimed]") {
  const auto struck = [](const std::string& faults, const std::string& client) {
    std::vector<std::uint64_t> jobs;
    const test::Outcome outcome = strike(faults, "drm_dep");
    for (const auto& event : outcome.recording.all<trace::fault_injected>()) {
      const std::string& queue = outcome.recording.names.queues[event.queue.value()].name;
      if (queue == client + ".jobs") jobs.push_back(event.job.value());
    }
    return jobs;
  };
  const std::string one = aimed("slow_job", "factor = 1\nclient = \"a\"\ncount = 0\nprobability_ppm = 500000\n");
  const std::string other = aimed("slow_job", "factor = 1\nclient = \"c\"\ncount = 0\nprobability_ppm = 500000\n");
  const std::vector<std::uint64_t> alone = struck(one, "a");
  CHECK(alone.size() > 1);
  CHECK(alone.size() < 12);
  CHECK(struck(one + other, "a") == alone);
}

TEST_CASE("a fault that fell short is noted with its place in the file", "[aimed]") {
  CHECK(first_note(three_clients_with(aimed("hung_job", "client = \"b\"\nnth = 99\n"))) ==
        "faults.1 (hung_job, x.toml:9) did not happen: 12 jobs were begun that it is aimed at");
  CHECK(first_note(three_clients_with(aimed("slow_job", "client = \"b\"\nnth = 11\ncount = 5\n"))) ==
        "faults.1 (slow_job, x.toml:9) happened 2 of 5 times: 12 jobs were begun that it is aimed at");
}

TEST_CASE("a firmware that crashes costs a device reset and nobody a job", "[aimed]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  const int nth = GENERATE(1, 5, 20);
  const std::string core = GENERATE("native", "rv32");
  CAPTURE(component, nth, core);
  const std::string at = "nth = " + std::to_string(nth) + "\n";
  const test::Outcome outcome = test::run_to_end(three_clients_with(aimed("firmware_crash", at)), component,
                                                 {"device.firmware.core=\"" + core + "\""});
  CHECK(outcome.count<trace::fault_injected>() == 1);
  CHECK(outcome.count<trace::device_reset_begin>() >= 1);
  CHECK(outcome.failed() == 0);
  CHECK(outcome.jobs() == 36);
  CHECK(most_starts(outcome) == 1);
  // It does nothing until the reset.
  const SimTime crash = outcome.recording.all<trace::fault_injected>()[0].time;
  const SimTime reset = outcome.recording.all<trace::device_reset_begin>()[0].time;
  for (const auto& event : outcome.recording.all<trace::firmware_begin>()) {
    CHECK((event.time <= crash || event.time >= reset));
  }
}

TEST_CASE("an engine that does not come out of its reset: the device is reset, and only the hung queue pays",
          "[aimed]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  CAPTURE(component);
  const test::Outcome outcome =
      strike(aimed("hung_job", "client = \"a\"\nnth = 2\n") + aimed("failed_engine_reset"), component);
  CHECK(outcome.count<trace::fault_injected>() == 2);
  CHECK(outcome.count<trace::device_reset_begin>() >= 1);
  CHECK(banned(outcome) == std::vector<std::string>{"a.jobs"});
  CHECK(is_all_good(outcome, "b"));
  CHECK(is_all_good(outcome, "c"));
  CHECK(most_starts(outcome) == 1);
}

TEST_CASE("a device that does not come out of its reset is given up: -ENODEV", "[aimed]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  CAPTURE(component);
  const test::Outcome outcome =
      test::run_to_end(three_clients_with("[fault]\nreset_us = 700\n" + aimed("failed_device_reset")), component,
                       {"driver.reset_timeout_ms=5"});
  CHECK(outcome.count<trace::device_gone>() == 1);
  for (const auto& [client, errors] : outcome.errors) {
    const auto first = std::find_if(errors.begin(), errors.end(), [](Errno e) { return e != Errno::ok; });
    CHECK(std::all_of(first, errors.end(), [](Errno e) { return e == Errno::nodev; }));
  }
  CHECK(outcome.failed() > 0);
  CHECK(most_starts(outcome) == 1);
}

TEST_CASE("what is late or comes twice costs time and nobody a job", "[aimed]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  const std::string kind =
      GENERATE("delayed_message", "late_reply_interrupt", "duplicate_reply_interrupt", "link_error", "late_interrupt",
               "duplicate_interrupt", "delayed_doorbell", "firmware_stall");
  const std::string notify = GENERATE("doorbell", "message");
  CAPTURE(component, kind, notify);
  if (kind == "delayed_doorbell" && notify == "message") return;
  const test::Outcome outcome =
      test::run_to_end(three_clients_with(aimed(kind, "nth = 2\n")), component, {"device.notify=" + notify});
  CHECK(outcome.count<trace::fault_injected>() == 1);
  CHECK(outcome.count<trace::device_reset_begin>() == 0);
  CHECK(outcome.failed() == 0);
  CHECK(outcome.jobs() == 36);
  CHECK(most_starts(outcome) == 1);
}

TEST_CASE("a header that is wrong, or an answer that never comes, costs a device reset", "[aimed]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  const std::string kind = GENERATE("corrupted_message", "corrupted_reply", "stuck_acknowledgement");
  const std::string core = GENERATE("native", "rv32");
  CAPTURE(component, kind, core);
  const test::Outcome outcome = test::run_to_end(three_clients_with(aimed(kind, "client = \"a\"\n")), component,
                                                 {"device.firmware.core=\"" + core + "\""});
  CHECK(outcome.count<trace::fault_injected>() == 1);
  CHECK(outcome.count<trace::device_reset_begin>() == 1);
  std::vector<std::string> victims = on_engines_at_reset(outcome);
  std::vector<std::string> paid = banned(outcome);
  std::sort(victims.begin(), victims.end());
  std::sort(paid.begin(), paid.end());
  CHECK(paid == victims);
  for (const std::string client : {"a", "b", "c"}) {
    const bool is_victim = std::find(victims.begin(), victims.end(), client + ".jobs") != victims.end();
    CHECK((is_victim || is_all_good(outcome, client)));
  }
  CHECK(most_starts(outcome) <= 2);
  const auto refused = outcome.recording.all<trace::message_refused>();
  CHECK(refused.size() == (kind == "corrupted_message" ? 1 : 0));
  // The refusal itself, not the timeout of a job that waits for the message.
  const auto reset = outcome.recording.all<trace::device_reset_begin>().at(0);
  if (!refused.empty()) CHECK(reset.reason.as<drv::ResetReason>() == drv::ResetReason::channel_error);
}

TEST_CASE("a reply whose interrupt gets lost is found by the next one, or costs a device reset", "[aimed]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  const int nth = GENERATE(1, 2, 3, 6);
  CAPTURE(component, nth);
  const test::Outcome outcome = strike(aimed("lost_reply_interrupt", "nth = " + std::to_string(nth) + "\n"), component);
  CHECK(outcome.count<trace::fault_injected>() == 1);
  CHECK(outcome.count<trace::device_reset_begin>() <= 1);
  CHECK(outcome.failed() == 0);
  CHECK(outcome.jobs() == 36);
}

TEST_CASE("a queue whose acknowledgement is stuck gets none until the device is reset", "[aimed]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  CAPTURE(component);
  const test::Outcome outcome = strike(aimed("stuck_acknowledgement", "client = \"c\"\n"), component);
  const SimTime stuck = outcome.recording.all<trace::fault_injected>().at(0).time;
  const SimTime reset = outcome.recording.all<trace::device_reset_begin>().at(0).time;
  for (const auto& event : outcome.recording.all<trace::message_reply>()) {
    const std::string& queue = outcome.recording.names.queues[event.queue.value()].name;
    if (queue == "c.jobs") CHECK((event.time < stuck || event.time > reset));
  }
}

TEST_CASE("what is lost of one client costs it time, and nobody a job", "[aimed]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  const std::string fault = GENERATE("lost_doorbell", "dropped_message", "dropped_reply");
  CAPTURE(component, fault);
  // Of the last one to end: nobody is on an engine when the device is reset.
  const test::Outcome outcome = strike(aimed(fault, "client = \"b\"\nnth = 2\n"), component);
  for (const auto& event : outcome.recording.all<trace::fault_injected>()) {
    CHECK(outcome.recording.names.queues[event.queue.value()].name == "b.jobs");
  }
  CHECK(outcome.count<trace::fault_injected>() == 1);
  CHECK(outcome.failed() == 0);
  CHECK(outcome.jobs() == 36);
  CHECK(most_starts(outcome) == 1);
}

TEST_CASE("a lost interrupt is aimed at a class of engines", "[aimed]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  CAPTURE(component);
  const test::Outcome outcome = strike(aimed("lost_interrupt", "engine = \"bcs\"\ncount = 0\n"), component);
  const auto copy = abi::completion_vector(abi::EngineClass::copy);
  CHECK(outcome.count<trace::fault_injected>() >= 1);
  for (const auto& event : outcome.recording.all<trace::fault_injected>()) CHECK(event.unit == copy);
  for (const auto& event : outcome.recording.all<trace::interrupt_raise>()) CHECK(event.vector != copy);
  CHECK(outcome.failed() == 0);  // each timeout finds a job that is done
  CHECK(outcome.jobs() == 36);
}

TEST_CASE("an aimed fault stands beside one of the whole run, and leaves its count alone", "[aimed]") {
  const auto struck = [](const std::string& faults) {
    std::vector<std::uint64_t> jobs;
    const test::Outcome outcome = strike(faults, "drm_dep");
    for (const auto& event : outcome.recording.all<trace::fault_injected>()) jobs.push_back(event.job.value());
    return jobs;
  };
  const std::string whole = "[fault]\nslow_job = 5\nslow_factor = 1\n";
  const std::vector<std::uint64_t> alone = struck(whole);
  REQUIRE(alone.size() == 1);
  const std::vector<std::uint64_t> both = struck(whole + aimed("slow_job", "factor = 1\nclient = \"c\"\nnth = 9\n"));
  REQUIRE(both.size() == 2);
  CHECK(both[0] == alone[0]);
}

TEST_CASE("a link error holds up the write and those behind it by its delay", "[aimed]") {
  const auto first_end = [](const std::string& faults) {
    return strike(faults, "drm_dep").recording.all<trace::doorbell_arrive>().at(0).time;
  };
  const SimTime late = first_end(aimed("link_error", "delay_us = 70\n"));
  // The first posted write announces the channel, at probe: behind it stand all others.
  CHECK(late > first_end(""));
  CHECK(late >= SimTime{us(70)});
}
