// SPDX-License-Identifier: MIT
#include "sim/app/scenario_files.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/core.h>

#include "base/closest.h"
#include "base/read_file.h"
#include "sim/app/exit_code.h"
#include "sim/app/failure.h"
#include "sim/app/terminal_line.h"
#include "sim/experiment/process_pool.h"
#include "sim/scenario/document.h"
#include "sim/scenario/loader.h"

namespace gpusim::app {

namespace {

namespace fs = std::filesystem;
using scenario::Problem;

/// A folder also has presets, experiments and the like: what names no client is left alone. What expects something, or
/// has a table that looks like a client, was meant to be a scenario, and the loader says what is wrong with it.
[[nodiscard]] bool is_scenario(const fs::path& file) {
  if (file.extension() != ".toml") return false;
  const std::optional<std::string> text = read_file(file);
  if (!text) return true;  // the loader says why
  std::vector<Problem> problems;
  const std::optional<scenario::Node> document = scenario::parse_document(*text, file.generic_string(), problems);
  if (!document) return true;
  if (document->find("scenario") != nullptr) return false;
  static constexpr std::array<std::string_view, 1> kClient{"client"};
  return document->find("expect") != nullptr ||
         std::any_of(document->table.begin(), document->table.end(),
                     [](const scenario::Entry& entry) { return !closest(entry.key, kClient).empty(); });
}

/// Something called as scenarios are that nobody can read as one, or that nobody looks into, so that a gate would
/// shrink without a word; empty: it is none.
[[nodiscard]] std::string why_no_file(const fs::directory_entry& entry) {
  if (entry.path().extension() != ".toml") return {};
  std::error_code code;
  const fs::file_type type = entry.status(code).type();
  if (type == fs::file_type::regular) return {};
  const bool is_link = entry.is_symlink(code);
  if (type == fs::file_type::directory) return is_link ? "a link to a folder is not followed" : "";
  return is_link ? "this link leads to no file" : "this is no file";
}

[[nodiscard]] std::vector<std::string> files_of(const std::vector<std::string>& paths, std::vector<Problem>& problems) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code code;
    if (!fs::is_directory(path, code)) {
      files.push_back(path);
      continue;
    }
    std::vector<std::string> found;
    for (fs::recursive_directory_iterator entry{path, code}, end; !code && entry != end; entry.increment(code)) {
      const std::string name = entry->path().lexically_normal().generic_string();  // as annotations want it: no "./"
      if (std::string why = why_no_file(*entry); !why.empty()) {
        problems.push_back({{name, 0, 0}, std::move(why), {}});
        continue;
      }
      std::error_code unknown;
      if (entry->is_regular_file(unknown) && is_scenario(entry->path())) found.push_back(name);
    }
    if (code && exit_code_of_error(code.value()) == kNoResources) throw std::system_error{code, path};
    if (code) problems.push_back({{path, 0, 0}, code.message(), {}});
    if (!code && found.empty()) problems.push_back({{path, 0, 0}, "there is no scenario in this folder", {}});
    std::sort(found.begin(), found.end());
    files.insert(files.end(), found.begin(), found.end());
  }
  // Named twice, it is run once.
  std::vector<std::string> once;
  for (std::string& file : files) {
    if (std::find(once.begin(), once.end(), file) == once.end()) once.push_back(std::move(file));
  }
  return once;
}

}  // namespace

std::vector<ScenarioFile> load_scenarios(const std::vector<std::string>& paths, const std::vector<std::string>& sets,
                                         std::vector<Problem>& problems) {
  std::vector<ScenarioFile> scenarios;
  for (const std::string& file : files_of(paths, problems)) {
    scenario::LoadOptions options;
    options.sets = sets;
    scenario::LoadResult loaded = scenario::load_file(file, options);
    problems.insert(problems.end(), loaded.problems.begin(), loaded.problems.end());
    if (loaded.ok()) scenarios.push_back({file, *std::move(loaded.spec)});
  }
  return scenarios;
}

std::vector<experiment::Measurement> measure_all(const std::vector<ScenarioFile>& scenarios, std::uint32_t processes,
                                                 bool quiet) {
  TerminalLine line{!quiet};
  experiment::PoolOptions pool;
  pool.pieces = scenarios.size();
  pool.processes = processes;
  pool.progress = [&](std::uint64_t done) { line.show(fmt::format("{} of {} scenarios", done, scenarios.size())); };
  const experiment::PoolReport report = experiment::run_in_processes(pool, [&]() -> experiment::PieceWork {
    return [&](std::uint64_t index) {
      return experiment::encode(experiment::measure(scenarios[static_cast<std::size_t>(index)].spec));
    };
  });
  line.clear();
  experiment::Measurement not_run;
  not_run.status = experiment::Status::not_run;
  std::vector<experiment::Measurement> runs(scenarios.size(), not_run);
  for (const experiment::PieceResult& result : report.results) {
    runs[static_cast<std::size_t>(result.index)] = experiment::decode(result.text);
  }
  return runs;
}

int exit_code_of(const std::vector<experiment::Status>& runs) {
  const auto any = [&](experiment::Status status) { return std::find(runs.begin(), runs.end(), status) != runs.end(); };
  if (any(experiment::Status::not_run)) return kInterrupted;
  if (any(experiment::Status::broken)) return kInvariantBroken;
  return any(experiment::Status::stalled) ? kStalled : kGood;
}

}  // namespace gpusim::app
