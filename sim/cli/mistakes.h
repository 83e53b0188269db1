// SPDX-License-Identifier: MIT
// What a command line that cannot be read may have meant.
#pragma once

#include <string>

namespace CLI {
class App;
}  // namespace CLI

namespace gpusim::cli {

/// "there is no command 'rnu'; did you mean 'run'?"
[[nodiscard]] std::string unknown_command(const CLI::App& program, const std::string& name);

/// What is left of a command line that was read, in words; empty if nothing is. Pre: the program's parser has thrown.
[[nodiscard]] std::string unknown_words(const CLI::App& program);

}  // namespace gpusim::cli
