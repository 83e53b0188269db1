// SPDX-License-Identifier: MIT
// Commands as a user can paste them into a shell.
#pragma once

#include <string>
#include <vector>

namespace gpusim::app {

/// A word of a command line, in quotes if the shell would not leave it as it is.
[[nodiscard]] inline std::string quoted(const std::string& word) {
  if (!word.empty() && word.find_first_of(" \t\n\"'\\[]{}()$*?&;|<>~#!`") == std::string::npos) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string{"'\\''"} : std::string{c};
  return text + "'";
}

/// " --set KEY=VALUE" of each.
[[nodiscard]] inline std::string set_options(const std::vector<std::string>& sets) {
  std::string text;
  for (const std::string& set : sets) text += " --set " + quoted(set);
  return text;
}

}  // namespace gpusim::app
