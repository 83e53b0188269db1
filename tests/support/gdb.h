// SPDX-License-Identifier: MIT
// A run of the program under a real GDB.
#pragma once

#include <string>
#include <vector>

#include "tests/support/program.h"

namespace gpusim::test {

/// gdb-multiarch is installed, and the firmware was built with what GDB has to know of it. If not, it warns.
[[nodiscard]] bool can_debug_firmware();

struct Debugged {
  Ended run;
  std::string gdb;  ///< what GDB has printed, each command with "(gdb) " in front of what it prints
};

/// `gpusim run ARGUMENTS --gdb 0`, and GDB with these commands. The first one is "target remote", without a place.
[[nodiscard]] Debugged debug_program(const std::string& arguments, const std::vector<std::string>& commands);

}  // namespace gpusim::test
