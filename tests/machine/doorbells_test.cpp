// SPDX-License-Identifier: MIT
// Whom a doorbell reaches: the firmware, or the engine that its queue is on; what it carries; and how the firmware
// finds work of queues without a slot. Times are exact: nothing costs any but what a test says.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/system/explorer.h"
#include "tests/support/catch.h"
#include "tests/support/machine/any_component.h"
#include "tests/support/machine/outcome.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;
using hw::DoorbellValue;

namespace {

scenario::ScenarioSpec free_direct(abi::DoorbellRoute route = abi::DoorbellRoute::direct,
                                   DoorbellValue value = DoorbellValue::write_index) {
  scenario::ScenarioSpec spec = test::ideal_scenario();
  spec.device.descriptor.doorbell_route = route;
  spec.device.doorbell.value = value;
  return spec;
}

/// Handed over without waiting, each `wait` after the one before.
workload::LoopSpec stream_of(std::uint64_t jobs, Picoseconds work, Picoseconds wait = {}) {
  workload::LoopSpec loop;
  loop.placement = test::kRender;
  loop.work = test::fixed(work);
  loop.cycles = jobs;
  loop.sync = false;
  loop.max_in_flight = 8;
  loop.wait = test::fixed(wait);
  return loop;
}

[[nodiscard]] Picoseconds end_of(const test::Recording& run) {
  return run.all<trace::job_end>().back().time.time_since_epoch();
}
[[nodiscard]] Picoseconds start_of(const test::Recording& run) {
  return run.all<trace::job_start>().front().time.time_since_epoch();
}
[[nodiscard]] std::size_t doorbells_served(const test::Recording& run) {
  const auto steps = run.all<trace::firmware_begin>();
  return static_cast<std::size_t>(std::count_if(steps.begin(), steps.end(), [](const trace::firmware_begin& step) {
    return step.event.as<std::uint64_t>() == static_cast<std::uint64_t>(fw::Step::doorbell);
  }));
}

void tear(scenario::ScenarioSpec& spec, std::uint64_t count) {
  fault::AimedFault fault;
  fault.kind = fault::Kind::torn_doorbell;
  fault.count = count;
  spec.fault.aimed = {fault};
}

}  // namespace

TEST_CASE("doorbells: of a busy queue they cost nothing if they reach its engine, and hold it up at the firmware",
          "[doorbells]") {
  const auto core = GENERATE(hw::FirmwareCoreKind::native, hw::FirmwareCoreKind::rv32);
  const auto component =
      GENERATE(scenario::Component::drm_dep, scenario::Component::drm_sched, scenario::Component::direct);
  const auto value = GENERATE(DoorbellValue::write_index, DoorbellValue::handle);
  CAPTURE(core, component, value);
  constexpr std::uint64_t kJobs = 400;
  const auto run_of = [&](abi::DoorbellRoute route) {
    scenario::ScenarioSpec spec = free_direct(route, value);
    spec.component = component;
    spec.device.firmware.core = core;
    spec.device.firmware.doorbell = Cost{us(30), 0};
    spec.clients = {test::client("busy", stream_of(kJobs, us(2)))};
    return test::run(spec);
  };
  const test::Recording direct = run_of(abi::DoorbellRoute::direct);
  // The first doorbell, and another one while that is served: the queue is on no engine yet.
  CHECK(end_of(direct) - start_of(direct) == us(2) * kJobs);
  CHECK(doorbells_served(direct) <= 2);
  // In a turn the firmware learns of the eight that may be in flight.
  const test::Recording through = run_of(abi::DoorbellRoute::firmware);
  CHECK(end_of(through) >= us(30) * (kJobs / 8));
  CHECK(doorbells_served(through) >= kJobs / 8);
}

