// SPDX-License-Identifier: MIT
// Scenarios as gpusim check and gpusim baseline are given them: files and folders, loaded and run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/experiment/measurement.h"
#include "sim/scenario/problem.h"
#include "sim/scenario/spec.h"

namespace gpusim::app {

struct ScenarioFile {
  std::string file;
  scenario::ScenarioSpec spec;
};

/// The scenarios that are named and those in the folders that are named and below, each once. `sets` ("KEY=VALUE") hold
/// for all. What cannot be loaded is left out and adds to `problems`.
[[nodiscard]] std::vector<ScenarioFile> load_scenarios(const std::vector<std::string>& paths,
                                                       const std::vector<std::string>& sets,
                                                       std::vector<scenario::Problem>& problems);

/// Runs each once, in child processes; in the order of the scenarios. An interrupted one is not_run.
[[nodiscard]] std::vector<experiment::Measurement> measure_all(const std::vector<ScenarioFile>& scenarios,
                                                               std::uint32_t processes, bool quiet);

/// Of runs, whatever is made of their figures: kGood if all are good.
[[nodiscard]] int exit_code_of(const std::vector<experiment::Status>& runs);

}  // namespace gpusim::app
