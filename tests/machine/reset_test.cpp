// SPDX-License-Identifier: MIT
// Whole machines in which a job hangs, a message gets lost, the device is reset or pulled: which jobs pay for it, and
// that no others do.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/errno.h"
#include "sim/system/simulation.h"
#include "tests/support/catch.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;
using trace::EventKind;

namespace {

constexpr std::uint64_t number(Errno error) { return static_cast<std::uint64_t>(error); }

workload::LoopSpec loop_on(abi::EngineClass engine, std::uint64_t cycles, std::uint32_t jobs_per_cycle) {
  workload::LoopSpec loop;
  loop.placement = {engine, -1};
  loop.work = {us(200), us(200)};
  loop.cycles = cycles;
  loop.jobs_per_cycle = jobs_per_cycle;
  return loop;
}

/// Two clients on the render engine and one on the copy engine, four jobs at a time each, 12 jobs in all; timeouts of
/// milliseconds.
scenario::ScenarioSpec three_clients() {
  scenario::ScenarioSpec spec = test::costly_scenario();
  spec.job_timeout = ms(20);
  spec.device.descriptor.preempt_timeout_ps = static_cast<std::uint64_t>(ms(5).count());
  spec.device.firmware.engine_reset = Cost{us(100), 0};
  spec.device.reset = Cost{ms(3), 0};
  spec.driver.answer_timeout = ms(10);
  spec.driver.reset_poll = ms(1);
  spec.clients = {test::client("a", loop_on(abi::EngineClass::render, 3, 4)),
                  test::client("b", loop_on(abi::EngineClass::render, 3, 4)),
                  test::client("c", loop_on(abi::EngineClass::copy, 3, 4))};
  return spec;
}

struct Story {
  test::Recording recording;

  [[nodiscard]] std::size_t count(EventKind kind) const { return recording.of_kind(kind).size(); }
  /// Errors of finished fences by client, in order of their signals.
  [[nodiscard]] std::vector<std::uint64_t> errors(const std::string& client) const {
    std::vector<std::uint64_t> result;
    for (const auto& event : recording.all<trace::dma_fence_signaled>()) {
      if (event.job == JobId{}) continue;
      const std::string& name = recording.names.queues[event.queue.value()].name;
      if (name.rfind(client + ".", 0) == 0) result.push_back(static_cast<std::uint64_t>(event.error));
    }
    return result;
  }
  [[nodiscard]] std::vector<std::uint64_t> all_good(std::size_t jobs) const { return std::vector<std::uint64_t>(jobs); }
  [[nodiscard]] std::uint64_t client_error(const std::string& client) const {
    for (const auto& event : recording.all<trace::client_finish>()) {
      if (recording.names.clients[event.client.value()] == client) return static_cast<std::uint64_t>(event.error);
    }
    return 999;
  }
  [[nodiscard]] std::string queue_name(const trace::Event& event) const {
    return recording.names.queues[event.queue].name;
  }
  /// How often each job began to execute.
  [[nodiscard]] std::map<std::uint64_t, int> starts() const {
    std::map<std::uint64_t, int> result;
    for (const trace::Event& event : recording.of_kind(EventKind::job_start)) ++result[event.job];
    return result;
  }
};

/// Runs to the end, with all oracles, and checks that nothing outlived it.
Story tell(const scenario::ScenarioSpec& spec) {
  Story story{test::run(spec)};
  CHECK(story.recording.result.outcome == system::Outcome::finished);
  return story;
}

}  // namespace

TEST_CASE("without a fault nobody is suspected", "[reset]") {
  const Story story = tell(three_clients());
  for (const char* client : {"a", "b", "c"}) CHECK(story.errors(client) == story.all_good(12));
  CHECK(story.count(EventKind::job_timedout) == 0);
  CHECK(story.count(EventKind::queue_banned) == 0);
}

