// SPDX-License-Identifier: MIT
//
// The runner of every test executable.
#define CATCH_CONFIG_RUNNER
#include <cstdlib>

#include "tests/support/catch.h"

// SystemC's library has a main() of its own that calls sc_main(): ours takes its place, but the name must exist.
extern "C" int sc_main(int /*argc*/, char* /*argv*/[]) { return EXIT_FAILURE; }

int main(int argc, char* argv[]) {
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  return Catch::Session().run(argc, argv);
}
