// SPDX-License-Identifier: MIT
// What every device that schedules by firmware does, as closed forms over the parameters: docs/behaviours.md has the
// list. Here who gets a slot and whose turn it is; what that costs and what bounds it is in behaviour_bounds_test.cpp.
#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;
using test::fixed;
using test::kRender;

namespace {

/// It always has work on the render engine.
[[nodiscard]] workload::LoopSpec always_busy(std::uint32_t level = 1) {
  workload::LoopSpec loop;
  loop.placement = kRender;
  loop.work = fixed(ms(3));
  loop.cycles = 1'000'000;
  loop.sync = false;
  loop.max_in_flight = 4;
  loop.priority = level;
  return loop;
}

[[nodiscard]] scenario::ScenarioSpec ticking(std::uint32_t slots, Picoseconds tick) {
  scenario::ScenarioSpec spec = test::ideal_scenario();
  spec.device.descriptor.policy = abi::RunPolicy::tick_rotation;
  spec.device.descriptor.slots = slots;
  spec.device.descriptor.tick_ps = static_cast<std::uint64_t>(tick.count());
  return spec;
}

[[nodiscard]] hw::FirmwareSpec costly_firmware() {
  hw::FirmwareSpec firmware;
  firmware.wake = Cost{ns(500), 0};
  firmware.doorbell = Cost{us(10), 0};
  firmware.engine_event = Cost{us(9), 0};
  firmware.pick = Cost{us(8), 0};
  firmware.timer = Cost{us(7), 0};
  return firmware;
}

/// The client's name of a queue.
[[nodiscard]] std::string client_of(const test::Recording& recording, QueueId queue) {
  const std::string& name = recording.names.queues.at(queue.value()).name;
  return name.substr(0, name.rfind('.'));
}

/// When a client got its slot, and when it lost it, in turn.
[[nodiscard]] std::map<std::string, std::vector<SimTime>> slot_changes(const test::Recording& recording) {
  std::map<std::string, std::vector<SimTime>> changes;
  for (const trace::Event& event : recording.events) {
    if (const auto given = trace::as<trace::slot_grant>(event)) {
      std::vector<SimTime>& times = changes[client_of(recording, given->queue)];
      REQUIRE(times.size() % 2 == 0);
      times.push_back(given->time);
    } else if (const auto taken = trace::as<trace::slot_evict>(event)) {
      std::vector<SimTime>& times = changes[client_of(recording, taken->queue)];
      REQUIRE(times.size() % 2 == 1);
      times.push_back(taken->time);
    }
  }
  return changes;
}

/// Holds that each visit, but those that begin with the run, takes `residency`, and each wait `wait`; returns the
/// visits.
std::size_t check_visits(const std::vector<SimTime>& changes, Picoseconds residency, Picoseconds wait) {
  std::size_t visits = 0;
  for (std::size_t i = 1; i < changes.size(); ++i) {
    const bool is_visit = i % 2 == 1;
    if (is_visit && changes[i - 1] < SimTime{ms(1)}) continue;  // before the first tick
    CHECK(changes[i] - changes[i - 1] == (is_visit ? residency : wait));
    visits += is_visit ? 1 : 0;
  }
  return visits;
}

/// How long engines belonged to each client.
[[nodiscard]] std::map<std::string, Picoseconds> engine_time(const test::Recording& recording, SimTime end) {
  std::map<std::string, Picoseconds> times;
  std::map<QueueId, SimTime> since;
  for (const trace::Event& event : recording.events) {
    if (const auto given = trace::as<trace::engine_assign>(event)) {
      since[given->queue] = given->time;
    } else if (const auto left = trace::as<trace::engine_release>(event)) {
      times[client_of(recording, left->queue)] += left->time - since.at(left->queue);
      since.erase(left->queue);
    }
  }
  for (const auto& [queue, begin] : since) times[client_of(recording, queue)] += end - begin;
  return times;
}

}  // namespace

