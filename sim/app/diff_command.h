// SPDX-License-Identifier: MIT
// gpusim diff: how two runs differ, and why.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/app/page_options.h"

namespace gpusim::app {

struct DiffOptions {
  std::string a;
  std::string b;                    ///< empty: the same as A, with other parameters
  std::vector<std::string> sets;    ///< "KEY=VALUE", for both
  std::vector<std::string> sets_a;  ///< for A alone, behind those of both
  std::vector<std::string> sets_b;
  std::optional<std::uint64_t> seed;  ///< for both; none: the scenarios' own
  std::uint64_t rows = 10;            ///< of each table at most
  PageOptions page;
};

/// Exit code 0: the runs are equal; 1: they differ.
[[nodiscard]] int diff_command(const DiffOptions& options);

}  // namespace gpusim::app
