// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "bench/benchmarks.h"
#include "bench/clock.h"
#include "bench/job_window.h"
#include "bench/scenarios.h"
#include "bench/sink_window.h"
#include "firmware/main/null_hal.h"
#include "host_driver/slot_lists.h"
#include "sim/scenario/loader.h"
#include "traces/sinks/perfetto/sink.h"

namespace gpusim::bench {
namespace {

constexpr std::uint32_t kSlots = 8;

/// The names of all device presets, in order.
[[nodiscard]] std::vector<std::string> device_presets() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator{scenario::default_config_dir() / "devices"}) {
    names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// Four closed loops of depth 8 on the first kind of engine that such a device has for programs.
[[nodiscard]] scenario::ScenarioSpec loops_on(const std::string& preset, std::uint64_t jobs_each) {
  scenario::LoadResult loaded;
  for (const char* engine : {"rcs", "ccs"}) {
    loaded = scenario::load_scenario_text("use.device = \"" + preset +
                                              "\"\n[[client]]\nname = \"loop\"\nclones = 4\nworkload = \"loop\"\n"
                                              "engine = \"" +
                                              engine + "\"\nwork_us = 1\nsync = false\nmax_in_flight = 8\ncycles = 1\n",
                                          preset + ".toml");
    if (loaded.ok()) break;
  }
  if (!loaded.ok()) throw std::runtime_error{loaded.problems.front().to_string()};
  scenario::ScenarioSpec spec = *loaded.spec;
  const scenario::ScenarioSpec constant = default_machine();
  spec.host = constant.host;
  auto& loop = std::get<workload::LoopSpec>(spec.clients.front().workload);
  loop.work = {};
  loop.cycles = jobs_each;
  return spec;
}

/// Of firmware alone: queues with a job each on one engine, which gets another one when that has ended.
template <template <class> class Policy>
double ns_per_pick(std::uint32_t queues, std::uint32_t slots, std::uint64_t picks) {
  fw::NullHal hal;
  std::vector<fw::QueueRecord> records(queues + 1);
  std::vector<fw::EngineRecord> engines(1);
  fw::Board<fw::NullHal> board{hal, records, engines, false, fw::SlotPool{slots}};
  Policy<fw::NullHal> policy{board};
  for (std::uint32_t queue = 1; queue <= queues; ++queue) {
    records[queue].state = fw::QueueState::idle;
    records[queue].priority = 1;
    records[queue].engine_set = static_cast<std::uint8_t>(board.sets.take(1, 0));
    records[queue].has_slot = slots == 0;
    records[queue].ticket = queue;  // the queue's process
    policy.enter(queue);
    policy.make_ready(queue);
  }
  const Stopwatch watch;
  for (std::uint64_t i = 0; i < picks; ++i) {
    const std::uint32_t queue = policy.choose(0);
    if (queue == fw::kNil) throw std::runtime_error{"no queue is picked, and all have work"};
    records[queue].state = fw::QueueState::running;
    engines[0].state = fw::EngineState::running;
    engines[0].queue = queue;
    policy.on_picked(0);
    policy.on_stop(0);
    engines[0].state = fw::EngineState::idle;
    policy.make_idle(queue);
    policy.make_ready(queue);
  }
  return watch.seconds() * 1e9 / static_cast<double>(picks);
}

/// Of the host's tick alone: groups that always have work.
double ns_per_tick(std::uint32_t count, std::uint32_t slots, std::uint64_t ticks) {
  drv::SlotLists lists{slots};
  std::vector<drv::SlotGroup> groups(count);
  for (drv::SlotGroup& group : groups) {
    group.level = 1;
    group.is_idle = false;
    lists.put(group);
  }
  const Stopwatch watch;
  for (std::uint64_t i = 0; i < ticks; ++i) {
    for (drv::SlotGroup* group : lists.pick(true).evicted) lists.put(*group);
  }
  return watch.seconds() * 1e9 / static_cast<double>(ticks);
}

void measure_picking(Harness& harness) {
  struct Case {
    const char* name;
    const char* what;
    double (*ns)(std::uint32_t queues, std::uint32_t slots, std::uint64_t count);
    std::uint32_t slots;
  };
  const std::uint64_t count = 100'000 + harness.scaled(1'000'000);
  for (const Case& each :
       {Case{"round_robin", "a pick, 4,096 queues with work on 8 slots, to 64 on 8", ns_per_pick<fw::RoundRobin>,
             kSlots},
        Case{"tick_rotation", "the same", ns_per_pick<fw::TickRotation>, kSlots},
        Case{"list_walk", "the same without slots, which it does not have", ns_per_pick<fw::ListWalk>, 0},
        Case{"host_slots", "a tick of the host, 4,096 groups with work on 8 slots, to 64 on 8", ns_per_tick, kSlots}}) {
    const std::string name = std::string{"presets."} + each.name;
    Measurement& ratio = harness.measure(
        {.name = name, .what = each.what, .unit = "times", .target = at_most(1.5), .judge = Judge::median});
    Measurement& time = harness.measure({.name = name + "_time", .what = "of the 64", .unit = "ns"});
    for (int i = 0; i < harness.repeats(); ++i) {
      const double few = each.ns(64, each.slots, count);
      ratio.add(each.ns(4'096, each.slots, count) / few);
      time.add(few);
    }
  }
}

/// Of the whole machine: all loops have a job on one engine, and the completion interrupt's handler looks at each.
void measure_crowds(Harness& harness) {
  const std::uint32_t many = harness.is_tiny() ? 128 : 4'096;
  const std::uint64_t jobs = std::uint64_t{many} * 10;
  const auto ns_per_job = [&](std::uint32_t loops, abi::RunPolicy policy) {
    scenario::ScenarioSpec spec = closed_loops(loops, 1, jobs / loops, true);
    spec.device.descriptor.policy = policy;
    spec.device.descriptor.slots = kSlots;
    spec.job_timeout = Picoseconds{0};
    return run_window(spec, jobs * 4 / 10, jobs).ns_per_job();
  };
  const std::array cases{std::pair{"presets.crowd", abi::RunPolicy::round_robin},
                         std::pair{"presets.crowd_host_slots", abi::RunPolicy::host_slots}};
  for (const auto& [name, policy] : cases) {
    Measurement& ratio = harness.measure({.name = name,
                                          .what = "a job of 4,096 closed loops on one engine and 8 slots, to one of 64",
                                          .unit = "times",
                                          .judge = Judge::median});
    Measurement& time = harness.measure({.name = std::string{name} + "_time", .what = "of the 64", .unit = "ns"});
    for (int i = 0; i < harness.repeats(); ++i) {
      const double few = ns_per_job(64, policy);
      ratio.add(ns_per_job(many, policy) / few);
      time.add(few);
    }
  }
}

/// Of queues in turn, so that each job is picked by itself.
void measure_decisions(Harness& harness) {
  constexpr std::uint32_t kSteps = 1'024;
  const std::uint64_t rounds = 2 + harness.scaled(100);
  const std::uint64_t first = 2 * std::uint64_t{kSteps};
  const std::uint64_t last = rounds * kSteps;
  const scenario::ScenarioSpec plain = round_robin(16, 8, kSteps, rounds);
  scenario::ScenarioSpec traced = plain;
  traced.traces_decisions = true;
  const auto ratio = [&](const char* name, const char* what) -> Measurement& {
    return harness.measure(
        {.name = name, .what = what, .unit = "times", .target = at_most(1.2), .judge = Judge::median});
  };
  const auto with_perfetto = [&](const scenario::ScenarioSpec& spec) {
    const auto finish = [](trace::PerfettoSink& sink, SimTime end) { sink.finish(end); };
    return run_with_sink<trace::PerfettoSink>(spec, first, last, finish).ns_per_job();
  };
  Measurement& quiet = ratio("presets.decisions", "a job's time with trace.decisions to without, no sink");
  Measurement& perfetto = ratio("presets.decisions_perfetto", "the same with the Perfetto sink");
  Measurement& count = harness.measure({.name = "presets.decisions_count", .what = "of them", .unit = "events/job"});
  for (int i = 0; i < harness.repeats(); ++i) {
    const JobWindow without = run_window(plain, first, last);
    const JobWindow with = run_window(traced, first, last);
    quiet.add(with.ns_per_job() / without.ns_per_job());
    count.add(with.events_per_job() - without.events_per_job());
    perfetto.add(with_perfetto(traced) / with_perfetto(plain));
  }
}

}  // namespace

void bench_presets(Harness& harness) {
  const std::uint64_t each = harness.scaled(50'000);
  for (const std::string& preset : device_presets()) {
    Measurement& rate = harness.measure({.name = "presets." + preset,
                                         .what = "4 closed loops of depth 8 on one kind of engine",
                                         .unit = "jobs/s",
                                         .more_is_better = true});
    for (int i = 0; i < harness.repeats(); ++i) {
      rate.add(run_window(loops_on(preset, each), 4 * each / 10, 4 * each).jobs_per_second());
    }
  }
  measure_picking(harness);
  measure_crowds(harness);
  measure_decisions(harness);
}

}  // namespace gpusim::bench
