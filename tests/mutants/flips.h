// SPDX-License-Identifier: MIT
// Planted bugs that are another value of an option of drm_dep: what sets up a queue or a scenario for a test asks here.
#pragma once

#include <cstddef>

#include "scheduler/dep/spec.h"
#include "tests/mutants/mutation.h"

namespace gpusim::test {

namespace flips {

using sched::dep::BypassCondition;
using sched::dep::Policy;
using sched::dep::Teardown;
using sched::dep::TimeoutRestart;
using sched::dep::Where;

inline bool& looks_at(Policy& policy, BypassCondition condition) {
  return policy.bypass_requires[static_cast<std::size_t>(condition)];
}
constexpr Where other(Where where) { return where == Where::irq ? Where::worker : Where::irq; }
constexpr TimeoutRestart other(TimeoutRestart restart) {
  return restart == TimeoutRestart::head ? TimeoutRestart::each_job : TimeoutRestart::head;
}

inline void flip(Policy& policy) {
#define BUG(...)
#define FLIP(name, change, ...) \
  if (mutated(Mutation::name)) change;
#include "tests/mutants/bugs.def"
}

}  // namespace flips

/// The policy as the bugs that are on leave it.
[[nodiscard]] inline sched::dep::Policy flipped(sched::dep::Policy policy) {
  flips::flip(policy);
  return policy;
}

}  // namespace gpusim::test
