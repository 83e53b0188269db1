// SPDX-License-Identifier: MIT
// gpusim why: why a job of a run was not running at a time.
#pragma once

#include <string>

#include "sim/app/job_command.h"

namespace gpusim::app {

struct WhyOptions {
  JobChoice job;
  std::string at;  ///< "1.234ms"
};

[[nodiscard]] int why_command(const WhyOptions& options);

}  // namespace gpusim::app
