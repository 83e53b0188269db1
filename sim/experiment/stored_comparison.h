// SPDX-License-Identifier: MIT
// A comparison read back from compare.json, and what it says of one variant beside what the same variant gives now.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/experiment/comparison.h"

namespace gpusim::experiment {

struct StoredComparison {
  std::string name;  ///< of the file or the program that it is from, for messages
  std::string scenario;
  std::uint64_t first_seed = 0;
  std::uint64_t seeds = 0;
  bool is_interrupted = false;
  std::vector<std::string> variants;
  std::vector<Table> tables;  ///< each condition has a cell for each variant; runs without figures are not_run
};

/// None, and a problem, if the text is not what write_json() writes. `file` is only used in places.
[[nodiscard]] std::optional<StoredComparison> parse_comparison(std::string_view text, const std::filesystem::path& file,
                                                               std::vector<scenario::Problem>& problems);

/// Problems if some figure of the experiment would have nothing to be compared with: the stored scenario, its seeds, a
/// variant, a sweep, a value of it, or a metric that is asked for. What is stored beyond that does not matter. `place`:
/// of the option.
void check_stored(const StoredComparison& stored, const Experiment& experiment, std::uint64_t first_seed,
                  const scenario::Place& place, std::vector<scenario::Problem>& problems);

/// An experiment of two variants, and its figures.
struct Pair {
  Experiment experiment;
  Comparison comparison;
};

struct PairNames {
  std::string then = "then";
  std::string now = "now";
};

/// The stored figures of a variant, then those of now. Pre: check_stored() has found nothing.
[[nodiscard]] Pair pair_up(const StoredComparison& stored, const Experiment& experiment, const Comparison& now,
                           std::size_t variant, const PairNames& names);

}  // namespace gpusim::experiment
