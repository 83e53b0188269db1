// SPDX-License-Identifier: MIT
// From a scenario file (or a .wsim file) to a checked ScenarioSpec, or to everything that is wrong with it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/presets.h"
#include "sim/scenario/problem.h"
#include "sim/scenario/resolved.h"
#include "sim/scenario/spec.h"

namespace gpusim::scenario {

struct LoadOptions {
  std::vector<std::string> sets;      ///< "key.path=value", in order; a later one wins
  std::optional<std::uint64_t> seed;  ///< wins over all of them
  std::filesystem::path config_dir = default_config_dir();
  bool for_exploration = false;
};

struct LoadResult {
  std::optional<ScenarioSpec> spec;  ///< present exactly when there are no problems
  std::vector<Problem> problems;     ///< sorted by place
  Resolved resolved;                 ///< complete when there are no problems

  [[nodiscard]] bool ok() const { return spec.has_value(); }
};

[[nodiscard]] LoadResult load_scenario(const std::filesystem::path& file, const LoadOptions& options = {});

/// The same from a text; `file` names it in messages, and its folder is where relative paths begin.
[[nodiscard]] LoadResult load_scenario_text(std::string_view text, const std::filesystem::path& file,
                                            const LoadOptions& options = {});

/// One client, called as the file without its extension, that runs the .wsim program on the default machine.
[[nodiscard]] LoadResult load_wsim_as_scenario(const std::filesystem::path& file, const LoadOptions& options = {});

/// A descriptor if the file is called .wsim, else a scenario.
[[nodiscard]] LoadResult load_file(const std::filesystem::path& file, const LoadOptions& options = {});

}  // namespace gpusim::scenario
