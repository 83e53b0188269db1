// SPDX-License-Identifier: MIT
#include "sim/cli/completion.h"

#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "sim/cli/definition.h"

namespace gpusim::cli {

namespace {

[[nodiscard]] std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : std::string{between}) + word;
  return text;
}

[[nodiscard]] std::vector<std::string> command_names(const CLI::App& program) {
  std::vector<std::string> names;
  for (const CLI::App* command : commands_of(program)) names.push_back(command->get_name());
  return names;
}

[[nodiscard]] std::vector<std::string> option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : options_of(command)) {
    for (const std::string& name : names_of(*option)) names.push_back(name);
  }
  return names;
}

/// For a zsh string in single quotes, inside of [...].
[[nodiscard]] std::string zsh_text(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '\'') {
      result += "'\\''";
    } else if (c == '[' || c == ']' || c == ':' || c == '\\') {
      result += std::string{"\\"} + c;
    } else {
      result += c;
    }
  }
  return result;
}

[[nodiscard]] std::string zsh_options(const CLI::App& command) {
  std::string text;
  for (const CLI::Option* option : options_of(command)) {
    const std::string value = takes_value(*option) ? fmt::format(":{}:_files", zsh_text(option->get_type_name())) : "";
    for (const std::string& name : names_of(*option)) {
      text += fmt::format(" \\\n        '*{}[{}]{}'", name, zsh_text(option->get_description()), value);
    }
  }
  return text;
}

}  // namespace

std::string bash_completion(const CLI::App& program) {
  const std::vector<std::string> commands = command_names(program);
  const std::string general = joined(option_names(program), " ");
  std::string text =
      "# Completion of gpusim for bash; made by `gpusim completion bash`.\n"
      "_gpusim() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]} command= word words\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    case $word in\n";
  text +=
      fmt::format("      {}) command=$word; break ;;\n    esac\n  done\n  case $command in\n", joined(commands, "|"));
  text += fmt::format("    '') words='{} {}' ;;\n", joined(commands, " "), general);
  for (const CLI::App* command : commands_of(program)) {
    const std::string more = command->get_name() == "help"         ? joined(commands, " ")
                             : command->get_name() == "completion" ? std::string{"bash zsh"}
                                                                   : "";
    text += fmt::format("    {}) words='{}{}{} {}' ;;\n", command->get_name(), more, more.empty() ? "" : " ",
                        joined(option_names(*command), " "), general);
  }
  text +=
      "  esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
      "  if [[ $command && $current != -* && $command != help && $command != completion ]]; then\n"
      "    COMPREPLY=($(compgen -f -- \"$current\"))\n"
      "  fi\n"
      "}\n"
      "complete -o filenames -F _gpusim gpusim\n";
  return text;
}

std::string zsh_completion(const CLI::App& program) {
  std::string text =
      "#compdef gpusim\n"
      "# Completion of gpusim for zsh; made by `gpusim completion zsh`.\n"
      "_gpusim() {\n"
      "  local -a commands=(\n";
  for (const CLI::App* command : commands_of(program)) {
    text += fmt::format("    '{}:{}'\n", command->get_name(), zsh_text(command->get_description()));
  }
  text +=
      "  )\n"
      "  if ((CURRENT == 2)) && [[ $words[2] != -* ]]; then\n"
      "    _describe command commands\n"
      "    return\n"
      "  fi\n"
      "  case $words[2] in\n";
  for (const CLI::App* command : commands_of(program)) {
    text += fmt::format("    {})\n      _arguments{}{} \\\n        '*:file:_files' ;;\n", command->get_name(),
                        zsh_options(*command), zsh_options(program));
  }
  text += fmt::format("    *)\n      _arguments{} ;;\n  esac\n}}\n", zsh_options(program));
  return text +
         "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _gpusim \"$@\"; else compdef _gpusim gpusim; fi\n";
}

}  // namespace gpusim::cli
