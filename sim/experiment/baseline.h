// SPDX-License-Identifier: MIT
// Stored figures of scenarios, for expectations such as "within 5% of baseline": a JSON file with sorted keys and a
// line for each figure, so that its history can be read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "sim/experiment/condition.h"
#include "sim/experiment/measurement.h"
#include "sim/scenario/problem.h"

namespace gpusim::experiment {

/// Beside the scenarios, where no other name is given.
inline constexpr const char* kBaselineFile = "gpusim-baseline.json";

/// A figure that did not occur has no value.
using Figures = std::map<std::string, std::optional<Quantity>, std::less<>>;

/// The figures of one scenario, and where they come from.
struct StoredRun {
  std::string version;  ///< of gpusim, with compiler and build type
  std::string command;  ///< that stored them
  std::uint64_t seed = 0;
  std::uint64_t trace_hash = 0;
  Figures figures;
};

/// By scenario: its path from the folder of the baseline.
using Baseline = std::map<std::string, StoredRun, std::less<>>;

[[nodiscard]] Figures figures_of(const Measurement& run);

/// "gpusim-baseline/1": the same bytes for the same baseline.
void write_baseline(std::ostream& out, const Baseline& baseline);
/// None, and problems with their places in `file`, if the text is not what write_baseline() writes.
[[nodiscard]] std::optional<Baseline> parse_baseline(std::string_view text, const std::filesystem::path& file,
                                                     std::vector<scenario::Problem>& problems);

/// How the baseline calls a scenario.
[[nodiscard]] std::string name_in_baseline(const std::filesystem::path& scenario,
                                           const std::filesystem::path& baseline);

struct Move {
  std::string figure;
  std::string stored;  ///< "-": it was not there, or did not occur
  std::string now;
  std::string by;  ///< "+11.2 us (+22.4%)"; empty where there is no distance
};
/// What differs, by name of the figure; trace_hash last.
[[nodiscard]] std::vector<Move> moves(const StoredRun& stored, const StoredRun& now);

/// For messages.
struct BaselineNames {
  std::string file;
  std::string scenario;  ///< as it is called there
  std::string command;   ///< that stores its figures
};
/// Gives their figures to those checks that are of a baseline. Problems, at the checks' places: the scenario or one of
/// the metrics is not in it.
void set_figures(std::vector<Check>& checks, const Baseline& baseline, const BaselineNames& names,
                 std::vector<scenario::Problem>& problems);

}  // namespace gpusim::experiment
