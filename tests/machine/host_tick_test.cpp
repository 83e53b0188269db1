// SPDX-License-Identifier: MIT
// Whole machines whose driver gives the firmware's slots on a tick.
#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/scenario/loader.h"
#include "sim/system/explorer.h"
#include "tests/support/catch.h"
#include "tests/support/machine/outcome.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;
using test::loop_text;
using test::run_to_end;

namespace {

/// Nothing costs time but the work, and timers are exact.
scenario::ScenarioSpec free_host_slots(std::uint32_t slots) {
  scenario::ScenarioSpec spec = test::ideal_scenario();
  spec.device.descriptor.policy = abi::RunPolicy::host_slots;
  spec.device.descriptor.slots = slots;
  spec.host.timer = os::TimerGranularity::exact;
  return spec;
}

void add_clients(scenario::ScenarioSpec& spec, const std::string& name, std::uint32_t level, std::uint32_t count,
                 Picoseconds work, Picoseconds start = {}) {
  workload::LoopSpec loop;
  loop.placement = test::kRender;
  loop.work = test::fixed(work);
  loop.priority = level;
  workload::ClientSpec client = test::client(name, loop, count);
  client.start = start;
  spec.clients.push_back(client);
}

[[nodiscard]] Picoseconds since_begin(SimTime time) { return time.time_since_epoch(); }

/// Whole stays in a slot and without one, behind the first stay; and from one turn at the engine to the next.
struct Stays {
  std::set<std::int64_t> with, without, turns;  // ms
};

std::map<std::string, Stays> stays_until(const test::Recording& run, Picoseconds end) {
  struct Seen {
    SimTime since{}, turn{};
    bool holds = false;
    int stays = 0;
  };
  std::map<std::uint32_t, Seen> seen;
  std::map<std::string, Stays> stays;
  const auto name_of = [&](QueueId queue) {
    const std::string& name = run.names.queues[queue.value()].name;
    return name.substr(0, name.find('.'));
  };
  const auto in_ms = [](Picoseconds time) {
    CHECK(time % ms(1) == Picoseconds{0});
    return time / ms(1);
  };
  const auto change = [&](QueueId queue, SimTime time, bool holds) {
    Seen& of = seen[queue.value()];
    const Picoseconds length = time - of.since;
    if (of.stays++ > 1) (of.holds ? stays[name_of(queue)].with : stays[name_of(queue)].without).insert(in_ms(length));
    of.since = time;
    of.holds = holds;
  };
  for (const trace::Event& event : run.events) {
    if (since_begin(event.time) > end) break;
    if (event.kind == trace::EventKind::slot_grant) change(QueueId{event.queue}, event.time, true);
    if (event.kind == trace::EventKind::slot_evict) change(QueueId{event.queue}, event.time, false);
    if (event.kind != trace::EventKind::engine_assign) continue;
    Seen& of = seen[event.queue];
    if (since_begin(of.turn) != Picoseconds{0})
      stays[name_of(QueueId{event.queue})].turns.insert(in_ms(event.time - of.turn));
    of.turn = event.time;
  }
  return stays;
}

using Milliseconds = std::set<std::int64_t>;

const std::vector<std::string> kSmallHostSlots{"device.firmware.policy=host_slots", "device.slots=3",
                                               "driver.tick_ms=2"};

/// The device and driver in the manner of Mali's.
const std::vector<std::string> kCsf{"use.device=csf_like", "use.driver=panthor_like",
                                    "device.firmware.policy=host_slots"};

}  // namespace

// docs/reference/firmware.md, the table of rotation: its eight rows, on the whole machine.
TEST_CASE("host tick: each group waits, stays and is first for as many ticks as the table of rotation says",
          "[host_tick]") {
  struct Row {
    std::uint32_t groups, slots;
  };
  for (const Row row : {Row{6, 8}, Row{8, 8}, Row{9, 8}, Row{16, 8}, Row{24, 8}, Row{4, 3}}) {
    CAPTURE(row.groups, row.slots);
    scenario::ScenarioSpec spec = free_host_slots(row.slots);
    add_clients(spec, "g", 1, row.groups, ms(45));  // five turns
    const test::Recording run = test::run(spec);
    const auto stays = stays_until(run, ms(40) * row.groups).at("g");
    const bool all_fit = row.groups <= row.slots;
    CHECK(stays.without == (all_fit ? Milliseconds{} : Milliseconds{10 * (row.groups - row.slots)}));
    CHECK(stays.with == (all_fit ? Milliseconds{} : Milliseconds{10 * row.slots}));
    CHECK(stays.turns == Milliseconds{10 * row.groups});
  }
}

