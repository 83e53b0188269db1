// SPDX-License-Identifier: MIT
// Options that several commands have, and how values on the command line are read.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace gpusim::cli {

inline constexpr const char* kSet =
    "override a parameter: key.path=value (TOML value); may be repeated, of two for one key the last counts";
inline constexpr const char* kNoFolder = "traces go into the folder of --out, which is missing";

/// Decimal digits only: CLI11 reads 010 as eight, and -1 as a very large number.
[[nodiscard]] const CLI::Validator& whole_number();

/// --set, and --plug-in, which is one of them.
CLI::Option* add_set(CLI::App& command, std::vector<std::string>& sets, const char* help = kSet);
CLI::Option* add_jobs(CLI::App& command, std::uint32_t& processes,
                      const char* help = "processes for the runs (default: 1)");
/// "a,b", into --out; a kind that is named twice is written once.
CLI::Option* add_trace(CLI::App& command, std::vector<std::string>& kinds, const char* help);

/// Folders of what comes with the program and can be run, in the order in which a name is looked for.
inline constexpr std::initializer_list<const char*> kScenarioFolders{"scenarios", "workloads", "explore", "kunit",
                                                                     "reports"};

/// Of these, what a comparison takes beside experiments.
inline constexpr std::initializer_list<const char*> kComparedFolders{"scenarios", "workloads", "kunit", "reports"};

/// Does it once each name, if there is one, is that of a file (app::find_input()); else the exit code of what is wrong.
[[nodiscard]] int with_inputs(const std::vector<std::string*>& names, std::initializer_list<const char*> folders,
                              const std::function<int()>& execute);

/// No option makes sense with an empty value.
void refuse_empty_values(CLI::App& command);

}  // namespace gpusim::cli
