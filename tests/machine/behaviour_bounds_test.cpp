// SPDX-License-Identifier: MIT
// What bounds a wait, as closed forms over the parameters (docs/behaviours.md): a buffer that is full, the way off an
// engine, a turn among others, an engine that somebody holds, a timeout.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "firmware/abi/messages.h"
#include "tests/support/catch.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;
using test::fixed;
using test::kRender;

namespace {

[[nodiscard]] std::uint64_t descriptor_time(Picoseconds time) { return static_cast<std::uint64_t>(time.count()); }

/// The jobs of a client, in order of submission.
[[nodiscard]] std::vector<test::Job> jobs_of(const test::Recording& recording, const std::string& client) {
  std::vector<test::Job> jobs;
  for (const test::Job& job : recording.jobs()) {
    if (job.queue_name.starts_with(client)) jobs.push_back(job);
  }
  return jobs;
}

/// One job of a level, from `start` on.
[[nodiscard]] workload::ClientSpec late_comer(const std::string& name, std::uint32_t level, Picoseconds work,
                                              Picoseconds start, std::uint32_t clones = 1) {
  workload::LoopSpec loop;
  loop.placement = kRender;
  loop.work = fixed(work);
  loop.priority = level;
  workload::ClientSpec client = test::client(name, loop, clones);
  client.start = start;
  return client;
}

/// A batch of the lowest level on the render engine: `us` of work, or "*", that may be preempted every `every` us.
[[nodiscard]] workload::ClientSpec low_batch(const std::string& us, const std::string& every) {
  return test::client("low", test::wsim_workload("P.1.-1\nX.1." + every + "\n1.RCS." + us + ".0.1\n", 1));
}

}  // namespace