TEST_CASE("doorbells: without a value the engine reads the index from memory, for as long as a read takes",
          "[doorbells]") {
  const auto value = GENERATE(DoorbellValue::write_index, DoorbellValue::handle);
  scenario::ScenarioSpec spec = free_direct(abi::DoorbellRoute::direct, value);
  spec.device.link.dma_read_latency = Cost{us(1), 0};
  // The second one rings 400 ns before the first one ends: the engine waits for what it reads, and then fetches.
  spec.clients = {test::client("a", stream_of(2, us(10), ns(10'600)))};
  const test::Recording run = test::run(spec);
  const auto starts = run.all<trace::job_start>();
  REQUIRE(starts.size() == 2);
  CHECK(starts[0].time == SimTime{us(1)});
  CHECK(starts[1].time == SimTime{value == DoorbellValue::handle ? ns(12'600) : us(12)});
  CHECK(run.all<trace::engine_assign>().size() == 1);
}

TEST_CASE("doorbells: torn ones leave entries to the next doorbell, or to when the queue leaves its engine",
          "[doorbells]") {
  const auto component =
      GENERATE(scenario::Component::drm_dep, scenario::Component::drm_sched, scenario::Component::direct);
  CAPTURE(component);
  const auto end_with = [&](std::uint64_t torn, std::uint64_t jobs) {
    scenario::ScenarioSpec spec = free_direct();
    spec.component = component;
    spec.device.firmware.engine_event = Cost{us(5), 0};
    spec.device.firmware.pick = Cost{us(3), 0};
    spec.clients = {test::client("a", stream_of(jobs, us(100), us(10)))};
    if (torn != 0) tear(spec, torn);
    const test::Recording run = test::run(spec);
    CHECK(run.all<trace::fault_injected>().size() == torn);
    return end_of(run);
  };
  CHECK(end_with(0, 4) == us(3) + us(400));
  CHECK(end_with(1, 4) == us(3) + us(400));              // the third one's doorbell stands for the second, too
  CHECK(end_with(3, 4) == us(3) + us(400) + us(5 + 3));  // the firmware finds the others, and gives it the engine again
}

TEST_CASE("doorbells: a value that is no index of the ring is ignored", "[doorbells]") {
  // Torn at 2^16: the upper half of the new index with the lower half of the old one.
  scenario::ScenarioSpec spec = free_direct();
  constexpr std::uint64_t kBoundary = 1U << 16;
  workload::LoopSpec loop = stream_of(kBoundary + 20, us(1));
  loop.max_in_flight = 2;
  spec.clients = {test::client("a", loop)};
  fault::AimedFault fault;
  fault.kind = fault::Kind::torn_doorbell;
  fault.nth = kBoundary - 8;
  fault.count = 16;
  spec.fault.aimed = {fault};
  const test::Recording run = test::run(spec);
  CHECK(run.all<trace::fault_injected>().size() == 16);
  CHECK(run.jobs().size() == kBoundary + 20);
  CHECK(run.all<trace::message_refused>().empty());
}

TEST_CASE("doorbells: a queue without a slot is found at once, or at the next poll", "[doorbells]") {
  const auto unmapped = GENERATE(hw::UnmappedDoorbell::firmware, hw::UnmappedDoorbell::polled);
  const auto core = GENERATE(hw::FirmwareCoreKind::native, hw::FirmwareCoreKind::rv32);
  CAPTURE(unmapped, core);
  scenario::ScenarioSpec spec = free_direct();
  spec.device.firmware.core = core;
  spec.device.descriptor.slots = 1;
  spec.device.doorbell.unmapped = unmapped;
  spec.device.doorbell.poll = us(300);
  // Each finds the slot with the other one, idle.
  for (const char* name : {"a", "b"}) {
    workload::LoopSpec loop;
    loop.placement = test::kRender;
    loop.work = test::fixed(us(10));
    loop.cycles = 5;
    loop.wait = test::fixed(us(1'000));
    spec.clients.push_back(test::client(name, loop));
  }
  spec.clients[1].start = us(500);
  const test::Recording run = test::run(spec);
  const auto arrivals = run.all<trace::doorbell_arrive>();
  const auto starts = run.all<trace::job_start>();
  REQUIRE(starts.size() == 10);
  for (std::size_t job = 2; job < starts.size(); ++job) {  // behind the first of each queue, which its message tells of
    CAPTURE(job);
    const Picoseconds rung = arrivals.at(job).time.time_since_epoch();
    const Picoseconds started = starts.at(job).time.time_since_epoch();
    const Picoseconds next_poll = us(300) * (rung / us(300) + 1);
    CHECK(started == (unmapped == hw::UnmappedDoorbell::polled ? next_poll : rung));
  }
}

TEST_CASE("doorbells: whatever becomes of those of queues without a slot, explorations are survived",
          "[doorbells][explore]") {
  const std::string component = GENERATE("drm_dep", "drm_sched", "direct");
  const std::string file = GENERATE("dependencies", "queues", "slots", "full", "teardown");
  const std::string unmapped = GENERATE("firmware", "polled");
  CAPTURE(component, file, unmapped);
  if (component == "direct" && file == "full") return;  // whose credits are the kernel's
  const auto files = test::shipped_files("explore");
  const auto found = std::find_if(files.begin(), files.end(), [&](const auto& path) { return path.stem() == file; });
  REQUIRE(found != files.end());
  scenario::ScenarioSpec spec = test::load_spec(
      *found, {"device.notify=doorbell", "device.doorbell.route=direct", "device.doorbell.unmapped=" + unmapped,
               "device.doorbell.poll_us=40", "scheduler.component=" + component});
  const system::Explorer explorer{spec};
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const system::ExploredRun run = explorer.run_seed(seed);
    CAPTURE(seed, run.text);
    REQUIRE(run.survived());
  }
}
