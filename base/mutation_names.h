// SPDX-License-Identifier: MIT
// Planted bugs by name, for test programs that are told on their command line which one to switch on.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/mutation.h"

namespace gpusim {

struct MutationInfo {
  Mutation mutation;
  std::string_view name;
  std::string_view what;  ///< what the model does wrong
};

[[nodiscard]] std::span<const MutationInfo> all_mutations();
[[nodiscard]] std::optional<Mutation> find_mutation(std::string_view name);

}  // namespace gpusim
