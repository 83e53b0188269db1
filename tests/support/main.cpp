// SPDX-License-Identifier: MIT
// The runner of every test executable.
#include <cstdlib>

#include "tests/support/run_around.h"

// The linker's --wrap=main has the program begin in the one and calls Catch2's main() the other.
extern "C" int main_of_catch(int argc, char** argv) asm("__real_main");
extern "C" int main_of_tests(int argc, char** argv) asm("__wrap_main");

int main_of_tests(int argc, char** argv) {
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  const auto run = [&] { return main_of_catch(argc, argv); };
  return gpusim::test::run_around != nullptr ? gpusim::test::run_around(run) : run();
}
