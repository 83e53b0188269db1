// SPDX-License-Identifier: MIT
#include <cstdint>
#include <stdexcept>
#include <string>

#include "bench/benchmarks.h"
#include "bench/clock.h"
#include "sim/scenario/loader.h"
#include "sim/system/explorer.h"

namespace gpusim::bench {

void bench_explore(Harness& harness) {
  for (const char* name : {"queues", "dependencies", "full", "teardown", "slots"}) {
    const std::filesystem::path file = scenario::default_config_dir() / "explore" / (std::string{name} + ".toml");
    const scenario::LoadResult loaded = scenario::load_scenario(file, {});
    if (!loaded.ok()) throw std::runtime_error{loaded.problems.front().to_string()};
    const system::Explorer explorer{*loaded.spec};
    Measurement& seeds = harness.measure({.name = std::string{"explore."} + name,
                                          .what = "about 50 jobs, one seed after the other, one core",
                                          .unit = "seeds/s",
                                          .target = at_least(2'000)});
    std::uint64_t seed = 0;
    for (int i = 0; i < harness.repeats(); ++i) {
      const std::uint64_t count = harness.scaled(2'000);
      const Stopwatch watch;
      for (const std::uint64_t end = seed + count; seed < end; ++seed) {
        const system::ExploredRun run = explorer.run_seed(seed);
        if (!run.survived()) throw std::runtime_error{run.text};
      }
      seeds.add(static_cast<double>(count) / watch.seconds());
    }
  }
}

}  // namespace gpusim::bench
