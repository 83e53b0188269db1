// SPDX-License-Identifier: MIT
// The command line as data: for what is generated from it.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace gpusim::cli {

/// In the order of the help.
[[nodiscard]] inline std::vector<const CLI::App*> commands_of(const CLI::App& program) {
  return program.get_subcommands([](const CLI::App*) { return true; });
}

/// Those that begin with a dash, in the order of the help.
[[nodiscard]] inline std::vector<const CLI::Option*> options_of(const CLI::App& command) {
  return command.get_options([](const CLI::Option* option) { return option->nonpositional(); });
}

/// "-j", "--jobs"
[[nodiscard]] inline std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

[[nodiscard]] inline bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() != 0; }

}  // namespace gpusim::cli
