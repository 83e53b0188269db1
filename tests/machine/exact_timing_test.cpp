// SPDX-License-Identifier: MIT
// Latencies to the picosecond: the sum of the configured steps on a job's way, closed forms of round robin, and what a
// change of one parameter may and may not move.
#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/system/simulation.h"
#include "tests/support/catch.h"
#include "tests/support/machine/scenarios.h"
#include "traces/folds/job_life.h"

using namespace gpusim;
using test::kRender;
using test::lives_of;
using trace::Cause;
using trace::Event;
using trace::EventKind;

namespace {

/// One client that submits `jobs` null jobs one after the other and waits for each.
scenario::ScenarioSpec null_jobs(std::uint64_t jobs) {
  scenario::ScenarioSpec spec = test::costly_scenario();
  workload::LoopSpec loop;
  loop.placement = kRender;
  loop.cycles = jobs;
  loop.wait = {us(100), us(100)};  // everything is asleep again before the next
  // Which of client and worker finds its state still on a CPU depends on where each was placed: not a sum of steps.
  spec.host.context_switch = Cost{};
  spec.clients = {test::client("app", loop)};
  return spec;
}

void slow_down_link(scenario::ScenarioSpec& spec) {
  spec.device.link.mmio_write_latency.value += ns(1'000);
  spec.device.link.dma_write_latency.value += ns(1'000);
}

/// Engine idle, context loaded, worker asleep, firmware asleep: the steady state of a synchronous client.
Picoseconds null_job_latency(const scenario::ScenarioSpec& spec) {
  const auto lives = lives_of(spec);
  REQUIRE(lives.size() >= 3);
  const Picoseconds last = lives.back().length();
  CHECK(lives[lives.size() - 2].length() == last);  // it is steady
  return last;
}

}  // namespace

TEST_CASE("a null job takes the sum of the configured steps on its path, to the picosecond", "[timing]") {
  const scenario::ScenarioSpec spec = null_jobs(6);
  const os::HostSpec& host = spec.host;
  const drv::DriverSpec& driver = spec.driver;
  const sched::Costs& dep = spec.costs;
  const hw::FirmwareSpec& firmware = spec.device.firmware;
  const hw::LinkSpec& link = spec.device.link;

  // exec, up to the kick of the worker
  Picoseconds path = host.syscall_entry.value + driver.exec.value;
  path += host.mutex_op.value + dep.job_init.value + dep.arm.value + dep.push.value;
  // The worker is woken inside commit(); the unlock and the way out run beside it.
  path += host.worker_wake.value;
  path += dep.worker_pass.value + dep.dispatch.value;
  // The lock of the pending list, which jobs that are done take in the hard interrupt.
  path += host.irq_spinlock_op.value + driver.run_job.value + driver.ring_write.value + 2 * host.memory_barrier.value;
  path += driver.mmio_write.value;
  // link, firmware, engine
  path += link.mmio_write_latency.value;
  path += firmware.wake.value + firmware.doorbell.value + firmware.pick.value;
  path += link.dma_read_latency.value;  // the context is still loaded: no restore
  // back: the fence value and the MSI-X message travel together
  path += link.dma_write_latency.value + host.irq_delivery.value + host.irq_entry.value;
  path += driver.irq_scan.value + driver.irq_complete.value;
  // signalled; the waiter
  path += host.task_wake.value;

  CHECK(null_job_latency(spec) == path);
}

TEST_CASE("1000 ns more on the link move a null job by 1000 ns for each posted crossing on its path", "[timing]") {
  const scenario::ScenarioSpec before = null_jobs(6);
  scenario::ScenarioSpec after = before;
  slow_down_link(after);
  // The doorbell; then the fence value, with the interrupt message right behind it.
  CHECK(null_job_latency(after) - null_job_latency(before) == 2 * ns(1'000));

  // By message the crossings are the same: the message itself is in memory.
  scenario::ScenarioSpec message = before;
  message.device.descriptor.notify = abi::SubmitNotify::message;
  scenario::ScenarioSpec slow_message = message;
  slow_down_link(slow_message);
  CHECK(null_job_latency(slow_message) - null_job_latency(message) == 2 * ns(1'000));
}

TEST_CASE("doubling the worker's wake latency moves the cause host_worker and no other", "[timing]") {
  const scenario::ScenarioSpec before = null_jobs(6);
  scenario::ScenarioSpec after = before;
  after.host.worker_wake.value *= 2;
  const trace::JobLife slow = lives_of(after).back();
  const trace::JobLife fast = lives_of(before).back();
  for (std::size_t i = 0; i < trace::kCauseCount; ++i) {
    const auto cause = static_cast<Cause>(i);
    CAPTURE(std::string{trace::to_string(cause)});
    CHECK(slow[cause] - fast[cause] == (cause == Cause::host_worker ? before.host.worker_wake.value : Picoseconds{0}));
  }
}

TEST_CASE("every configured cost of the path changes the latency of a job", "[timing]") {
  const scenario::ScenarioSpec base = null_jobs(6);
  const Picoseconds before = null_job_latency(base);
  const auto with = [&](auto&& change) {
    scenario::ScenarioSpec spec = base;
    change(spec);
    return null_job_latency(spec) - before;
  };
  const Picoseconds step = ns(7);
  CHECK(with([&](auto& s) { s.host.syscall_entry.value += step; }) >= step);
  CHECK(with([&](auto& s) { s.host.mutex_op.value += step; }) >= step);
  CHECK(with([&](auto& s) { s.host.worker_wake.value += step; }) == step);
  CHECK(with([&](auto& s) { s.host.task_wake.value += step; }) == step);
  CHECK(with([&](auto& s) { s.host.irq_delivery.value += step; }) == step);
  CHECK(with([&](auto& s) { s.host.irq_entry.value += step; }) == step);
  CHECK(with([&](auto& s) { s.host.memory_barrier.value += step; }) == 2 * step);
  CHECK(with([&](auto& s) { s.driver.exec.value += step; }) == step);
  CHECK(with([&](auto& s) { s.driver.run_job.value += step; }) == step);
  CHECK(with([&](auto& s) { s.driver.ring_write.value += step; }) == step);
  CHECK(with([&](auto& s) { s.driver.mmio_write.value += step; }) == step);
  CHECK(with([&](auto& s) { s.driver.irq_scan.value += step; }) == step);
  CHECK(with([&](auto& s) { s.driver.irq_complete.value += step; }) == step);
  CHECK(with([&](auto& s) { s.costs.job_init.value += step; }) == step);
  CHECK(with([&](auto& s) { s.costs.worker_pass.value += step; }) == step);
  CHECK(with([&](auto& s) { s.costs.dispatch.value += step; }) == step);
  CHECK(with([&](auto& s) { s.device.firmware.wake.value += step; }) == step);
  CHECK(with([&](auto& s) { s.device.firmware.doorbell.value += step; }) == step);
  CHECK(with([&](auto& s) { s.device.firmware.pick.value += step; }) == step);
  CHECK(with([&](auto& s) { s.device.link.dma_read_latency.value += step; }) == step);
}

TEST_CASE("an idle queue more changes nothing for the jobs of another", "[timing]") {
  const scenario::ScenarioSpec alone = null_jobs(6);
  scenario::ScenarioSpec with_idle = alone;
  workload::LoopSpec idle;
  idle.placement = kRender;
  idle.cycles = 0;  // it makes its queue and closes it at the end
  workload::LoopSpec late = idle;
  late.cycles = 1;
  with_idle.clients.push_back(test::client("idle", idle));
  with_idle.clients.back().start = ms(50);
  with_idle.clients.push_back(test::client("late", late));
  with_idle.clients.back().start = ms(100);
  const auto before = lives_of(alone);
  const auto after = lives_of(with_idle);
  REQUIRE(after.size() == before.size() + 1);
  for (std::size_t i = 0; i < before.size(); ++i) CHECK(before[i].causes == after[i].causes);
}

TEST_CASE("round robin: n jobs of k quanta end at n k L + n k (f + r) + n (k - 1) s", "[timing]") {
  // Convention: a context is saved only at a preemption with work left. The last quantum of each job ends with the job,
  // so of k quanta k - 1 are saved, and none after the last.
  const Picoseconds quantum = us(100);
  const Picoseconds pick = ns(700);
  const Picoseconds restore = us(3);
  const Picoseconds save = us(5);
  for (const std::int64_t n : {2, 3, 5}) {
    for (const std::int64_t k : {1, 2, 4}) {
      CAPTURE(n, k);
      scenario::ScenarioSpec spec = test::ideal_scenario();
      spec.host.cpus = 16;  // all submit at the same moment
      spec.device.descriptor.quantum_ps = static_cast<std::uint64_t>(quantum.count());
      spec.device.firmware.pick.value = pick;
      for (hw::EngineSpec& engine : spec.device.engines) engine = {Cost{restore, 0}, Cost{save, 0}};
      workload::LoopSpec loop;
      loop.placement = kRender;
      loop.work = {k * quantum, k * quantum};
      spec.clients = {test::client("app", loop, static_cast<std::uint32_t>(n))};

      const test::Recording recording = test::run(spec);
      const auto picks = recording.all<trace::firmware_begin>();
      const auto ends = recording.of_kind(EventKind::job_end);
      REQUIRE(ends.size() == static_cast<std::size_t>(n));
      const auto first_pick = std::find_if(picks.begin(), picks.end(), [](const auto& e) { return e.event == 5; });
      REQUIRE(first_pick != picks.end());
      CHECK(ends.back().time - first_pick->time == n * k * quantum + n * k * (restore + pick) + n * (k - 1) * save);
    }
  }
}

TEST_CASE("a job that cannot be preempted keeps its engine beyond its quantum", "[timing]") {
  scenario::ScenarioSpec spec = test::ideal_scenario();
  spec.device.descriptor.quantum_ps = static_cast<std::uint64_t>(us(10).count());
  spec.clients = {test::client("app", test::wsim_workload("X.1.0\n1.RCS.100.0.0\n2.RCS.20.0.0\ns.-1\n", 1))};
  const test::Recording recording = test::run(spec);
  CHECK(recording.of_kind(EventKind::job_preempted).size() <= 1);  // only the second, if at all
  const auto jobs = recording.jobs();
  REQUIRE(jobs.size() == 2);
  CHECK(*jobs[0].end - *jobs[0].start == us(100));
}

TEST_CASE("work is done in full, however often it is cut", "[timing]") {
  scenario::ScenarioSpec spec = test::costly_scenario();
  spec.device.descriptor.quantum_ps = static_cast<std::uint64_t>(us(7).count());
  workload::LoopSpec loop;
  loop.placement = kRender;
  loop.work = {us(50), us(90)};
  loop.cycles = 20;
  spec.clients = {test::client("app", loop, 3)};
  for (const trace::JobLife& life : lives_of(spec)) {
    CHECK(life[Cause::work] >= us(50));
    CHECK(life[Cause::work] <= us(90) + 2 * spec.device.link.dma_read_latency.value);
  }
}

TEST_CASE("slots are shared by all engine classes, and a higher level gets one at once", "[timing][slots]") {
  const auto late_job_of = [](std::uint32_t slots, std::uint32_t priority) {
    scenario::ScenarioSpec spec = test::ideal_scenario();
    spec.device.descriptor.slots = slots;
    spec.device.descriptor.quantum_ps = static_cast<std::uint64_t>(us(100).count());
    workload::LoopSpec hog;
    hog.placement = kRender;
    hog.work = {ms(5), ms(5)};
    workload::LoopSpec late;
    late.placement = {abi::EngineClass::video_enhance, -1};
    late.work = {us(10), us(10)};
    late.priority = priority;
    spec.clients = {test::client("hog", hog), test::client("late", late)};
    spec.clients[1].start = us(30);
    const auto lives = lives_of(spec);
    REQUIRE(lives.size() == 2);
    CHECK(lives[1].length() == ms(5) + (slots == 1 ? us(10) : us(0)));  // the hog loses what the other takes
    return lives[0].length();
  };
  CHECK(late_job_of(2, 1) == us(10));           // a slot of its own
  CHECK(late_job_of(1, 1) == us(70) + us(10));  // the rest of the hog's quantum
  CHECK(late_job_of(1, 0) == us(10));           // at once
}

TEST_CASE("a queue that comes after a quantum that nobody contended gets the engine at once", "[timing]") {
  scenario::ScenarioSpec spec = test::ideal_scenario();
  spec.device.descriptor.quantum_ps = static_cast<std::uint64_t>(us(100).count());
  workload::LoopSpec first;
  first.placement = kRender;
  first.work = {us(500), us(500)};
  workload::LoopSpec second = first;
  second.work = {us(10), us(10)};
  spec.clients = {test::client("first", first), test::client("second", second)};
  spec.clients[1].start = us(250);
  const auto lives = lives_of(spec);
  REQUIRE(lives.size() == 2);
  CHECK(lives[0].length() == us(10));
  CHECK(lives[1].length() == us(510));
}

TEST_CASE("a priority that changes takes effect at once, with and without slots and quanta", "[timing][slots]") {
  // The second batch waits behind the first one, of the same level, when either priority changes at 1 ms.
  const std::string change = GENERATE("P.2.1", "P.1.-1");
  const std::uint32_t slots = GENERATE(0U, 1U);
  const Picoseconds quantum = GENERATE(Picoseconds{0}, ms(3));
  CAPTURE(change, slots, quantum.count());
  scenario::ScenarioSpec spec = test::ideal_scenario();
  spec.device.descriptor.slots = slots;
  spec.device.descriptor.quantum_ps = static_cast<std::uint64_t>(quantum.count());
  const std::string program = "1.RCS.10000.0.0\nd.500\n2.RCS.100.0.0\nd.500\n" + change + "\ns.-3\ns.-6\n";
  spec.clients = {test::client("app", test::wsim_workload(program, 1))};
  CHECK(test::spans(test::run(spec)) == test::Texts{"rcs0 0-10100", "rcs0 1000-1100"});
}

TEST_CASE("two slots pass round three busy queues of a level, or what an urgent one leaves of them",
          "[timing][slots]") {
  const auto component = GENERATE(scenario::Component::drm_dep, scenario::Component::drm_sched);
  const std::uint32_t others = GENERATE(3U, 2U);
  CAPTURE(component, others);
  scenario::ScenarioSpec spec = test::ideal_scenario();
  spec.component = component;
  spec.device.descriptor.slots = 2;
  spec.device.descriptor.quantum_ps = static_cast<std::uint64_t>(ms(1).count());
  spec.stop_after = ms(301);
  workload::LoopSpec loop;
  loop.placement = kRender;
  loop.work = {ms(4), ms(4)};
  loop.cycles = 1'000;
  loop.sync = false;
  loop.max_in_flight = 2;
  loop.priority = 2;
  spec.clients = {test::client("group", loop, others)};
  if (others == 2) {
    loop.placement = {abi::EngineClass::copy, -1};
    loop.priority = 0;
    spec.clients.insert(spec.clients.begin(), test::client("urgent", loop));
  }
  std::map<std::string, std::vector<SimTime>> ends;
  for (const test::Job& job : test::run(spec).jobs()) {
    if (job.end) ends[job.queue_name.substr(0, job.queue_name.rfind('.'))].push_back(*job.end);
  }
  if (others == 2) CHECK(ends.at("urgent").size() == 75);
  // Quanta of 1 ms in turn: of n queues, the last piece of the k-th job of number i begins after 4nk - n + i pieces.
  for (std::uint32_t i = 0; i < others; ++i) {
    std::vector<SimTime> expected;
    for (std::int64_t k = 1; k <= (others == 3 ? 25 : 37); ++k) {
      expected.emplace_back(ms(4 * others * k - others + 1 + i));
    }
    CHECK(ends.at("group." + std::to_string(i)) == expected);
  }
}

TEST_CASE("a job that can be preempted every 30 ms loses its engine to a preempt timeout that ends before",
          "[timing]") {
  const auto component = GENERATE(scenario::Component::drm_dep, scenario::Component::drm_sched);
  CAPTURE(component);
  const auto run_with = [&](Picoseconds preempt_timeout) {
    scenario::ScenarioSpec spec = test::ideal_scenario();
    spec.component = component;
    spec.device.descriptor.quantum_ps = static_cast<std::uint64_t>(ms(10).count());
    spec.device.descriptor.preempt_timeout_ps = static_cast<std::uint64_t>(preempt_timeout.count());
    workload::LoopSpec other;
    other.placement = kRender;
    other.work = {us(900), us(900)};
    other.cycles = 50;
    spec.clients = {test::client("hog", test::wsim_workload("X.1.30000\n1.RCS.200000.0.1\n", 3)),
                    test::client("other", other)};
    return test::run(spec);
  };
  // Its quantum ends at 10 ms, and its first arbitration point is at 30 ms.
  const test::Recording lost = run_with(ms(19));
  REQUIRE(lost.all<trace::engine_reset>().size() == 1);
  CHECK(lost.all<trace::engine_reset>()[0].time == SimTime{ms(29)});
  for (const Picoseconds patient : {ms(21), ms(40)}) {
    const test::Recording kept = run_with(patient);
    CHECK(kept.all<trace::engine_reset>().empty());
    CHECK(kept.result.end == SimTime{3 * ms(200) + 50 * us(900)});
  }
}
