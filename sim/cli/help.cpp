// SPDX-License-Identifier: MIT
// What the program says about its own command line.
#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "sim/app/exit_code.h"
#include "sim/app/log.h"
#include "sim/cli/commands.h"
#include "sim/cli/completion.h"
#include "sim/cli/manual.h"
#include "sim/cli/mistakes.h"
#include "sim/cli/options.h"

namespace gpusim::cli {

namespace {

int show_help(const CLI::App& program, const std::string& name) {
  if (name.empty()) {
    // Its own help() would be that of the command that was given: this one.
    std::cout << program.get_formatter()->make_help(&program, program.get_name(), CLI::AppFormatMode::Normal);
    return app::kGood;
  }
  const std::vector<const CLI::App*> commands =
      program.get_subcommands([&name](const CLI::App* command) { return command->get_name() == name; });
  if (commands.empty()) {
    app::log::error(unknown_command(program, name));
    return app::kBadInput;
  }
  std::cout << commands.front()->help(program.get_name());
  return app::kGood;
}

}  // namespace

Command add_help(CLI::App& program) {
  const auto name = std::make_shared<std::string>();
  CLI::App* help = program.add_subcommand("help", "what a command does, with its options and examples");
  help->add_option("command", *name, "the command; without it all are listed");
  return {help, [&program, name] { return show_help(program, *name); }};
}

Command add_completion(CLI::App& program) {
  const auto shell = std::make_shared<std::string>();
  CLI::App* completion = program.add_subcommand("completion", "completion of commands and options for a shell");
  completion->add_option("shell", *shell, "bash or zsh")->required()->check(CLI::IsMember({"bash", "zsh"}));
  completion->footer(
      "Examples:\n"
      "  source <(gpusim completion bash)\n"
      "  gpusim completion zsh > ~/.zfunc/_gpusim");
  return {completion, [&program, shell] {
            std::cout << (*shell == "bash" ? bash_completion(program) : zsh_completion(program));
            return static_cast<int>(app::kGood);
          }};
}

Command add_manual(CLI::App& program) {
  CLI::App* manual = program.add_subcommand("manual", "the manual page, for man");
  manual->footer("Examples:\n  gpusim manual | man -l -");
  return {manual, [&program] {
            std::cout << manual_page(program);
            return static_cast<int>(app::kGood);
          }};
}

}  // namespace gpusim::cli
