// SPDX-License-Identifier: MIT
#include "sim/app/seed_pool.h"

#include "sim/experiment/process_pool.h"

namespace gpusim::app {

SeedReport run_seeds(const SeedRange& seeds, std::uint32_t workers, bool first_only,
                     const std::function<SeedRun()>& make_run,
                     const std::function<void(std::uint64_t done)>& progress) {
  const experiment::PoolReport pool =
      experiment::run_in_processes({seeds.count, workers, first_only, progress}, [&]() -> experiment::PieceWork {
        return [run = make_run(), first = seeds.first](std::uint64_t index) { return run(first + index); };
      });
  SeedReport report{{}, pool.done, pool.interrupted};
  for (const experiment::PieceResult& result : pool.results) {
    report.failures.push_back({seeds.first + result.index, result.died ? "crash" : result.text});
  }
  return report;
}

}  // namespace gpusim::app
