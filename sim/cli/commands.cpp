// SPDX-License-Identifier: MIT
#include "sim/cli/commands.h"

#include "sim/cli/options.h"

namespace gpusim::cli {

std::vector<Command> add_commands(CLI::App& program) {
  std::vector<Command> commands;
  for (const auto add : {add_run, add_compare, add_check, add_baseline, add_diff, add_job, add_why, add_explain,
                         add_explore, add_schema, add_list, add_help, add_completion, add_manual}) {
    commands.push_back(add(program));
    refuse_empty_values(*commands.back().parser);
  }
  return commands;
}

}  // namespace gpusim::cli
