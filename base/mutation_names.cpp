// SPDX-License-Identifier: MIT
#include "base/mutation_names.h"

#include <array>

namespace gpusim {

namespace {

constexpr std::array kAll{
#define GPUSIM_MUTATION_INFO(name, what) MutationInfo{Mutation::name, #name, what},
    GPUSIM_MUTATIONS(GPUSIM_MUTATION_INFO)
#undef GPUSIM_MUTATION_INFO
};
static_assert(kAll.size() <= 256);

}  // namespace

std::span<const MutationInfo> all_mutations() { return kAll; }

std::optional<Mutation> find_mutation(std::string_view name) {
  for (const MutationInfo& info : kAll) {
    if (info.name == name) return info.mutation;
  }
  return std::nullopt;
}

}  // namespace gpusim