TEST_CASE("behaviour 1: a buffer of messages that nobody takes fills up, then naps of 1 to 64 ms, then a reset",
          "[behaviours]") {
  // The firmware stalls when it serves the queue's registration, whose message it has taken out of the buffer.
  scenario::ScenarioSpec spec = test::ideal_scenario();
  spec.device.descriptor.notify = abi::SubmitNotify::message;
  spec.driver.ring_entries = 1024;
  spec.fault.firmware_stall = 1;
  spec.fault.stall = ms(3'000);
  workload::LoopSpec loop;
  loop.placement = kRender;
  loop.work = fixed(us(5));
  loop.jobs_per_cycle = 700;
  spec.clients = {test::client("app", loop)};
  const test::Recording recording = test::run(spec);

  std::size_t sent = 0;
  for (const trace::Event& event : recording.events) {
    if (event.kind == trace::EventKind::message_back_off) break;
    const auto message = trace::as<trace::message_send>(event);
    if (message && message->action == abi::Action::schedule) ++sent;
  }
  const std::uint32_t dwords = abi::request_dwords(abi::Action::schedule);
  CHECK(sent >= (abi::kToFirmwareDwords - abi::kMaxRequestDwords) / dwords - 1);
  CHECK(sent <= abi::kToFirmwareDwords / dwords);
  std::int64_t next = 1;
  std::int64_t sum = 0;
  for (const auto& nap : recording.all<trace::message_back_off>()) {
    CHECK(nap.sleep == ms(next));
    sum += next;
    next = std::min<std::int64_t>(2 * next, 64);
  }
  CHECK(sum > 1'000);
  CHECK(sum <= 1'064);
  CHECK(recording.all<trace::message_abandoned>().size() == 1);
  CHECK(recording.all<trace::device_reset_begin>().size() == 1);
  // What nobody had begun is done behind the reset.
  for (const test::Job& job : recording.jobs()) CHECK(job.end);
}

TEST_CASE("behaviour 6: who is of a higher level waits for the next point at which the job can be preempted",
          "[behaviours]") {
  // From an instruction to none within the job: the wait is the rest up to a multiple of the distance, or to its end.
  const Picoseconds arrival = us(1'037);
  const Picoseconds work = us(5'000);
  for (const std::int64_t every : {1, 10, 64, 100, 500, 1'000, 3'000, 0}) {
    CAPTURE(every);
    scenario::ScenarioSpec spec = test::ideal_scenario();
    spec.clients = {low_batch("5000", std::to_string(every)), late_comer("high", 1, us(10), arrival)};
    const std::vector<test::Job> jobs = jobs_of(test::run(spec), "high");
    REQUIRE(jobs.size() == 1);
    const std::int64_t points = every == 0 ? 0 : (1'037 + every - 1) / every;
    CHECK(*jobs[0].start == SimTime{every == 0 ? work : us(points * every)});
  }
}

TEST_CASE("behaviour 6: all that an instruction's context is goes through memory twice: below 40 us for 62 MiB",
          "[behaviours]") {
  // 132 multiprocessors with 256 KiB of registers and 228 KiB of shared memory each, at 3.35 TB/s.
  const std::uint64_t bytes = 132ULL * (256 + 228) * 1024;
  const std::uint64_t mb_s = 3'350'000;
  for (const std::uint64_t share : {1ULL, 2ULL, 8ULL}) {  // of it that is live
    CAPTURE(share);
    scenario::ScenarioSpec spec = test::ideal_scenario();
    spec.device.context_bytes = bytes / share;
    spec.device.memory.bandwidth_mb_s = mb_s;
    spec.clients = {low_batch("5000", "1"), late_comer("high", 1, us(10), us(1'000))};
    const std::vector<test::Job> jobs = jobs_of(test::run(spec), "high");
    REQUIRE(jobs.size() == 1);
    const Picoseconds once{static_cast<std::int64_t>(bytes / share * 1'000'000 / mb_s)};
    const Picoseconds wait = *jobs[0].start - jobs[0].submitted;
    CHECK(wait <= us(1) + 2 * once + ns(1));  // up to an instruction; each way is rounded
    CHECK(wait >= 2 * once);
    CHECK(wait < us(40));
  }
}

TEST_CASE("behaviour 8: the last of h high queues waits for the low one, and for a turn of each other",
          "[behaviours]") {
  // (h - 1) slices and what the low one executes, or, if it hangs, the preempt timeout and the engine's reset. Each
  // turn has a pick and a restore before it and, as work is left, a save behind it.
  const Picoseconds slice = us(1'500);
  const Picoseconds low_work = us(2'000);
  const Picoseconds arrival = us(300);
  const Picoseconds pick = us(3);
  const Picoseconds restore = us(20);
  const Picoseconds save = us(30);
  const Picoseconds patience = us(5'000);
  const Picoseconds reset = us(1'200);
  for (const bool hangs : {false, true}) {
    for (const std::int64_t h : {1, 2, 3, 8}) {
      CAPTURE(hangs, h);
      scenario::ScenarioSpec spec = test::ideal_scenario();
      spec.host.cpus = 32;
      spec.device.descriptor.quantum_ps = descriptor_time(slice);
      spec.device.descriptor.preempt_timeout_ps = descriptor_time(patience);
      spec.device.firmware.pick.value = pick;
      spec.device.firmware.engine_reset.value = reset;
      spec.device.engines[0] = {Cost{restore, 0}, Cost{save, 0}};
      spec.clients = {low_batch(hangs ? "*" : "2000", "0"),
                      late_comer("high", 1, 3 * slice, arrival, static_cast<std::uint32_t>(h))};
      std::optional<SimTime> last;
      for (const test::Job& job : jobs_of(test::run(spec), "high")) {
        REQUIRE(job.start);
        last = std::max(last.value_or(SimTime{}), *job.start);
      }
      const Picoseconds low = hangs ? patience + reset : pick + restore + low_work - arrival;
      CHECK(*last - SimTime{arrival} == low + (h - 1) * (slice + save) + h * (pick + restore));
    }
  }
}

TEST_CASE("behaviour 10: a batch that spins for another one ends if it gives way, and costs a reset if it does not",
          "[behaviours]") {
  // The client ends the first batch when the second one is done, and both need the one engine.
  for (const Picoseconds quantum : {us(500), us(1'000), us(10'000)}) {
    for (const bool gives_way : {true, false}) {
      CAPTURE(quantum.count(), gives_way);
      const Picoseconds patience = ms(100);
      const Picoseconds reset = us(700);
      scenario::ScenarioSpec spec = test::ideal_scenario();
      spec.device.descriptor.quantum_ps = descriptor_time(quantum);
      spec.device.descriptor.preempt_timeout_ps = descriptor_time(patience);
      spec.device.firmware.engine_reset.value = reset;
      const std::string granularity = gives_way ? "X.1.1\n" : "X.1.0\n";
      spec.clients = {test::client("app", test::wsim_workload(granularity + "1.RCS.*.0.0\n2.RCS.100.0.1\nT.-2\n", 1))};
      const test::Recording recording = test::run(spec);
      const std::vector<test::Job> jobs = recording.jobs();
      REQUIRE(jobs.size() == 2);
      CHECK(*jobs[1].start == SimTime{quantum + (gives_way ? Picoseconds{0} : patience + reset)});
      CHECK(recording.all<trace::engine_reset>().size() == (gives_way ? 0 : 1));
      if (gives_way) CHECK(recording.finish() == SimTime{quantum + us(100)});
    }
  }
}

TEST_CASE("behaviour 10: without a quantum only a job's timeout ends the batch that spins for another one",
          "[behaviours]") {
  scenario::ScenarioSpec spec = test::ideal_scenario();
  spec.job_timeout = ms(200);
  spec.clients = {test::client("app", test::wsim_workload("X.1.1\n1.RCS.*.0.0\n2.RCS.100.0.1\nT.-2\n", 1))};
  const test::Recording recording = test::run(spec);
  CHECK(test::bans(recording).size() == 1);
  const std::vector<test::Job> jobs = recording.jobs();
  REQUIRE(jobs.size() == 2);
  CHECK(*jobs[1].start >= SimTime{ms(200)});
  CHECK(*jobs[1].start <= SimTime{ms(211)});  // 5 % more are allowed
}

TEST_CASE("behaviour 13: the wall clock bans all sharers as soon as they are more than fit into it, other clocks none",
          "[behaviours]") {
  const Picoseconds slice = ms(1);
  const Picoseconds work = ms(19);
  const Picoseconds timeout = ms(100);
  for (const drv::TimeoutClock clock :
       {drv::TimeoutClock::wall, drv::TimeoutClock::on_engine, drv::TimeoutClock::on_slot}) {
    for (std::int64_t n = 1; n <= 12; ++n) {
      CAPTURE(static_cast<int>(clock), n);
      scenario::ScenarioSpec spec = test::ideal_scenario();
      spec.host.cpus = 32;
      spec.device.descriptor.quantum_ps = descriptor_time(slice);
      spec.job_timeout = timeout;
      spec.driver.timeout_clock = clock;
      spec.clients = {late_comer("app", 1, work, {}, static_cast<std::uint32_t>(n))};
      const test::Recording recording = test::run(spec);
      // The first one ends a slice for each of the others before all are done.
      const bool are_late = n * work - (n - 1) * slice > timeout;
      const bool is_banning = clock == drv::TimeoutClock::wall && are_late;
      CHECK(test::bans(recording).size() == static_cast<std::size_t>(is_banning ? n : 0));
      if (!is_banning) CHECK(recording.finish() == SimTime{n * work});
    }
  }
}

TEST_CASE("behaviour 15: any number of idle queues, with and without slots, changes nothing for one that works",
          "[behaviours]") {
  for (const std::uint32_t slots : {0U, 8U}) {
    std::vector<trace::JobLife> alone;
    for (const std::uint32_t idle : {0U, 1U, 7U, 8U, 15U, 40U}) {
      CAPTURE(slots, idle);
      scenario::ScenarioSpec spec = test::costly_scenario();
      spec.host.context_switch = Cost{};  // who was last on a CPU is no matter of the device
      spec.device.descriptor.slots = slots;
      workload::LoopSpec once;
      once.placement = kRender;
      once.work = fixed(us(10));
      once.cycles = 2;
      once.wait = fixed(ms(200));  // the queue is there, and idle
      workload::LoopSpec active;
      active.placement = kRender;
      active.work = fixed(us(500));
      active.cycles = 50;
      spec.clients = {test::client("active", active)};
      spec.clients[0].start = ms(20);
      if (idle > 0) spec.clients.push_back(test::client("idle", once, idle));
      std::vector<trace::JobLife> lives = test::lives_of(spec);
      std::erase_if(lives, [](const trace::JobLife& life) { return life[trace::Cause::work] < us(500); });
      REQUIRE(lives.size() == 50);
      if (idle == 0) alone = lives;
      for (std::size_t i = 0; i < lives.size(); ++i) CHECK(lives[i].causes == alone[i].causes);
    }
  }
}
