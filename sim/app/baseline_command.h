// SPDX-License-Identifier: MIT
// gpusim baseline: stores the figures of scenarios, for expectations such as "within 5% of baseline".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/app/page_options.h"

namespace gpusim::app {

struct BaselineOptions {
  std::vector<std::string> paths;  ///< scenarios, descriptors, or folders of scenarios
  std::vector<std::string> sets;   ///< "KEY=VALUE", for all
  std::uint32_t parallel = 1;
  std::string file;      ///< empty: one beside each scenario
  bool dry_run = false;  ///< says what would move, and writes nothing
  bool quiet = false;    ///< no progress line
  PageOptions page;
};

[[nodiscard]] int baseline_command(const BaselineOptions& options);

}  // namespace gpusim::app
