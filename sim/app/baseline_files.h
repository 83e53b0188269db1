// SPDX-License-Identifier: MIT
// Baselines as files: which one is whose, and reading each once.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/experiment/baseline.h"
#include "sim/scenario/problem.h"

namespace gpusim::app {

/// `given` by the user, or else the one beside the scenario.
[[nodiscard]] std::filesystem::path baseline_of(const std::string& scenario, const std::string& given);

/// The command that stores these figures, given in the folder of the baseline. `name`: of the scenario, as the baseline
/// calls it; `sets`: "KEY=VALUE".
[[nodiscard]] std::string storing_command(const std::string& name, const std::filesystem::path& baseline,
                                          const std::vector<std::string>& sets);

/// Whether two commands of storing_command() make the same run: an expectation changes none.
[[nodiscard]] bool runs_the_same(const std::string& a, const std::string& b);

class BaselineFiles {
 public:
  /// None if there is no such file, or if it is no baseline; the latter adds to `problems` the first time.
  [[nodiscard]] const std::optional<experiment::Baseline>& read(const std::filesystem::path& file,
                                                                std::vector<scenario::Problem>& problems);

 private:
  std::map<std::filesystem::path, std::optional<experiment::Baseline>> read_;
};

}  // namespace gpusim::app
