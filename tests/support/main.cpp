// SPDX-License-Identifier: MIT
// The runner of every test executable.
#define CATCH_CONFIG_RUNNER
#include <cstdlib>

#include "tests/support/catch.h"
#include "tests/support/run_around.h"

int main(int argc, char* argv[]) {
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  const auto run = [&] { return Catch::Session().run(argc, argv); };
  return gpusim::test::run_around ? gpusim::test::run_around(run) : run();
}
