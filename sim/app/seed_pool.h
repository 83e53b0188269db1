// SPDX-License-Identifier: MIT
// Many seeds of an exploration over the processes of sim/experiment/process_pool.h.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace gpusim::app {

struct SeedRange {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};

struct SeedFailure {
  std::uint64_t seed = 0;
  std::string oracle;  ///< "crash": the process died of it
};

struct SeedReport {
  std::vector<SeedFailure> failures;  ///< by seed, ascending
  std::uint64_t done = 0;    ///< seeds that were run; of all, unless interrupted or the first failure was enough
  bool interrupted = false;  ///< SIGINT or SIGTERM came before the end
};

/// Runs a seed; the oracle that spoke, or nothing.
using SeedRun = std::function<std::string(std::uint64_t seed)>;

/// `make_run` is called once in each process. `first_only`: the lowest failing seed is enough. `progress` is called
/// about ten times a second with the seeds done so far. Call it before any machine lives in this process.
[[nodiscard]] SeedReport run_seeds(const SeedRange& seeds, std::uint32_t workers, bool first_only,
                                   const std::function<SeedRun()>& make_run,
                                   const std::function<void(std::uint64_t done)>& progress);

}  // namespace gpusim::app
