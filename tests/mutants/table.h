// SPDX-License-Identifier: MIT
// For each planted bug: the scenario of configs/explore/ in which it is looked for, and the oracle that has to speak.
// The oracle is named from what the bug breaks, before the search is run; a bug that another oracle finds first is a
// failure of the search. Those that break no rule which an oracle could see stand in a list of their own, with the
// reason.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/mutation.h"
#include "sim/scenario/spec.h"

namespace gpusim::test {

struct MutantRow {
  Mutation mutation;
  std::string_view scenario;  ///< configs/explore/<scenario>.toml
  std::string_view oracle;
  std::string_view note = {};  ///< what is changed in the scenario, for the table
  void (*change)(scenario::ScenarioSpec& spec) = nullptr;
};

struct UnitOnlyRow {
  Mutation mutation;
  std::string_view reason;
};

[[nodiscard]] std::span<const MutantRow> mutant_table();
/// Held by unit tests only.
[[nodiscard]] std::span<const UnitOnlyRow> unit_only_table();

}  // namespace gpusim::test
