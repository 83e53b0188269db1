// SPDX-License-Identifier: MIT
#include "sim/app/check_command.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "base/read_file.h"
#include "sim/app/build_info.h"
#include "sim/app/checked.h"
#include "sim/app/exit_code.h"
#include "sim/app/log.h"
#include "sim/app/output_folder.h"
#include "sim/app/report_problems.h"
#include "sim/app/terminal_line.h"
#include "sim/experiment/gate.h"
#include "sim/experiment/process_pool.h"
#include "sim/scenario/document.h"
#include "sim/scenario/loader.h"

namespace gpusim::app {

namespace {

namespace fs = std::filesystem;
using experiment::Status;
using scenario::Problem;

/// A folder also has presets, experiments and the like: what names no client is left alone.
[[nodiscard]] bool is_scenario(const fs::path& file) {
  if (file.extension() != ".toml") return false;
  const std::optional<std::string> text = read_file(file);
  if (!text) return true;  // the loader says why
  std::vector<Problem> problems;
  const std::optional<scenario::Node> document = scenario::parse_document(*text, file.generic_string(), problems);
  return !document || (document->find("client") != nullptr && document->find("scenario") == nullptr);
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
      if (entry->is_regular_file() && is_scenario(entry->path())) found.push_back(entry->path().generic_string());
    }
    if (code) problems.push_back({{path, 0, 0}, code.message(), {}});
    if (!code && found.empty()) problems.push_back({{path, 0, 0}, "there is no scenario in this folder", {}});
    std::sort(found.begin(), found.end());
    files.insert(files.end(), found.begin(), found.end());
  }
  // Named twice, it is checked once.
  std::vector<std::string> once;
  for (std::string& file : files) {
    if (std::find(once.begin(), once.end(), file) == once.end()) once.push_back(std::move(file));
  }
  return once;
}

[[nodiscard]] int exit_code(const std::vector<Checked>& all) {
  const auto any = [&](Status status) {
    return std::any_of(all.begin(), all.end(), [&](const Checked& one) { return one.status == status; });
  };
  if (any(Status::not_run)) return kInterrupted;
  if (any(Status::broken)) return kInvariantBroken;
  if (any(Status::stalled)) return kStalled;
  return std::all_of(all.begin(), all.end(), [](const Checked& one) { return one.is_good(); }) ? kGood
                                                                                               : kExpectationFailed;
}

void run_all(const CheckOptions& options, const std::vector<scenario::ScenarioSpec>& specs, std::vector<Checked>& all) {
  TerminalLine line{!options.quiet};
  experiment::PoolOptions pool;
  pool.pieces = specs.size();
  pool.processes = options.parallel;
  pool.progress = [&](std::uint64_t done) { line.show(fmt::format("{} of {} scenarios", done, specs.size())); };
  const experiment::PoolReport report = experiment::run_in_processes(pool, [&specs]() -> experiment::PieceWork {
    return [&specs](std::uint64_t index) {
      return experiment::encode(experiment::measure(specs[static_cast<std::size_t>(index)]));
    };
  });
  line.clear();
  for (Checked& checked : all) checked.status = Status::not_run;
  for (const experiment::PieceResult& result : report.results) {
    Checked& checked = all[static_cast<std::size_t>(result.index)];
    const experiment::Measurement run = experiment::decode(result.text);
    checked.status = run.status;
    checked.error = run.error;
    checked.trace_hash = run.trace_hash;
    if (run.status == Status::good) checked.shortfalls = experiment::shortfalls(checked.checks, run);
  }
}

}  // namespace

int check_command(const CheckOptions& options) {
  std::vector<Problem> problems;
  std::vector<Checked> all;
  std::vector<scenario::ScenarioSpec> specs;
  for (const std::string& file : files_of(options.paths, problems)) {
    scenario::LoadOptions load_options;
    load_options.sets = options.sets;
    scenario::LoadResult loaded = scenario::load_file(file, load_options);
    problems.insert(problems.end(), loaded.problems.begin(), loaded.problems.end());
    if (!loaded.ok()) continue;
    all.push_back({.file = file, .checks = experiment::checks_of(*loaded.spec, problems), .seed = loaded.spec->seed});
    specs.push_back(*std::move(loaded.spec));
  }
  if (!problems.empty()) return report_problems(problems, options.sets);
  std::unique_ptr<OutputFolder> folder;
  std::ostream* junit = nullptr;
  if (!options.junit.empty()) {
    const fs::path path{options.junit};
    folder = OutputFolder::of_file(path);
    junit = &folder->open(path.filename().string());
    if (!folder->error().empty()) {
      log::error("--junit " + folder->error());
      return kBadInput;
    }
  }
  run_all(options, specs, all);
  write_checked_text(std::cout, all);
  if (options.annotations) write_annotations(std::cout, all);
  for (const Checked& checked : all) {
    if (!checked.error.empty()) log::error(checked.error, checked.file);
  }
  if (folder) {
    write_junit(*junit, all, build_info());
    if (const std::string failed = folder->close(); !failed.empty()) {
      log::error("--junit " + failed);
      return kBadInput;
    }
  }
  return exit_code(all);
}

}  // namespace gpusim::app
