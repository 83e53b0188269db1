// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>

#include "sim/app/diff_command.h"

namespace gpusim::app {

CLI::App* add_diff(CLI::App& program, DiffOptions& options) {
  CLI::App* diff = program.add_subcommand(
      "diff", "how two runs differ: first event, order, causes, clients, jobs. Exit code 1 if they do");
  diff->add_option("a", options.a, "scenario, folder of --out, or trace.events")->required();
  diff->add_option("b", options.b, "the same; without it A again, with --set-a and --set-b");
  const auto add_sets = [&](const char* name, std::vector<std::string>& sets, const char* help) {
    diff->add_option(name, sets, help)->type_name("KEY=VALUE")->expected(1)->take_all();
  };
  add_sets("--set", options.sets, "override a parameter in both runs; may be repeated");
  add_sets("--set-a", options.sets_a, "override a parameter in A alone; may be repeated");
  add_sets("--set-b", options.sets_b, "override a parameter in B alone; may be repeated");
  diff->add_option("--seed", options.seed, "seed of both (default: the scenarios')")->type_name("N");
  diff->add_option("--rows", options.rows, "rows of each table at most (default: 10)")->type_name("N");
  return diff;
}

}  // namespace gpusim::app