TEST_CASE("behaviour 4: G busy queues on S slots: each waits G - S ticks and stays S, whatever the tick",
          "[behaviours]") {
  // What the firmware and a change of contexts take moves each change of a slot alike, and adds up to no drift.
  const Picoseconds tick = GENERATE(ms(10), ms(4));
  const bool is_free = GENERATE(true, false);
  std::vector<std::pair<std::uint32_t, std::uint32_t>> sizes{{9, 8}, {16, 8}, {24, 8}, {4, 3}};
  for (std::uint32_t queues = 5; queues <= 12; ++queues) sizes.emplace_back(queues, 4);
  for (const auto& [queues, slots] : sizes) {
    CAPTURE(queues, slots, tick.count(), is_free);
    scenario::ScenarioSpec spec = ticking(slots, tick);
    spec.host.cpus = 32;
    if (!is_free) spec.device.firmware = costly_firmware();
    if (!is_free) spec.device.engines[0] = {Cost{us(120), 0}, Cost{us(150), 0}};
    spec.stop_after = 4 * queues * tick;
    spec.clients = {test::client("group", always_busy(), queues)};
    const auto changes = slot_changes(test::run(spec));
    REQUIRE(changes.size() == queues);
    for (const auto& [client, times] : changes) {
      CAPTURE(client);
      CHECK(check_visits(times, slots * tick, (queues - slots) * tick) >= 2);
    }
  }
}

