// SPDX-License-Identifier: MIT
#include "sim/cli/mistakes.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "base/closest.h"
#include "sim/cli/definition.h"

namespace gpusim::cli {

namespace {

[[nodiscard]] std::string did_you_mean(const std::string& word, const std::vector<std::string>& words,
                                       std::string_view otherwise) {
  const std::string meant = closest(word, std::vector<std::string_view>{words.begin(), words.end()});
  return meant.empty() ? std::string{otherwise} : fmt::format("did you mean '{}'?", meant);
}

}  // namespace

std::string unknown_command(const CLI::App& program, const std::string& name) {
  std::vector<std::string> names;
  for (const CLI::App* command : commands_of(program)) names.push_back(command->get_name());
  return fmt::format("there is no command '{}'; {}", name, did_you_mean(name, names, "gpusim --help lists them"));
}

std::string unknown_words(const CLI::App& program) {
  const std::vector<std::string> rest = program.remaining(true);
  if (rest.empty()) return {};
  const std::vector<const CLI::App*> chosen =
      program.get_subcommands([](const CLI::App* command) { return command->parsed(); });
  const auto option =
      std::find_if(rest.begin(), rest.end(), [](const std::string& word) { return word.starts_with('-'); });
  if (option == rest.end()) {
    if (chosen.empty()) return unknown_command(program, rest.front());
    return fmt::format("'{}' is one argument too many; gpusim help {} says what it takes", rest.front(),
                       chosen.front()->get_name());
  }
  std::vector<std::string> names;
  for (const CLI::App* command : chosen) {
    for (const CLI::Option* one : options_of(*command)) std::ranges::copy(names_of(*one), std::back_inserter(names));
  }
  for (const CLI::Option* one : options_of(program)) std::ranges::copy(names_of(*one), std::back_inserter(names));
  // Of two that are as near, the longer: a letter is forgotten more often than mistaken.
  std::ranges::sort(names, [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
  const std::string name = option->substr(0, option->find('='));
  if (std::ranges::find(names, name) != names.end()) {
    const std::string command = chosen.empty() ? "gpusim" : chosen.front()->get_name();
    return fmt::format("'{}' is no option there: options stand behind '{}', and none stand behind '--'", name, command);
  }
  const std::string help = chosen.empty() ? "gpusim --help lists them"
                                          : fmt::format("gpusim help {} lists them", chosen.front()->get_name());
  return fmt::format("there is no option '{}'; {}", name, did_you_mean(name, names, help));
}

}  // namespace gpusim::cli
