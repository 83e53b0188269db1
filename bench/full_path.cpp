// SPDX-License-Identifier: MIT
#include <cstdint>

#include "bench/benchmarks.h"
#include "bench/job_window.h"
#include "bench/scenarios.h"
#include "bench/sink_window.h"
#include "traces/sinks/perfetto/sink.h"
#include "traces/sinks/text_sink.h"

namespace gpusim::bench {
namespace {

constexpr std::uint32_t kQueues = kEngines;
constexpr std::uint32_t kDepth = 8;

JobWindow run_machine(const scenario::ScenarioSpec& spec, std::uint64_t first, std::uint64_t last,
                      const system::MachineOptions& options) {
  JobWindow window{first, last};
  system::Machine machine{spec, options};
  window.attach_to(machine.recorder());
  expect_finished(machine.run());
  return window;
}

}  // namespace

void bench_full_path(Harness& harness) {
  const std::uint64_t each = harness.scaled(50'000);
  const std::uint64_t first = kQueues * each / 10;
  const std::uint64_t last = kQueues * each;
  const scenario::ScenarioSpec loops = closed_loops(kQueues, kDepth, each);
  const scenario::ScenarioSpec one_engine = closed_loops(kQueues, kDepth, each, true);

  scenario::ScenarioSpec on_drm_sched = loops;
  on_drm_sched.component = scenario::Component::drm_sched;
  scenario::ScenarioSpec on_pipeline = loops;
  on_pipeline.component = scenario::Component::jobqueue;
  scenario::ScenarioSpec on_counter = on_pipeline;
  on_counter.jobqueue.shape = sched::jq::Shape::counter;
  on_counter.driver.kill_way = drv::KillWay::terminate;

  scenario::ScenarioSpec on_user_queues = loops;
  on_user_queues.component = scenario::Component::direct;

  const auto rate = [&](const char* name, const char* what, Target target = {}) -> Measurement& {
    return harness.measure(
        {.name = name, .what = what, .unit = "jobs/s", .target = target, .judge = Judge::best, .more_is_better = true});
  };
  Measurement& simulation = rate(
      "full_path.simulation", "5 closed loops of depth 8 on 5 engines; oracles, hash, statistics", at_least(500'000));
  Measurement& single = rate("full_path.one_engine", "the same on one engine: queues take turns");
  Measurement& one_queue = rate("full_path.one_queue", "one closed loop of depth 8");
  Measurement& machine = rate("full_path.machine", "the first without oracles and statistics");
  Measurement& strict = rate("full_path.machine_strict", "and SystemC stepped to every time");
  Measurement& drm_sched = rate("full_path.drm_sched", "the first, which has drm_dep, on drm_sched");
  Measurement& pipeline = rate("full_path.jobqueue_pipeline", "and on the pipeline JobQueue");
  Measurement& counter = rate("full_path.jobqueue_counter", "and on the counter JobQueue");
  Measurement& direct = rate("full_path.direct", "and with queues that are mapped into the clients, which poll");
  Measurement& text = rate("full_path.text", "the first with the text sink to nowhere");
  Measurement& perfetto = rate("full_path.perfetto", "the first with the Perfetto sink to nowhere");
  Measurement& events = harness.measure({.name = "full_path.events", .what = "of the first", .unit = "events/job"});
  Measurement& per_event =
      harness.measure({.name = "full_path.event_time", .what = "of the first", .unit = "ns/event"});
  Measurement& allocations = harness.measure(
      {.name = "full_path.allocations", .what = "of the first", .unit = "new/job", .can_be_zero = true});
  Measurement& kept = harness.measure({.name = "full_path.bytes_kept",
                                       .what = "growth of live memory, of the first",
                                       .unit = "bytes/job",
                                       .can_be_zero = true});

  for (int i = 0; i < harness.repeats(); ++i) {
    const JobWindow run = run_window(loops, first, last);
    simulation.add(run.jobs_per_second());
    events.add(run.events_per_job());
    per_event.add(run.ns_per_event());
    allocations.add(run.allocations_per_job());
    kept.add(run.bytes_kept_per_job());
    one_queue.add(run_window(closed_loops(1, kDepth, last), first, last).jobs_per_second());
    single.add(run_window(one_engine, first, last).jobs_per_second());
    machine.add(run_machine(loops, first, last, {}).jobs_per_second());
    strict.add(run_machine(loops, first, last, {.look_ahead = false}).jobs_per_second());
    drm_sched.add(run_window(on_drm_sched, first, last).jobs_per_second());
    pipeline.add(run_window(on_pipeline, first, last).jobs_per_second());
    counter.add(run_window(on_counter, first, last).jobs_per_second());
    direct.add(run_window(on_user_queues, first, last).jobs_per_second());
    text.add(run_with_sink<trace::TextSink>(loops, first, last, [](trace::TextSink& sink, SimTime) {
               sink.finish();
             }).jobs_per_second());
    perfetto.add(run_with_sink<trace::PerfettoSink>(loops, first, last, [](trace::PerfettoSink& sink, SimTime end) {
                   sink.finish(end);
                 }).jobs_per_second());
  }
}

}  // namespace gpusim::bench
