// SPDX-License-Identifier: MIT
#include "sim/app/check_command.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "sim/app/baseline_files.h"
#include "sim/app/build_info.h"
#include "sim/app/checked.h"
#include "sim/app/command_text.h"
#include "sim/app/exit_code.h"
#include "sim/app/former_results.h"
#include "sim/app/log.h"
#include "sim/app/output_folder.h"
#include "sim/app/report_problems.h"
#include "sim/app/scenario_files.h"
#include "sim/experiment/gate.h"

namespace gpusim::app {

namespace {

namespace fs = std::filesystem;
using experiment::Baseline;
using experiment::Check;
using experiment::Measurement;
using experiment::Status;
using scenario::Problem;

/// What stores the figures that are missing.
[[nodiscard]] std::string baseline_command_for(const std::string& scenario, const CheckOptions& options) {
  const std::string command = "gpusim baseline " + quoted(scenario) + set_options(options.sets);
  return options.baseline.empty() ? command : command + " --file " + quoted(options.baseline);
}

/// Figures of a run with other parameters, or another seed, may differ for that reason alone.
void note_other_parameters(Checked& checked, const CheckOptions& options, const fs::path& file, const std::string& name,
                           const Baseline& baseline) {
  const auto stored = baseline.find(name);
  if (stored == baseline.end()) return;
  const bool is_same_run = runs_the_same(stored->second.command, storing_command(name, file, options.sets));
  if (is_same_run && stored->second.seed == checked.seed) return;
  checked.notices.push_back(fmt::format("the figures in {} are of a run with other parameters: '{}', seed {}",
                                        file.generic_string(), stored->second.command, stored->second.seed));
}

/// Gives stored figures to the checks that are of a baseline.
void read_figures(Checked& checked, const CheckOptions& options, BaselineFiles& files, std::vector<Problem>& problems) {
  const auto first = std::find_if(checked.checks.begin(), checked.checks.end(),
                                  [](const Check& check) { return check.of_baseline.has_value(); });
  if (first == checked.checks.end()) return;
  const fs::path file = baseline_of(checked.file, options.baseline);
  const std::string command = baseline_command_for(checked.file, options);
  const std::size_t before = problems.size();
  if (const std::optional<Baseline>& baseline = files.read(file, problems)) {
    const std::string name = experiment::name_in_baseline(checked.file, file);
    experiment::set_figures(checked.checks, *baseline, {file.generic_string(), name, command}, problems);
    note_other_parameters(checked, options, file, name, *baseline);
  } else if (std::error_code code; !fs::exists(file, code) && problems.size() == before) {
    problems.push_back({first->place,
                        fmt::format("expect.{}: there is no baseline {}; '{}' writes it", first->metric,
                                    file.generic_string(), command),
                        {}});
  }
}

/// A baseline that is named has to be there, whether any expectation needs it or not.
void check_named_baseline(const CheckOptions& options, std::vector<Problem>& problems) {
  std::error_code code;
  if (options.baseline.empty() || fs::exists(options.baseline, code)) return;
  std::string command = "gpusim baseline";
  for (const std::string& path : options.paths) command += ' ' + quoted(path);
  command += set_options(options.sets);
  problems.push_back({{"--baseline"},
                      fmt::format("there is no file {}; '{} --file {}' writes it", options.baseline, command,
                                  quoted(options.baseline)),
                      {}});
}

/// It takes the place of a former result, which is gone by now, and of nothing else.
void check_junit(const CheckOptions& options, std::vector<Problem>& problems) {
  std::error_code none;
  if (options.junit.empty() || !fs::exists(options.junit, none)) return;
  const bool is_file = fs::is_regular_file(options.junit, none);
  if (is_file && fs::file_size(options.junit, none) == 0) return;
  problems.push_back({{"--junit"},
                      is_file ? fmt::format("{}: this is no result of gpusim check, and would be overwritten; name "
                                            "another file",
                                            options.junit)
                              : fmt::format("{} is no regular file", options.junit),
                      {}});
}

[[nodiscard]] std::vector<Checked> read_checks(const CheckOptions& options, const std::vector<ScenarioFile>& scenarios,
                                               std::vector<Problem>& problems) {
  std::vector<Checked> all;
  BaselineFiles files;
  for (const ScenarioFile& scenario : scenarios) {
    all.push_back(
        {.file = scenario.file, .checks = experiment::checks_of(scenario.spec, problems), .seed = scenario.spec.seed});
    read_figures(all.back(), options, files, problems);
  }
  return all;
}

void judge(Checked& checked, const Measurement& run) {
  checked.status = run.status;
  checked.error = run.status == Status::not_run ? "interrupted" : run.error;
  checked.trace_hash = run.trace_hash;
  checked.notices.insert(checked.notices.end(), run.notices.begin(), run.notices.end());
  if (run.status != Status::good) return;
  checked.shortfalls = experiment::shortfalls(checked.checks, run);
  for (const Check& check : checked.checks) checked.seen.push_back(experiment::seen_of(check, run));
}

[[nodiscard]] int exit_code(const std::vector<Checked>& all) {
  std::vector<Status> statuses;
  for (const Checked& checked : all) statuses.push_back(checked.status);
  if (const int code = exit_code_of(statuses); code != kGood) return code;
  return std::all_of(all.begin(), all.end(), [](const Checked& one) { return one.is_good(); }) ? kGood
                                                                                               : kExpectationFailed;
}

void print(const CheckOptions& options, const std::vector<Checked>& all) {
  print_page(
      options.page, [&](std::ostream& out) { write_checked_json(out, all, build_info()); },
      [&](std::ostream& out) { write_checked_text(out, all, form_of(options.page)); });
  if (options.annotations) write_annotations(is_data(options.page) ? std::cerr : std::cout, all);
}

}  // namespace

void remove_former_junit(const CheckOptions& options) {
  std::error_code none;
  if (options.junit.empty() || !fs::is_regular_file(options.junit, none)) return;
  constexpr std::size_t kEnough = 256;
  const std::string begin = beginning_of(options.junit).substr(0, kEnough);
  if (begin.starts_with("<?xml") && begin.find(kJunitMark) != std::string::npos) {
    fs::remove(behind_links(options.junit), none);
  }
}

int check_command(const CheckOptions& options) {
  std::vector<Problem> problems;
  check_named_baseline(options, problems);
  if (!problems.empty()) return report_problems(problems, {options.sets});
  const std::vector<ScenarioFile> scenarios = load_scenarios(options.paths, options.sets, problems);
  check_junit(options, problems);
  std::vector<Checked> all = read_checks(options, scenarios, problems);
  if (!problems.empty()) {
    if (options.annotations) write_annotations(is_data(options.page) ? std::cerr : std::cout, problems);
    return report_problems(problems, {options.sets});
  }
  std::unique_ptr<OutputFolder> folder;
  std::ostream* junit = nullptr;
  if (!options.junit.empty()) {
    const fs::path path = behind_links(options.junit);
    folder = OutputFolder::of_file(path);
    junit = &folder->open(path.filename().string());
    if (!folder->error().empty()) {
      log::error("--junit " + folder->error());
      return folder->exit_code();
    }
  }
  const std::vector<Measurement> runs = measure_all(scenarios, options.parallel, options.quiet);
  for (std::size_t i = 0; i < all.size(); ++i) judge(all[i], runs[i]);
  print(options, all);
  for (const Checked& checked : all) {
    if (checked.status != Status::good && checked.status != Status::not_run) log::error(checked.error, checked.file);
  }
  if (folder) {
    write_junit(*junit, all, build_info());
    if (const std::string failed = folder->close(); !failed.empty()) {
      log::error("--junit " + failed);
      return folder->exit_code();
    }
  }
  return exit_code(all);
}

}  // namespace gpusim::app
