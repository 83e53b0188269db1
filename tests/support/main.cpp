// SPDX-License-Identifier: MIT
//
// The runner of every test executable. GPUSIM_TEST_MUTATION in the environment names a planted bug (base/mutation.h)
// that is on during the run: `./dev conformance` sees with it that each rule's test fails without the rule.
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "base/mutation_names.h"

namespace {
constexpr int kUnknownMutation = 250;  // Catch returns the number of failed assertions
}

// The linker's --wrap=main has the program begin in the one and calls Catch2's main() the other.
extern "C" int main_of_catch(int argc, char** argv) asm("__real_main");
extern "C" int main_of_tests(int argc, char** argv) asm("__wrap_main");

int main_of_tests(int argc, char** argv) {
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  std::optional<gpusim::ScopedMutation> active;
  if (const char* name = std::getenv("GPUSIM_TEST_MUTATION")) {
    const std::optional<gpusim::Mutation> mutation = gpusim::find_mutation(name);
    if (!mutation) {
      std::fprintf(stderr, "GPUSIM_TEST_MUTATION: there is no planted bug '%s'\n", name);
      return kUnknownMutation;
    }
    active.emplace(*mutation);
  }
  return main_of_catch(argc, argv);
}
