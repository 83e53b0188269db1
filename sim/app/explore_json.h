// SPDX-License-Identifier: MIT
// What an exploration has found, as data and as JSON.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "base/choice.h"
#include "sim/system/explorer.h"

namespace gpusim::app {

struct SeedFailure {
  std::uint64_t seed = 0;
  std::string oracle;  ///< "crash": the process died of it
};

/// One failure in full.
struct ExplainedSeed {
  SeedFailure failure;
  std::string replay;                         ///< the command that runs it again
  std::size_t choices = 0;                    ///< that it made
  std::uint64_t trace_hash = 0;               ///< of its run
  std::optional<system::MinimisedRun> small;  ///< none: the process dies of it
  std::string schedule_file{};                ///< of the small one; empty: nothing was written
};

struct Search {
  std::string scenario;
  std::vector<std::string> notices;
  std::uint64_t first = 0;
  std::uint64_t seeds = 0;
  std::uint64_t done = 0;
  std::uint64_t given_up = 0;
  bool interrupted = false;
  std::vector<SeedFailure> failures;
};

void write_search_json(std::ostream& out, const Search& search, const std::vector<ExplainedSeed>& explained);
/// Of --replay and --schedule.
void write_explored_run_json(std::ostream& out, const std::string& scenario, const std::vector<std::string>& notices,
                             const system::ExploredRun& run);

}  // namespace gpusim::app
