// SPDX-License-Identifier: MIT
// gpusim why: why a job of a run was not running at a time.
#pragma once

#include <string>

#include "sim/app/job_command.h"

namespace CLI {
class App;
}  // namespace CLI

namespace gpusim::app {

struct WhyOptions {
  JobChoice job;
  std::string at;  ///< "1.234ms"
};

/// Adds the command; its options are read into `options`.
CLI::App* add_why(CLI::App& program, WhyOptions& options);

[[nodiscard]] int why_command(const WhyOptions& options);

}  // namespace gpusim::app