TEST_CASE("behaviour 4: with as many slots as queues none is taken, with fewer high levels keep theirs",
          "[behaviours]") {
  for (const std::uint32_t queues : {6U, 8U}) {
    scenario::ScenarioSpec spec = ticking(8, ms(10));
    spec.host.cpus = 32;
    spec.stop_after = ms(500);
    spec.clients = {test::client("group", always_busy(), queues)};
    for (const auto& [client, times] : slot_changes(test::run(spec))) CHECK(times == std::vector{SimTime{}});
  }
  for (const std::uint32_t high : {4U, 6U, 8U}) {
    CAPTURE(high);
    const std::uint32_t low = 12;
    scenario::ScenarioSpec spec = ticking(8, ms(10));
    spec.host.cpus = 32;
    spec.stop_after = ms(1'000);
    spec.clients = {test::client("high", always_busy(1), high), test::client("low", always_busy(2), low)};
    spec.clients[1].start = us(10);
    const auto changes = slot_changes(test::run(spec));
    CHECK(changes.size() == (high == 8 ? high : high + low));
    for (const auto& [client, times] : changes) {
      CAPTURE(client);
      if (client.starts_with("high")) {
        CHECK(times == std::vector{SimTime{}});
      } else {
        CHECK(check_visits(times, (8 - high) * ms(10), (low - (8 - high)) * ms(10)) >= 2);
      }
    }
  }
}

TEST_CASE("behaviour 5: a realtime queue has a slot and the engine at once, wherever in the tick it comes",
          "[behaviours]") {
  // Its doorbell crosses the link, wakes the firmware and is served: who is on the engine saves. The slot is that of
  // the last resident, who is not on the engine unless it is the only one. The report that all is saved wakes the
  // firmware.
  for (const std::uint32_t slots : {1U, 2U, 8U}) {
    CAPTURE(slots);
    scenario::ScenarioSpec spec = ticking(slots, ms(10));
    spec.host.cpus = 32;
    spec.stop_after = ms(400);
    const hw::FirmwareSpec firmware = costly_firmware();
    spec.device.firmware = firmware;
    spec.device.link.mmio_write_latency.value = ns(300);
    spec.device.link.dma_read_latency.value = ns(700);
    const Picoseconds save = us(150);
    const Picoseconds restore = us(120);
    spec.device.engines[0] = {Cost{restore, 0}, Cost{save, 0}};
    workload::LoopSpec realtime;
    realtime.placement = kRender;
    realtime.work = fixed(us(200));
    realtime.wait = fixed(us(7'300));
    realtime.cycles = 40;
    realtime.priority = 0;
    spec.clients = {test::client("group", always_busy(), 12), test::client("rt", realtime)};
    const test::Recording recording = test::run(spec);
    const Picoseconds path = spec.device.link.mmio_write_latency.value + firmware.wake.value + firmware.doorbell.value +
                             save + firmware.wake.value + firmware.engine_event.value + firmware.pick.value + restore +
                             spec.device.link.dma_read_latency.value;
    std::size_t seen = 0;
    for (const test::Job& job : recording.jobs()) {
      if (!job.queue_name.starts_with("rt") || job.submitted < SimTime{ms(5)} || !job.start) continue;
      CAPTURE(to_ps(job.submitted));
      const Picoseconds wait = *job.start - job.submitted;
      // Right behind a tick the engine may be at a restore, which comes to its end first.
      const bool is_at_tick = (job.submitted - SimTime{}) % ms(10) < ms(1);
      CHECK(wait >= path);
      CHECK(wait <= (is_at_tick ? path + restore : path));
      ++seen;
    }
    CHECK(seen >= 30);
  }
}

TEST_CASE("behaviour 5: a realtime resident with work keeps its slot, at ticks and when others of its level come",
          "[behaviours]") {
  for (const std::uint32_t slots : {1U, 2U, 4U}) {
    CAPTURE(slots);
    scenario::ScenarioSpec spec = ticking(slots, ms(10));
    spec.host.cpus = 32;
    spec.stop_after = ms(200);
    workload::LoopSpec realtime = always_busy(0);
    spec.clients = {test::client("group", always_busy(), 6), test::client("rt", realtime, slots)};
    for (workload::ClientSpec& client : spec.clients) client.start = client.name == "rt" ? ms(13) : ms(0);
    const auto changes = slot_changes(test::run(spec));
    std::size_t kept = 0;
    for (const auto& [client, times] : changes) {
      if (!client.starts_with("rt")) continue;
      CHECK(times == std::vector{SimTime{ms(13)}});
      ++kept;
    }
    CHECK(kept == slots);
  }
}

TEST_CASE("behaviour 9: while a higher level always has work a lower one gets nothing, and all when it has none",
          "[behaviours]") {
  // Strict levels: no share for who starves. The high ones have work for 100 ms in all.
  for (const std::uint32_t clients : {1U, 2U, 5U}) {
    CAPTURE(clients);
    scenario::ScenarioSpec spec = test::ideal_scenario();
    spec.device.descriptor.quantum_ps = static_cast<std::uint64_t>(ms(1).count());
    workload::LoopSpec high = always_busy(1);
    high.work = fixed(ms(100) / clients / 10);
    high.cycles = 10;
    workload::LoopSpec low = always_busy(2);
    low.cycles = 10;
    spec.clients = {test::client("high", high, clients), test::client("low", low)};
    spec.clients[1].start = us(10);
    const test::Recording recording = test::run(spec);
    for (const test::Job& job : recording.jobs()) {
      REQUIRE(job.start);
      if (job.queue_name.starts_with("low")) CHECK(*job.start >= SimTime{ms(100)});
    }
    CHECK(recording.finish() == SimTime{ms(130)});
  }
}

TEST_CASE("behaviour 9: in a list that is walked each process has its outer quantum, whatever its level",
          "[behaviours]") {
  for (const std::uint32_t outer : {1U, 4U, 10U, 16U}) {
    for (const std::uint32_t processes : {2U, 3U, 5U}) {
      CAPTURE(outer, processes);
      scenario::ScenarioSpec spec = test::ideal_scenario();
      spec.device.descriptor.policy = abi::RunPolicy::list_walk;
      spec.device.descriptor.quantum_ps = static_cast<std::uint64_t>(us(500).count());
      spec.device.descriptor.outer_quantum = outer;
      const std::int64_t turns = 3;
      spec.stop_after = turns * processes * outer * us(500);
      for (std::uint32_t i = 0; i < processes; ++i) {
        spec.clients.push_back(test::client("process" + std::to_string(i), always_busy(i % 4)));
      }
      const auto times = engine_time(test::run(spec), SimTime{*spec.stop_after});
      REQUIRE(times.size() == processes);
      for (const auto& [client, time] : times) {
        CAPTURE(client);
        CHECK(time == turns * outer * us(500));
      }
    }
  }
}

TEST_CASE("behaviour 9: a process whose queues go empty before their quanta are over has its turn, and no more",
          "[behaviours]") {
  // One of its two queues has a job of 0.4 ms at any time, so that none of its inner quanta comes to its end.
  const workload::ShareSpec share{{}, {"a", "b"}, {}};
  const std::string program = "submit rcs 400 signal a:i\nwait b:i-1\nsubmit rcs0 400 signal b:i\nwait a:i\n";
  for (const std::uint32_t outer : {1U, 4U, 10U}) {
    CAPTURE(outer);
    scenario::ScenarioSpec spec = test::ideal_scenario();
    spec.device.descriptor.policy = abi::RunPolicy::list_walk;
    spec.device.descriptor.quantum_ps = static_cast<std::uint64_t>(us(500).count());
    spec.device.descriptor.outer_quantum = outer;
    const std::int64_t turns = 4;
    spec.stop_after = turns * outer * us(400 + 500);
    spec.share = share;
    spec.clients = {test::client("pair", test::steps_workload(program, share, 1'000)),
                    test::client("one", always_busy())};
    spec.clients[1].start = us(100);
    const auto times = engine_time(test::run(spec), SimTime{*spec.stop_after});
    CHECK(times.at("pair") == turns * outer * us(400));
    CHECK(times.at("one") == turns * outer * us(500));
  }
}
