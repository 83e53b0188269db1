// SPDX-License-Identifier: MIT
// Scripts by which shells complete commands and options, made from the program's own definition of them.
#pragma once

#include <string>

namespace CLI {
class App;
}  // namespace CLI

namespace gpusim::cli {

[[nodiscard]] std::string bash_completion(const CLI::App& program);
[[nodiscard]] std::string zsh_completion(const CLI::App& program);

}  // namespace gpusim::cli
