// SPDX-License-Identifier: MIT
// Exit codes of the program; part of its interface (README).
#pragma once

namespace gpusim::app {

enum ExitCode : int {
  kGood = 0,
  kExpectationFailed = 1,
  kBadInput = 2,
  kInvariantBroken = 3,
  kStalled = 4,
  kNoResources = 5,  ///< of memory, descriptors or processes
  kInterrupted = 130,
};

}  // namespace gpusim::app
