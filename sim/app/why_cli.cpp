// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>

#include "sim/app/why_command.h"

namespace gpusim::app {

CLI::App* add_why(CLI::App& program, WhyOptions& options) {
  CLI::App* why = program.add_subcommand("why", "why a job was not running at a time, as a chain to the last cause");
  add_job_choice(*why, options.job);
  why->add_option("--at", options.at, "moment of the run: 1.234ms, in ps, ns, us, ms or s")
      ->type_name("TIME")
      ->required();
  return why;
}

}  // namespace gpusim::app