TEST_CASE("host tick: low groups share the slots that high ones leave, and get none if they leave none",
          "[host_tick]") {
  scenario::ScenarioSpec spec = free_host_slots(8);
  add_clients(spec, "high", 1, 4, ms(95));  // 380 ms in all
  add_clients(spec, "low", 3, 12, ms(1), us(1));
  const auto four = stays_until(test::run(spec), ms(360));
  CHECK(four.at("high").turns == Milliseconds{40});
  CHECK(four.at("low").without == Milliseconds{80});
  CHECK(four.at("low").with == Milliseconds{40});
  CHECK(four.at("low").turns.empty());

  scenario::ScenarioSpec full = free_host_slots(8);
  add_clients(full, "high", 1, 8, ms(45));
  add_clients(full, "low", 3, 4, ms(1), us(1));
  const test::Recording run = test::run(full);
  CHECK(stays_until(run, ms(320)).at("high").turns == Milliseconds{80});
  for (const auto& grant : run.all<trace::slot_grant>()) {
    if (run.names.queues[grant.queue.value()].name.starts_with("low")) CHECK(since_begin(grant.time) >= ms(320));
  }
}

TEST_CASE("host tick: who gets a slot has it for a period, however long the one before took to leave", "[host_tick]") {
  scenario::ScenarioSpec spec = free_host_slots(1);
  add_clients(spec, "slow", 1, 1, ms(95));
  add_clients(spec, "quick", 1, 2, ms(2));
  std::get<workload::LoopSpec>(spec.clients[0].workload).cycles = 4;
  std::get<workload::LoopSpec>(spec.clients[1].workload).jobs_per_cycle = 20;
  spec.clients[0].queues.preemption = workload::Preemptible::nowhere;
  spec.driver.answer_timeout = ms(200);
  const test::Recording run = test::run(spec);
  const auto evictions = run.all<trace::slot_evict>();
  std::size_t whole = 0;
  for (const auto& grant : run.all<trace::slot_grant>()) {
    const auto taken = std::find_if(evictions.begin(), evictions.end(), [&](const trace::slot_evict& evict) {
      return evict.queue == grant.queue && evict.time > grant.time;
    });
    if (taken == evictions.end()) continue;
    CHECK(taken->time - grant.time >= ms(10));
    ++whole;
  }
  CHECK(whole > 5);
}

TEST_CASE("host tick: inside the slots nobody has to leave its engine in a time", "[host_tick]") {
  scenario::ScenarioSpec spec = free_host_slots(2);
  spec.device.descriptor.preempt_timeout_ps = static_cast<std::uint64_t>(ms(5).count());
  add_clients(spec, "slow", 1, 2, ms(200));
  for (workload::ClientSpec& client : spec.clients) client.queues.preemption = workload::Preemptible::nowhere;
  const test::Recording run = test::run(spec);
  CHECK(run.all<trace::device_reset_begin>().empty());
  CHECK(run.all<trace::engine_reset>().empty());
}

