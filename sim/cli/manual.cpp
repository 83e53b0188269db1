// SPDX-License-Identifier: MIT
#include "sim/cli/manual.h"

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "sim/app/build_info.h"
#include "sim/cli/definition.h"

namespace gpusim::cli {

namespace {

/// A backslash and a hyphen as themselves; a line may not begin with a control character.
[[nodiscard]] std::string roff(const std::string& text) {
  std::string result;
  bool is_first = true;
  for (const char c : text) {
    if (is_first && (c == '.' || c == '\'')) result += "\\&";
    if (c == '\\') {
      result += "\\e";
    } else if (c == '-') {
      result += "\\-";
    } else {
      result += c;
    }
    is_first = c == '\n';
  }
  return result;
}

[[nodiscard]] std::string options_text(const CLI::App& command) {
  std::string text;
  for (const CLI::Option* option : options_of(command)) {
    std::string names;
    for (const std::string& name : names_of(*option)) {
      names += fmt::format("{}\\fB{}\\fR", names.empty() ? "" : ", ", roff(name));
    }
    const std::string value = takes_value(*option) ? " \\fI" + roff(option->get_type_name()) + "\\fR" : "";
    text += fmt::format(".TP\n{}{}\n{}\n", names, value, roff(option->get_description()));
  }
  return text;
}

[[nodiscard]] std::string arguments_text(const CLI::App& command) {
  std::string text;
  for (const CLI::Option* option : command.get_options([](const CLI::Option* one) { return one->get_positional(); })) {
    text += fmt::format(".TP\n\\fI{}\\fR\n{}\n", roff(option->get_name(true)), roff(option->get_description()));
  }
  return text;
}

/// "Examples:" and what stands below it, as it stands.
[[nodiscard]] std::string examples_text(const CLI::App& command) {
  if (command.get_footer().empty()) return {};
  return fmt::format(".PP\n.nf\n{}\n.fi\n", roff(command.get_footer()));
}

}  // namespace

std::string manual_page(const CLI::App& program) {
  std::string text = fmt::format(
      ".TH GPUSIM 1 \"\" \"gpusim {}\" \"User Commands\"\n.SH NAME\ngpusim \\- full\\-system GPU simulator for "
      "questions "
      "about GPU submission\n.SH SYNOPSIS\n.B gpusim\n[\\fIOPTIONS\\fR] \\fICOMMAND\\fR [\\fIARGUMENTS\\fR]\n"
      ".SH DESCRIPTION\n{}\n.SH OPTIONS\n{}.SH COMMANDS\n",
      roff(app::build_info().version), roff(program.get_description()), options_text(program));
  for (const CLI::App* command : commands_of(program)) {
    text += fmt::format(".SS gpusim {}\n{}\n{}{}{}", roff(command->get_name()), roff(command->get_description()),
                        arguments_text(*command), options_text(*command), examples_text(*command));
  }
  return text + ".SH EXAMPLES AND EXIT CODES\n" + examples_text(program);
}

}  // namespace gpusim::cli
