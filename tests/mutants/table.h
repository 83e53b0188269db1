// SPDX-License-Identifier: MIT
// For each planted bug: the scenario of configs/explore/ in which it is looked for, and the oracle that has to speak.
// The oracle is named from what the bug breaks, before the search is run; a bug that another oracle finds first is a
// failure of the search.
#pragma once

#include <span>
#include <string_view>

#include "base/mutation.h"
#include "sim/scenario/spec.h"

namespace gpusim::test {

struct MutantRow {
  Mutation mutation;
  std::string_view scenario;  ///< configs/explore/<scenario>.toml
  std::string_view oracle;
  /// What no scenario file can say, if the bug needs it.
  void (*change)(scenario::ScenarioSpec& spec) = nullptr;
};

[[nodiscard]] std::span<const MutantRow> mutant_table();

}  // namespace gpusim::test
