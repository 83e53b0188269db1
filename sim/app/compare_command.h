// SPDX-License-Identifier: MIT
// gpusim compare: variants of a scenario side by side.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/app/page_options.h"

namespace gpusim::app {

struct CompareOptions {
  std::string file;                   ///< an experiment; with `variants` a scenario (.toml) or a descriptor (.wsim)
  std::string typed;                  ///< what the user called it: a name for one that comes with the program, say
  std::vector<std::string> variants;  ///< "NAME:KEY=VALUE,KEY=VALUE"
  std::vector<std::string> sets;      ///< "KEY=VALUE", for all variants
  std::vector<std::string> metrics;   ///< for the tables; replaces those of an experiment
  std::string verdict;                ///< metric; empty: the experiment's, or the default
  bool higher_is_better = false;      ///< of `verdict`, whatever gpusim knows of it
  std::optional<std::int64_t> seeds;
  std::optional<std::uint64_t> seed;  ///< the first
  std::string fail_on;                ///< "worse" or "changed"; empty: verdicts are no matter of the exit code
  std::string against;                ///< an earlier compare.json, or its folder; empty: none
  std::string with;                   ///< another gpusim; empty: none
  std::uint32_t parallel = 1;
  std::string out;  ///< folder for compare.json; empty: none
  bool estimates = false;
  bool markdown = false;  ///< as if `page` said so
  PageOptions page;
  bool quiet = false;  ///< no progress line
};

[[nodiscard]] int compare_command(const CompareOptions& options);

}  // namespace gpusim::app
