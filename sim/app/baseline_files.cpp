// SPDX-License-Identifier: MIT
#include "sim/app/baseline_files.h"

#include <algorithm>
#include <string_view>
#include <system_error>

#include "base/read_file.h"
#include "sim/app/command_text.h"

namespace gpusim::app {

namespace fs = std::filesystem;

fs::path baseline_of(const std::string& scenario, const std::string& given) {
  return given.empty() ? fs::path{scenario}.parent_path() / experiment::kBaselineFile : fs::path{given};
}

std::string storing_command(const std::string& name, const fs::path& baseline, const std::vector<std::string>& sets) {
  std::string text = "gpusim baseline " + quoted(name) + set_options(sets);
  if (baseline.filename() != experiment::kBaselineFile) text += " --file " + quoted(baseline.filename().string());
  return text;
}

namespace {

/// Behind the word of a shell's command line that begins at `at`.
[[nodiscard]] std::size_t end_of_word(const std::string& command, std::size_t at) {
  bool is_quoted = false;
  for (; at < command.size() && (is_quoted || command[at] != ' '); ++at) {
    if (command[at] == '\'') is_quoted = !is_quoted;
    if (command[at] == '\\' && !is_quoted) ++at;
  }
  return std::min(at, command.size());
}

/// Without each " --set expect.KEY=VALUE".
[[nodiscard]] std::string without_expectations(std::string command) {
  for (const std::string_view set : {" --set expect.", " --set 'expect."}) {
    constexpr std::string_view kOption = " --set ";
    for (std::size_t at = command.find(set); at != std::string::npos; at = command.find(set)) {
      command.erase(at, end_of_word(command, at + kOption.size()) - at);
    }
  }
  return command;
}

}  // namespace

bool runs_the_same(const std::string& a, const std::string& b) {
  return without_expectations(a) == without_expectations(b);
}

const std::optional<experiment::Baseline>& BaselineFiles::read(const fs::path& file,
                                                               std::vector<scenario::Problem>& problems) {
  const auto [entry, is_new] = read_.try_emplace(file);
  std::error_code code;
  if (!is_new || !fs::exists(file, code)) return entry->second;
  if (const std::optional<std::string> text = read_file(file)) {
    entry->second = experiment::parse_baseline(*text, file, problems);
  } else {
    problems.push_back({{file.generic_string(), 0, 0}, why_not_read(file), {}});
  }
  return entry->second;
}

}  // namespace gpusim::app
