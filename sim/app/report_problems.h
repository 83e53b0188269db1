// SPDX-License-Identifier: MIT
// How a command with unusable input ends.
#pragma once

#include <vector>

#include "sim/app/exit_code.h"
#include "sim/app/log.h"
#include "sim/scenario/problem.h"

namespace gpusim::app {

/// One line each; the exit code for it.
inline int report_problems(const std::vector<scenario::Problem>& problems) {
  for (const scenario::Problem& problem : problems) log::error(problem.text(), problem.where());
  return kBadInput;
}

}  // namespace gpusim::app
