// SPDX-License-Identifier: MIT
// gpusim explore: a scenario under many interleavings and faults (docs/exploration.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/app/page_options.h"

namespace gpusim::app {

struct ExploreOptions {
  std::string scenario;
  std::vector<std::string> sets;  ///< "key=value"
  std::uint64_t seeds = 1'000;
  std::uint64_t first = 0;
  std::uint32_t workers = 1;
  bool keep_going = false;              ///< run all seeds, whatever fails
  std::optional<std::uint64_t> replay;  ///< run this seed alone
  std::string schedule;                 ///< run this file's schedule alone
  std::string out;                      ///< folder for schedules and traces; empty: nothing is written
  std::vector<std::string> traces;      ///< "perfetto", "text"; only with `out`, of a single run
  bool quiet = false;                   ///< no progress line
  PageOptions page;                     ///< its format alone: text or json
};

/// Exit codes: 0 all seeds survived, 2 bad input, 3 an oracle spoke, 130 interrupted.
[[nodiscard]] int explore_command(const ExploreOptions& options);

}  // namespace gpusim::app