TEST_CASE(
    "a hung job that a neighbour wants the engine from: the firmware resets the engine, -EIO, followers -ECANCELED",
    "[reset]") {
  scenario::ScenarioSpec spec = three_clients();
  spec.fault.hung_job = 5;
  const Story story = tell(spec);
  CHECK(story.count(EventKind::engine_reset) == 1);
  CHECK(story.count(EventKind::reset_notify) == 1);
  CHECK(story.count(EventKind::device_reset_begin) == 0);
  REQUIRE(story.count(EventKind::queue_banned) == 1);
  const std::string banned = story.queue_name(story.recording.of_kind(EventKind::queue_banned)[0]).substr(0, 1);
  REQUIRE(banned != "c");
  const std::vector<std::uint64_t> errors = story.errors(banned);
  const auto first = std::find_if(errors.begin(), errors.end(), [](std::uint64_t error) { return error != 0; });
  REQUIRE(first != errors.end());
  CHECK(*first == number(Errno::io));
  CHECK(std::all_of(first + 1, errors.end(), [](std::uint64_t error) { return error == number(Errno::canceled); }));
  CHECK(errors.end() - first > 1);
  CHECK(story.client_error(banned) == number(Errno::canceled));
  for (const char* client : {"a", "b", "c"}) {
    if (client != banned) CHECK(story.errors(client) == story.all_good(12));
  }
}

TEST_CASE("a hung job that nobody wants the engine from is found by its timeout: -ETIME", "[reset]") {
  scenario::ScenarioSpec spec = three_clients();
  spec.clients.pop_back();
  spec.clients.pop_back();
  spec.fault.hung_job = 2;
  const Story story = tell(spec);
  CHECK(story.count(EventKind::engine_reset) == 1);  // it does not let itself be preempted
  CHECK(story.count(EventKind::job_timedout) == 1);
  CHECK(story.errors("a") ==
        std::vector<std::uint64_t>{0, number(Errno::time), number(Errno::canceled), number(Errno::canceled)});
  CHECK(story.client_error("a") == number(Errno::canceled));
}

TEST_CASE("a hung job on a device without a preempt timeout needs a full reset, which harms nobody else", "[reset]") {
  scenario::ScenarioSpec spec = three_clients();
  spec.device.descriptor.preempt_timeout_ps = 0;
  spec.device.descriptor.quantum_ps = 0;
  spec.clients.erase(spec.clients.begin() + 1);
  spec.fault.hung_job = 3;
  const Story story = tell(spec);
  CHECK(story.count(EventKind::device_reset_begin) == 1);
  CHECK(story.count(EventKind::device_reset_end) == 1);
  REQUIRE(story.count(EventKind::queue_banned) >= 1);
  const std::string banned = story.queue_name(story.recording.of_kind(EventKind::queue_banned)[0]).substr(0, 1);
  const std::vector<std::uint64_t> errors = story.errors(banned);
  CHECK(std::count(errors.begin(), errors.end(), number(Errno::time)) == 1);
  for (const auto& [job, starts] : story.starts()) {
    CAPTURE(job);
    CHECK(starts <= 2);
  }
}

TEST_CASE("a slow job that had its time is guilty, but lets itself be taken off", "[reset]") {
  scenario::ScenarioSpec spec = three_clients();
  spec.clients.resize(1);
  spec.fault.slow_job = 2;
  spec.fault.slow_factor = 1'000;
  const Story story = tell(spec);
  CHECK(story.count(EventKind::engine_reset) == 0);
  CHECK(story.errors("a")[1] == number(Errno::time));
}

TEST_CASE("a lost doorbell or interrupt costs a timeout and nobody a job", "[reset]") {
  scenario::ScenarioSpec spec = three_clients();
  spec.clients = {test::client("a", loop_on(abi::EngineClass::render, 2, 1))};
  const bool doorbell = GENERATE(true, false);
  // The first doorbell comes with the registration, which makes the firmware look at the ring.
  (doorbell ? spec.fault.lost_doorbell : spec.fault.lost_interrupt) = 2;
  const Story story = tell(spec);
  CHECK(story.count(EventKind::job_timedout) == 1);
  CHECK(story.recording.all<trace::timeout_verdict>()[0].verdict == 3);  // NO_HANG
  CHECK(story.errors("a") == story.all_good(2));
}

