// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>

#include "sim/app/job_command.h"

namespace gpusim::app {

void add_job_choice(CLI::App& command, JobChoice& choice) {
  command.add_option("run", choice.run, "scenario, folder of --out, or trace.events")->required();
  command.add_option("n", choice.number, "number of the job; with --client, which of the client's")->required();
  command.add_option("--client", choice.client, "name of the client whose n-th job it is")->type_name("NAME");
  command.add_option("--set", choice.sets, "override a parameter; may be repeated")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->take_all();
  command.add_option("--seed", choice.seed, "seed (default: the scenario's)")->type_name("N");
}

CLI::App* add_job(CLI::App& program, JobChoice& choice) {
  CLI::App* job = program.add_subcommand("job", "the life of one job in words: each step, how long, and why");
  add_job_choice(*job, choice);
  return job;
}

}  // namespace gpusim::app