TEST_CASE("host tick: realtime takes the last slot of another level at once, and of realtime waits for the tick",
          "[host_tick]") {
  scenario::ScenarioSpec spec = free_host_slots(2);
  add_clients(spec, "usual", 1, 2, ms(50));
  add_clients(spec, "first", 0, 1, ms(50), us(3'300));
  add_clients(spec, "second", 0, 1, ms(50), us(4'400));
  add_clients(spec, "third", 0, 1, ms(50), us(5'500));
  const test::Recording run = test::run(spec);
  std::map<std::string, Picoseconds> granted;
  for (const auto& grant : run.all<trace::slot_grant>()) {
    const std::string& name = run.names.queues[grant.queue.value()].name;
    granted.try_emplace(name.substr(0, name.find('.')), since_begin(grant.time));
  }
  CHECK(granted.at("first") == us(3'300));
  CHECK(granted.at("second") == us(4'400));
  CHECK(granted.at("third") == ms(10));
  std::map<std::string, Picoseconds> started;
  for (const auto& start : run.all<trace::job_start>()) {
    const std::string& name = run.names.queues[start.queue.value()].name;
    started.try_emplace(name.substr(0, name.find('.')), since_begin(start.time));
  }
  CHECK(started.at("first") == us(3'300));
  CHECK(started.at("second") == ms(10));  // the first one goes behind, as one of its level waits
}

TEST_CASE("host tick: an idle queue with a slot that gets work while the tick stands still has it resumed",
          "[host_tick]") {
  // panthor: "Make sure we resume the tick when new jobs are submitted".
  scenario::ScenarioSpec spec = free_host_slots(2);
  add_clients(spec, "long", 1, 1, ms(500));
  workload::LoopSpec late;
  late.placement = test::kRender;
  late.work = test::fixed(ms(1));
  late.cycles = 2;
  late.wait = test::fixed(ms(100));
  spec.clients.push_back(test::client("late", late));
  // It takes the slot of the idle one, and goes. That one gets it back, idle, and stands behind the one with work.
  add_clients(spec, "third", 1, 1, ms(1), ms(30));
  const test::Recording run = test::run(spec);
  const std::vector<test::Job> jobs = run.jobs();
  int found = 0;
  for (const test::Job& job : jobs) {
    if (!job.queue_name.starts_with("late")) continue;
    ++found;
    CHECK(*job.start - job.submitted <= ms(10));
    if (found == 2) CHECK(*job.start == job.submitted);
  }
  CHECK(found == 2);
  // Alone with work nobody is moved.
  const auto messages = run.all<trace::message_send>();
  CHECK(std::none_of(messages.begin(), messages.end(), [](const auto& message) {
    return message.action == trace::Code{abi::Action::enable_queue} && since_begin(message.time) > ms(200);
  }));
}

TEST_CASE("host tick: the slot of a queue that becomes idle goes to one that waits, at once", "[host_tick]") {
  scenario::ScenarioSpec spec = free_host_slots(1);
  workload::LoopSpec pauses;
  pauses.placement = test::kRender;
  pauses.work = test::fixed(ms(1));
  pauses.cycles = 2;
  pauses.wait = test::fixed(ms(50));
  spec.clients.push_back(test::client("pauses", pauses));
  add_clients(spec, "low", 3, 1, ms(1), us(500));  // of another level: no tick would come
  const test::Recording run = test::run(spec);
  const auto grants = run.all<trace::slot_grant>();
  REQUIRE(grants.size() >= 2);
  CHECK(run.names.queues[grants[1].queue.value()].name.starts_with("low"));
  CHECK(since_begin(grants[1].time) == ms(1));
}

TEST_CASE("host tick: a queue counts as idle behind the hysteresis, and not if it gets work before", "[host_tick]") {
  const auto granted_low = [](Picoseconds hysteresis, Picoseconds pause) {
    scenario::ScenarioSpec spec = free_host_slots(1);
    spec.device.descriptor.idle_hysteresis_ps = static_cast<std::uint64_t>(hysteresis.count());
    workload::LoopSpec pauses;
    pauses.placement = test::kRender;
    pauses.work = test::fixed(ms(1));
    pauses.cycles = 5;
    pauses.wait = test::fixed(pause);
    spec.clients.push_back(test::client("pauses", pauses));
    add_clients(spec, "low", 3, 1, ms(1), us(500));  // of another level: no tick would come
    const test::Recording run = test::run(spec);
    for (const auto& grant : run.all<trace::slot_grant>()) {
      if (run.names.queues[grant.queue.value()].name.starts_with("low")) return since_begin(grant.time);
    }
    return Picoseconds{0};
  };
  CHECK(granted_low(us(0), us(700)) == ms(1));
  CHECK(granted_low(us(800), us(801)) == us(1'800));
  CHECK(granted_low(us(800), us(799)) == us(5'000 + 5 * 799));  // when the other one closes
}

TEST_CASE("host tick: clients that pause for less than the hysteresis lose a slot a tick, and no other",
          "[host_tick]") {
  const auto evicted = [](Picoseconds hysteresis) {
    scenario::ScenarioSpec spec = free_host_slots(8);
    spec.device.descriptor.idle_hysteresis_ps = static_cast<std::uint64_t>(hysteresis.count());
    add_clients(spec, "g", 1, 9, us(30));
    auto& loop = std::get<workload::LoopSpec>(spec.clients[0].workload);
    loop.cycles = 1'000;
    loop.wait = test::fixed(us(300));
    std::vector<Picoseconds> times;
    for (const auto& evict : test::run(spec).all<trace::slot_evict>()) times.push_back(since_begin(evict.time));
    std::erase_if(times, [](Picoseconds time) { return time > ms(300); });  // while all of them are there
    return times;
  };
  std::vector<Picoseconds> ticks;
  for (int tick = 1; tick <= 30; ++tick) ticks.push_back(ms(10) * tick);
  CHECK(evicted(us(800)) == ticks);
  CHECK(evicted(us(0)).size() > 500);
}

TEST_CASE("host tick: queues with slots take turns at the engine without a suspend or a resume", "[host_tick]") {
  auto sets = kCsf;
  const auto run = run_to_end(loop_text("g", "clones = 2\nwork_us = 50\ncycles = 100\n"), "drm_sched", sets).recording;
  CHECK(run.all<trace::slot_grant>().size() == 2);
  CHECK(run.of_kind(trace::EventKind::context_restore_begin).empty());
  CHECK(run.of_kind(trace::EventKind::context_save_begin).empty());
  // The firmware resumes each once: 2 x 100 us of some 10 ms and more of work.
  CHECK(since_begin(run.finish()) > ms(10));
}

TEST_CASE("host tick: all jobs of more clients than slots end, and no oracle speaks", "[host_tick]") {
  const std::string component = GENERATE("drm_dep", "drm_sched", "jobqueue");
  const std::string text = loop_text("low", "clones = 5\nwork_us = [200, 900]\ncycles = 8\npriority = 2\n") +
                           loop_text("high", "clones = 2\nwork_us = [50, 300]\ncycles = 20\npriority = 1\n") +
                           loop_text("now", "work_us = 20\ncycles = 20\npriority = 0\nwait_us = [100, 900]\n") +
                           test::client_text("churn", "churn", "engine = \"rcs\"\nwork_us = [10, 90]\ncycles = 9\n");
  for (int seed = 1; seed <= 40; ++seed) {
    std::vector<std::string> sets = kSmallHostSlots;
    sets.push_back("seed=" + std::to_string(seed));
    CAPTURE(component, seed);
    CHECK(run_to_end(text, component, sets).failed() == 0);
  }
}

TEST_CASE("host tick: a change of level counts for the slots, too", "[host_tick]") {
  const std::string text =
      loop_text("a", "clones = 4\nwork_us = 3000\ncycles = 6\npriority = 2\n") +
      loop_text("b", "work_us = 100\ncycles = 20\npriority = 3\nchange_cycle = 4\nchanged_priority = 0\n");
  const auto outcome = run_to_end(text, "drm_dep", kSmallHostSlots);
  CHECK(outcome.failed() == 0);
  // At level 0 nothing holds it up but what is on the engine.
  std::vector<Picoseconds> waits;
  for (const test::Job& job : outcome.recording.jobs()) {
    if (job.queue_name.starts_with("b")) waits.push_back(*job.start - job.submitted);
  }
  REQUIRE(waits.size() == 20);
  CHECK(*std::max_element(waits.begin() + 4, waits.end()) < ms(1));
  CHECK(waits[0] > ms(1));
}

TEST_CASE("host tick: a suspend that is not acknowledged has the device reset, and nobody loses a job", "[host_tick]") {
  const std::string text = loop_text("a", "clones = 5\nwork_us = 9000\ncycles = 4\n") +
                           "[[faults]]\nkind = \"dropped_reply\"\nclient = \"a.0\"\nnth = 1\n";
  auto sets = kSmallHostSlots;
  sets.push_back("driver.answer_timeout_ms=100");
  const auto outcome = run_to_end(text, "drm_sched", sets);
  REQUIRE(outcome.recording.all<trace::device_reset_begin>().size() == 1);
  const auto given_up = outcome.recording.all<trace::message_abandoned>();
  REQUIRE(given_up.size() == 1);
  CHECK(given_up.front().action == trace::Code{abi::Action::disable_queue});
  CHECK(outcome.jobs() == 20);
}

TEST_CASE("host tick: machines with faults, kills, resets and time-outs come to their end", "[host_tick]") {
  const std::string component = GENERATE("drm_dep", "drm_sched", "jobqueue");
  const std::string driver = GENERATE("panthor_like", "default", "xe_like", "amdgpu_like");
  const std::string text = loop_text("a", "clones = 5\nwork_us = [200, 3000]\ncycles = 6\njobs_per_cycle = 2\n") +
                           loop_text("b", "clones = 2\nwork_us = 500\ncycles = 6\npriority = 0\nwait_us = 900\n") +
                           test::client_text("churn", "churn", "engine = \"rcs\"\nwork_us = [10, 900]\ncycles = 9\n");
  const std::vector<std::vector<std::string>> troubles{
      {"fault.hung_job=4", "scheduler.timeout_ms=20"},
      {"fault.lost_doorbell=3", "scheduler.timeout_ms=20"},
      {"fault.dropped_message=9", "scheduler.timeout_ms=20"},
      {"fault.dropped_message=14", "scheduler.timeout_ms=20"},
      {"fault.dropped_reply=2", "scheduler.timeout_ms=20"},
      {"fault.dropped_reply=5", "scheduler.timeout_ms=20"},
      {"fault.reset_ms=7", "scheduler.timeout_ms=200"},
      {"fault.kill_client=a.1", "fault.kill_ms=5", "scheduler.timeout_ms=20"},
      {"fault.unplug_ms=9"},
      {"scheduler.timeout_ms=4"},
  };
  for (const std::vector<std::string>& trouble : troubles) {
    std::vector<std::string> sets = kSmallHostSlots;
    sets.insert(sets.end(), trouble.begin(), trouble.end());
    sets.push_back("use.driver=" + driver);
    sets.push_back("driver.answer_timeout_ms=50");
    if (component == "jobqueue" && driver == "panthor_like") continue;
    CAPTURE(component, driver, trouble.front());
    (void)run_to_end(text, component, sets);
  }
}

TEST_CASE("host tick: each scenario to explore survives some hundred seeds", "[host_tick]") {
  const std::uint64_t hysteresis_ps = GENERATE(0U, 25'000'000U);
  CAPTURE(hysteresis_ps);
  for (const auto& file : test::shipped_files("explore")) {
    CAPTURE(file.string());
    scenario::ScenarioSpec spec = test::load_spec(file);
    spec.device.descriptor.policy = abi::RunPolicy::host_slots;
    spec.device.descriptor.slots = 2;
    spec.device.descriptor.idle_hysteresis_ps = hysteresis_ps;
    spec.driver.tick = us(30);
    spec.host.timer = os::TimerGranularity::exact;
    const system::Explorer explorer{spec};
    REQUIRE(explorer.undisturbed().survived());
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      const system::ExploredRun run = explorer.run_seed(seed);
      CAPTURE(seed, run.text);
      CHECK(run.survived());
    }
  }
}

TEST_CASE("host tick: what does not go with it is refused or noticed, with the reason", "[host_tick]") {
  const auto first_problem = [](const std::string& lines) {
    const auto loaded = scenario::load_scenario_text(
        "[device.firmware]\npolicy = \"host_slots\"\n" + lines + loop_text("a", "work_us = 1\ncycles = 1\n"), "a.toml");
    return loaded.problems.empty() ? std::string{} : loaded.problems.front().to_string();
  };
  const auto has = [&](const std::string& lines, const char* reason) {
    INFO(first_problem(lines));
    CHECK(first_problem(lines).find(reason) != std::string::npos);
  };
  has("", "nobody needs one");
  has("[device]\nslots = 2\n[driver]\nrings = \"shared\"\nkill_way = \"entity\"\n[scheduler]\ncomponent = "
      "\"drm_sched\"\n",
      "have no need of a slot");
  has("[device]\nslots = 2\n[scheduler]\ncomponent = \"direct\"\n", "ring doorbells themselves");
  has("[device]\nslots = 2\n[driver]\nnative_waits = true\n", "not modelled together");
  has("[device]\nslots = 2\n[driver]\ntick_ms = 0\n", "driver.tick");
  CHECK(first_problem("[device]\nslots = 2\n").empty());
}