TEST_CASE("late and doubled interrupts, a late doorbell, a firmware that pauses: slower, nothing worse", "[reset]") {
  scenario::ScenarioSpec spec = three_clients();
  switch (GENERATE(0, 1, 2, 3)) {
    case 0:
      spec.fault.late_interrupt = 3;
      break;
    case 1:
      spec.fault.duplicate_interrupt = 3;
      break;
    case 2:
      spec.fault.delayed_doorbell = 3;
      break;
    default:
      spec.fault.firmware_stall = 5;
  }
  const Story story = tell(spec);
  CHECK(story.count(EventKind::fault_injected) == 1);
  for (const char* client : {"a", "b", "c"}) CHECK(story.errors(client) == story.all_good(12));
}

TEST_CASE("a message lost on its way to the firmware or back costs at most a device reset", "[reset]") {
  const bool to_firmware = GENERATE(true, false);
  const std::uint64_t nth = GENERATE(1, 2, 3, 4, 5, 6);
  const auto notify = GENERATE(abi::SubmitNotify::doorbell, abi::SubmitNotify::message);
  scenario::ScenarioSpec spec = three_clients();
  spec.device.descriptor.notify = notify;
  (to_firmware ? spec.fault.dropped_message : spec.fault.dropped_reply) = nth;
  CAPTURE(to_firmware, nth, notify == abi::SubmitNotify::message);
  const Story story = tell(spec);
  CHECK(story.count(EventKind::fault_injected) == 1);
  CHECK(story.count(EventKind::device_reset_begin) <= 3);
  if (!to_firmware) CHECK(story.count(EventKind::device_reset_begin) == 1);
}

