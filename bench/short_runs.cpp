// SPDX-License-Identifier: MIT
#include <cstdint>

#include "bench/benchmarks.h"
#include "bench/clock.h"
#include "bench/job_window.h"
#include "bench/scenarios.h"

namespace gpusim::bench {
namespace {

/// A run takes the machine's own time with it: made, run, destroyed.
template <class System>
double runs_per_second(const scenario::ScenarioSpec& spec, std::uint64_t runs) {
  const Stopwatch watch;
  for (std::uint64_t i = 0; i < runs; ++i) {
    System system{spec};
    expect_finished(system.run());
  }
  return static_cast<double>(runs) / watch.seconds();
}

}  // namespace

void bench_short_runs(Harness& harness) {
  const scenario::ScenarioSpec loops = closed_loops(kEngines, 8, 10);
  scenario::ScenarioSpec few_ids = loops;
  few_ids.device.descriptor.max_queues = 64;
  const scenario::ScenarioSpec empty = default_machine();
  const auto rate = [&](const char* name, const char* what) -> Measurement& {
    return harness.measure({.name = name, .what = what, .unit = "runs/s", .more_is_better = true});
  };
  Measurement& simulation = rate("short_runs.simulation", "50 jobs on 5 queues with a fresh machine");
  Measurement& machine = rate("short_runs.machine", "the same without oracles and statistics");
  Measurement& small = rate("short_runs.few_ids", "the first with 64 queue ids instead of 4,096");
  Measurement& nothing = rate("short_runs.empty", "no client: a machine made, probed and destroyed");
  for (int i = 0; i < harness.repeats(); ++i) {
    const std::uint64_t runs = harness.scaled(500);
    simulation.add(runs_per_second<system::Simulation>(loops, runs));
    machine.add(runs_per_second<system::Machine>(loops, runs));
    small.add(runs_per_second<system::Simulation>(few_ids, runs));
    nothing.add(runs_per_second<system::Simulation>(empty, runs));
  }
}

}  // namespace gpusim::bench
