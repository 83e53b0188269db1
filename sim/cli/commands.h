// SPDX-License-Identifier: MIT
// The commands of the program as the command line has them: each is added with its options in a file of its own.
// A new one needs such a file, a line here, and one in add_commands().
#pragma once

#include <functional>
#include <vector>

namespace CLI {
class App;
}  // namespace CLI

namespace gpusim::cli {

struct Command {
  CLI::App* parser = nullptr;
  std::function<int()> execute;  ///< does what the options say; the exit code. Pre: parsed
};

[[nodiscard]] Command add_run(CLI::App& program);
[[nodiscard]] Command add_compare(CLI::App& program);
[[nodiscard]] Command add_check(CLI::App& program);
[[nodiscard]] Command add_baseline(CLI::App& program);
[[nodiscard]] Command add_diff(CLI::App& program);
[[nodiscard]] Command add_job(CLI::App& program);
[[nodiscard]] Command add_why(CLI::App& program);
[[nodiscard]] Command add_explore(CLI::App& program);
[[nodiscard]] Command add_explain(CLI::App& program);
[[nodiscard]] Command add_schema(CLI::App& program);
[[nodiscard]] Command add_list(CLI::App& program);
[[nodiscard]] Command add_help(CLI::App& program);
[[nodiscard]] Command add_completion(CLI::App& program);
[[nodiscard]] Command add_manual(CLI::App& program);

/// All of them, in the order of the help.
[[nodiscard]] std::vector<Command> add_commands(CLI::App& program);

}  // namespace gpusim::cli
