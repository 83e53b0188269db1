// SPDX-License-Identifier: MIT
// How a command ends that cannot use its input.
#pragma once

#include <iostream>
#include <vector>

#include "sim/app/exit_code.h"
#include "sim/scenario/problem.h"

namespace gpusim::app {

/// One line each on stderr; the exit code for it.
inline int report_problems(const std::vector<scenario::Problem>& problems) {
  for (const scenario::Problem& problem : problems) std::cerr << problem.to_string() << '\n';
  return kBadInput;
}

}  // namespace gpusim::app
