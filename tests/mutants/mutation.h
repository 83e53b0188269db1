// SPDX-License-Identifier: MIT
// Planted bugs, switched on and off. bugs.def lists them. Most stand in copies of the models' sources, which patches/
// changes when the tests are built: there `mutated(Mutation::name)` asks for one. The models know nothing of this.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>

namespace gpusim {

enum class Mutation : std::uint16_t {
#define BUG(name, ...) name,
#define FLIP(name, ...) name,
#include "tests/mutants/bugs.def"
};

// NOLINTBEGIN(bugprone-macro-parentheses): terms of a sum
inline constexpr std::size_t kMutations = 0
#define BUG(...) +1
#define FLIP(...) +1
// NOLINTEND(bugprone-macro-parentheses)
#include "tests/mutants/bugs.def"
    ;

using ReachedMutations = std::array<bool, kMutations>;

namespace detail {
inline std::bitset<kMutations> active_mutations;
inline ReachedMutations own_reached_mutations{};
/// Memory that processes share, where they search together.
inline ReachedMutations* reached_mutations = &own_reached_mutations;
}  // namespace detail

/// Whether the bug is on. Its place has been reached with that.
[[nodiscard]] inline bool mutated(Mutation mutation) {
  const auto index = static_cast<std::size_t>(mutation);
  if (!detail::active_mutations[index]) return false;
  (*detail::reached_mutations)[index] = true;
  return true;
}

/// Whether the bug's place was reached since the bug was switched on: if not, a test that passes says nothing of it.
[[nodiscard]] inline bool was_reached(Mutation mutation) {
  return (*detail::reached_mutations)[static_cast<std::size_t>(mutation)];
}

/// Switches a mutation on for its own life.
class ScopedMutation {
 public:
  explicit ScopedMutation(Mutation mutation) : index_{static_cast<std::size_t>(mutation)} {
    detail::active_mutations.set(index_);
    (*detail::reached_mutations)[index_] = false;
  }
  ~ScopedMutation() { detail::active_mutations.reset(index_); }
  ScopedMutation(const ScopedMutation&) = delete;
  ScopedMutation& operator=(const ScopedMutation&) = delete;

 private:
  std::size_t index_;
};

}  // namespace gpusim
