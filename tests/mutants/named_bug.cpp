// SPDX-License-Identifier: MIT
// GPUSIM_TEST_MUTATION in the environment names a planted bug that is on while the cases run: so conformance.sh sees
// that each rule's test fails without the rule.
#include <cstdio>
#include <cstdlib>

#include "tests/mutants/bugs.h"
#include "tests/support/run_around.h"

namespace gpusim::test {
namespace {

// Catch returns the number of failed assertions.
constexpr int kUnknownBug = 250;
constexpr int kNotReached = 251;

int run_with_bug(const std::function<int()>& run) {
  const char* const name = std::getenv("GPUSIM_TEST_MUTATION");
  if (name == nullptr) return run();
  const Bug* const bug = find_bug(name);
  if (bug == nullptr) {
    std::fprintf(stderr, "GPUSIM_TEST_MUTATION: there is no planted bug '%s'\n", name);
    return kUnknownBug;
  }
  const ScopedMutation active{bug->mutation};
  const int failed = run();
  return failed == 0 && !was_reached(bug->mutation) ? kNotReached : failed;
}

[[maybe_unused]] const bool registered = [] {
  run_around = &run_with_bug;
  return true;
}();

}  // namespace
}  // namespace gpusim::test
