// SPDX-License-Identifier: MIT
// gpusim job and gpusim why: both name a job of a run.
#include <functional>
#include <memory>

#include "sim/app/job_command.h"
#include "sim/app/why_command.h"
#include "sim/cli/commands.h"
#include "sim/cli/options.h"
#include "sim/cli/page.h"

namespace gpusim::cli {
namespace {

void add_choice(CLI::App& command, app::JobChoice& choice) {
  command.add_option("run", choice.run, "scenario, - for one on stdin, folder of --out, or trace.events")->required();
  command.add_option("n", choice.number, "number of the job; with --client, which of the client's")
      ->transform(whole_number())
      ->required();
  command.add_option("--client", choice.client, "name of the client whose n-th job it is")->type_name("NAME");
  add_set(command, choice.sets, "override a parameter; may be repeated");
  command.add_option("--seed", choice.seed, "seed (default: the scenario's)")
      ->transform(whole_number())
      ->type_name("N");
  add_page(command, choice.page);
}

int with_run(app::JobChoice& choice, const std::function<int()>& execute) {
  return with_inputs({&choice.run}, kScenarioFolders, execute);
}

}  // namespace

Command add_job(CLI::App& program) {
  const auto choice = std::make_shared<app::JobChoice>();
  CLI::App* job = program.add_subcommand("job", "the life of one job in words: each step, how long, and why");
  add_choice(*job, *choice);
  job->footer(
      "Examples:\n"
      "  gpusim job quickstart 5\n"
      "  gpusim job quickstart 2 --client game\n"
      "  gpusim job quickstart 5 --format json\n"
      "  gpusim job results 5 --width 100          # of a folder of gpusim run --out");
  return {job, [choice] { return with_run(*choice, [&] { return app::job_command(*choice); }); }};
}

Command add_why(CLI::App& program) {
  const auto options = std::make_shared<app::WhyOptions>();
  CLI::App* why = program.add_subcommand("why", "why a job was not running at a time, as a chain to the last cause");
  add_choice(*why, options->job);
  why->add_option("--at", options->at, "moment of the run: 1.234ms, in ps, ns, us, ms or s")
      ->type_name("TIME")
      ->required();
  why->footer(
      "Examples:\n"
      "  gpusim why quickstart 6 --at 100us\n"
      "  gpusim why results/trace.events 2 --client game --at 1.5ms");
  return {why, [options] { return with_run(options->job, [&] { return app::why_command(*options); }); }};
}

}  // namespace gpusim::cli