TEST_CASE("a device reset at any time: what was begun is lost, all else runs once more at most", "[reset]") {
  const std::int64_t when = GENERATE(1, 20, 50, 100, 150, 300, 700, 1'000, 1'500, 2'000, 2'500, 4'000);
  scenario::ScenarioSpec spec = three_clients();
  spec.fault.reset = us(when);
  const bool ring_short = GENERATE(false, true);
  if (ring_short) {
    spec.driver.ring_entries = 2;
    spec.driver.credit_limit = 8;
  }
  CAPTURE(when, ring_short);
  const Story story = tell(spec);
  CHECK(story.count(EventKind::device_reset_begin) == 1);
  CHECK(story.count(EventKind::device_reset_end) == 1);
  CHECK(story.count(EventKind::queue_banned) <= 2);  // two engines
  for (const char* client : {"a", "b", "c"}) {
    const std::vector<std::uint64_t> errors = story.errors(client);
    const bool good = errors == story.all_good(12);
    const bool lost = std::count(errors.begin(), errors.end(), number(Errno::io)) == 1;
    CHECK((good || lost));
    const std::uint64_t error = story.client_error(client);
    CHECK((error == 0 || (lost && error == number(Errno::canceled))));  // 0 also if its last jobs were lost
  }
  for (const auto& [job, starts] : story.starts()) CHECK(starts <= 2);
}

TEST_CASE("a device that is pulled at any time: every fence ends with -ENODEV, every ioctl too", "[reset]") {
  const std::int64_t when = GENERATE(1, 20, 50, 100, 300, 1'000, 1'500, 2'000, 4'000);
  scenario::ScenarioSpec spec = three_clients();
  spec.fault.unplug = us(when);
  CAPTURE(when);
  const Story story = tell(spec);
  REQUIRE(story.count(EventKind::device_gone) == 1);
  const SimTime gone = story.recording.of_kind(EventKind::device_gone)[0].time;
  for (const EventKind kind : {EventKind::interrupt_arrive, EventKind::fence_visible, EventKind::doorbell_arrive,
                               EventKind::job_end, EventKind::firmware_begin}) {
    for (const trace::Event& event : story.recording.of_kind(kind)) CHECK(event.time <= gone);
  }
  for (const char* client : {"a", "b", "c"}) {
    const std::vector<std::uint64_t> errors = story.errors(client);
    const auto first = std::find_if(errors.begin(), errors.end(), [](std::uint64_t error) { return error != 0; });
    CHECK(std::all_of(first, errors.end(), [](std::uint64_t error) { return error == number(Errno::nodev); }));
    if (errors.size() < 12) CHECK(story.client_error(client) == number(Errno::nodev));
  }
}

TEST_CASE("resets and pulls at many moments, on every kind of device and driver", "[reset]") {
  scenario::ScenarioSpec spec = three_clients();
  spec.job_timeout = ms(2);
  switch (GENERATE(0, 1, 2, 3)) {
    case 0:
      break;
    case 1:
      spec.device.descriptor.notify = abi::SubmitNotify::message;
      break;
    case 2:
      spec.device.descriptor.slots = 1;
      spec.driver.irq_path = drv::IrqPath::threaded;
      break;
    default:
      spec.device.descriptor.quantum_ps = static_cast<std::uint64_t>(us(70).count());
      spec.dep.bypass = true;
      spec.fault.hung_job = 4;
  }
  const bool pulled = GENERATE(true, false);
  for (std::int64_t when = 7; when < 3'200; when += 53) {
    (pulled ? spec.fault.unplug : spec.fault.reset) = us(when);
    CAPTURE(pulled, when);
    const Story story = tell(spec);
    CHECK(story.count(pulled ? EventKind::device_gone : EventKind::device_reset_end) >= 1);
    for (const auto& [job, starts] : story.starts()) CHECK(starts <= 2);
  }
}

TEST_CASE("a device pulled while it is in reset, or while a timeout is at work", "[reset]") {
  scenario::ScenarioSpec spec = three_clients();
  const bool in_reset = GENERATE(true, false);
  if (in_reset) {
    spec.fault.reset = us(500);
    spec.fault.unplug = us(GENERATE(501, 1'500, 3'500));
  } else {
    spec.clients.resize(1);
    spec.fault.hung_job = 1;
    spec.fault.unplug = us(22'000);
  }
  const Story story = tell(spec);
  CHECK(story.count(EventKind::device_gone) == 1);
}

TEST_CASE("more queues in turn than the device has ids: each id is used again, and never twice at a time", "[reset]") {
  scenario::ScenarioSpec spec = test::costly_scenario();
  spec.device.descriptor.max_queues = 1;
  spec.clients = {test::client("a", loop_on(abi::EngineClass::render, 1, 2)),
                  test::client("b", loop_on(abi::EngineClass::render, 1, 2))};
  spec.clients[1].start = ms(5);
  const Story story = tell(spec);
  std::set<std::uint32_t> ids;
  std::set<std::uint32_t> queues;
  for (const auto& event : story.recording.all<trace::queue_registered>()) {
    ids.insert(event.id);
    queues.insert(event.queue.value());
  }
  CHECK(ids == std::set<std::uint32_t>{1});
  CHECK(queues == std::set<std::uint32_t>{1, 2});
  CHECK(story.errors("b") == story.all_good(2));
  // The later queue does not find the earlier one's context on the engine.
  for (const auto& event : story.recording.all<trace::engine_assign>()) {
    if (event.queue == QueueId{2}) {
      CHECK_FALSE(event.loaded);
      break;
    }
  }
}

TEST_CASE("no id is left: -ENOSPC, until the firmware has forgotten a queue", "[reset]") {
  scenario::ScenarioSpec spec = test::costly_scenario();
  spec.device.descriptor.max_queues = 1;
  spec.clients = {test::client("a", loop_on(abi::EngineClass::render, 1, 2)),
                  test::client("b", loop_on(abi::EngineClass::render, 1, 2))};
  const Story story = tell(spec);
  const std::set<std::uint64_t> errors{story.client_error("a"), story.client_error("b")};
  CHECK(errors == std::set<std::uint64_t>{0, number(Errno::nospc)});
}

// --- what is counted -------------------------------------------------------------------------------------------------

TEST_CASE("engines that stop with the whole device are no engine resets", "[reset]") {
  const auto counts = [](const scenario::ScenarioSpec& spec) {
    system::Simulation simulation{spec};
    CHECK(simulation.run().outcome == system::Outcome::finished);
    return simulation.statistics().recovery();
  };
  scenario::ScenarioSpec spec = three_clients();
  spec.fault.unplug = us(500);  // two engines work
  CHECK(counts(spec).engine_resets == 0);
  CHECK(counts(spec).device_resets == 0);
  spec.fault = {};
  spec.fault.reset = us(500);
  CHECK(counts(spec).engine_resets == 0);
  CHECK(counts(spec).device_resets == 1);
  spec.fault = {};
  spec.fault.hung_job = 5;  // a neighbour wants the engine
  CHECK(counts(spec).engine_resets == 1);
  CHECK(counts(spec).device_resets == 0);
}
