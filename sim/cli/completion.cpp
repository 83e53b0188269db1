// SPDX-License-Identifier: MIT
#include "sim/cli/completion.h"

#include <map>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "sim/app/list_command.h"
#include "sim/cli/definition.h"
#include "sim/cli/options.h"

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

/// "use.device=xe_guc" and so on: what --set is most often given.
[[nodiscard]] std::vector<std::string> preset_choices() {
  std::vector<std::string> choices;
  for (const char* kind : {"device", "driver", "host"}) {
    for (const std::string& name : app::shipped_names(fmt::format("{}s", kind))) {
      choices.push_back(fmt::format("use.{}={}", kind, name));
    }
  }
  return choices;
}

/// What an option can be given: of those with a few fixed values these; empty: anything.
[[nodiscard]] std::vector<std::string> choices_of(const CLI::Option& option) {
  if (option.get_name().starts_with("--set")) return preset_choices();
  const std::string type = option.get_type_name();  // with CLI::IsMember: "FORMAT:{text,json}"
  const std::size_t begin = type.find('{');
  if (begin == std::string::npos) return {};
  std::vector<std::string> choices;
  std::istringstream words{type.substr(begin + 1, type.find('}') - begin - 1)};
  for (std::string word; std::getline(words, word, ',');) choices.push_back(word);
  return choices;
}

/// Scenarios and the like that come with the program and that a command takes by their names.
[[nodiscard]] std::vector<std::string> inputs_of(const CLI::App& command) {
  const std::string name = command.get_name();
  std::vector<std::string> kinds{kScenarioFolders.begin(), kScenarioFolders.end()};
  if (name == "compare") {
    kinds.assign(kComparedFolders.begin(), kComparedFolders.end());
    kinds.insert(kinds.begin(), "experiments");
  }
  if (name == "explore") kinds = {"explore"};
  std::vector<std::string> names;
  if (command.get_options([](const CLI::Option* option) { return !option->nonpositional(); }).empty()) return names;
  for (const std::string& kind : kinds) {
    for (std::string& one : app::shipped_names(kind)) names.push_back(std::move(one));
  }
  return names;
}

/// What a command takes that takes no file; empty: any file, or one of inputs_of().
[[nodiscard]] std::vector<std::string> words_of(const CLI::App& program, const CLI::App& command) {
  if (command.get_name() == "help") return command_names(program);
  if (command.get_name() == "completion") return {"bash", "zsh"};
  return {};
}

[[nodiscard]] std::string zsh_values(const CLI::Option& option) {
  if (!takes_value(option)) return {};
  const std::vector<std::string> choices = choices_of(option);
  const std::string type = option.get_type_name();
  const std::string what = zsh_text(type.substr(0, type.find(":{")));
  return choices.empty() ? fmt::format(":{}:_files", what) : fmt::format(":{}:({})", what, joined(choices, " "));
}

[[nodiscard]] std::string zsh_options(const CLI::App& command) {
  std::string text;
  for (const CLI::Option* option : options_of(command)) {
    const std::string value = zsh_values(*option);
    for (const std::string& name : names_of(*option)) {
      text += fmt::format(" \\\n        '*{}[{}]{}'", name, zsh_text(option->get_description()), value);
    }
  }
  return text;
}

}  // namespace

namespace {

/// Values behind options that have some, each under its command and name.
[[nodiscard]] std::string bash_values(const CLI::App& program) {
  std::map<std::string, std::string> cases;  // by values, so that options which take the same have one line
  for (const CLI::App* command : commands_of(program)) {
    for (const CLI::Option* option : options_of(*command)) {
      const std::string values = joined(choices_of(*option), " ");
      if (values.empty()) continue;
      std::string& names = cases[values];
      for (const std::string& name : names_of(*option)) {
        names += fmt::format("{}'{} {}'", names.empty() ? "" : "|", command->get_name(), name);
      }
    }
  }
  std::string text;
  for (const auto& [values, names] : cases) text += fmt::format("    {}) words='{}' ;;\n", names, values);
  return text;
}

}  // namespace

std::string bash_completion(const CLI::App& program) {
  const std::vector<std::string> commands = command_names(program);
  const std::string general = joined(option_names(program), " ");
  std::string text =
      "# Completion of gpusim for bash; made by `gpusim completion bash`.\n"
      "_gpusim() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD-1]} command= word words= inputs= "
      "files=1\n"
      "  # bash takes `=` for a word of its own.\n"
      "  local key=${COMP_LINE:0:COMP_POINT}\n"
      "  key=${key##* }\n"
      "  if [[ $key == use.*=* ]]; then\n"
      "    current=$key option=--set\n"
      "  fi\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    case $word in\n";
  text += fmt::format("      {}) command=$word; break ;;\n    esac\n  done\n", joined(commands, "|"));
  text += "  case \"$command $option\" in\n" + bash_values(program) +
          "  esac\n"
          "  if [[ $words ]]; then\n"
          "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
          "    [[ $key == use.*=* ]] && COMPREPLY=(\"${COMPREPLY[@]#*=}\")\n"
          "    return\n"
          "  fi\n"
          "  case $command in\n";
  text += fmt::format("    '') words='{} {}' ;;\n", joined(commands, " "), general);
  for (const CLI::App* command : commands_of(program)) {
    const std::vector<std::string> taken = words_of(program, *command);
    const std::vector<std::string> inputs = taken.empty() ? inputs_of(*command) : taken;
    text += fmt::format("    {}) words='{} {}'{}{} ;;\n", command->get_name(), joined(option_names(*command), " "),
                        general, inputs.empty() ? "" : fmt::format("\n      inputs='{}'", joined(inputs, " ")),
                        taken.empty() ? "" : " files=");
  }
  text +=
      "  esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
      "  if [[ $command && $current != -* ]]; then\n"
      "    COMPREPLY=(${files:+$(compgen -f -- \"$current\")} $(compgen -W \"$inputs\" -- \"$current\"))\n"
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
    if (const std::vector<std::string> taken = words_of(program, *command); !taken.empty()) {
      text += fmt::format("    {}) _arguments{}{} '*:word:({})' ;;\n", command->get_name(), zsh_options(*command),
                          zsh_options(program), joined(taken, " "));
      continue;
    }
    const std::vector<std::string> inputs = inputs_of(*command);
    const std::string names = inputs.empty() ? "" : fmt::format("scenarios:scenario:({})", joined(inputs, " "));
    const std::string more =
        names.empty() ? "_files" : fmt::format("{{_alternative \"{}\" \"files:file:_files\"}}", names);
    text += fmt::format("    {})\n      _arguments{}{} \\\n        '*:file:{}' ;;\n", command->get_name(),
                        zsh_options(*command), zsh_options(program), more);
  }
  text += fmt::format("    *)\n      _arguments{} ;;\n  esac\n}}\n", zsh_options(program));
  return text +
         "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _gpusim \"$@\"; else compdef _gpusim gpusim; fi\n";
}

}  // namespace gpusim::cli
