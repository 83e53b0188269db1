// SPDX-License-Identifier: MIT
#include "sim/app/compare_command.h"

#include <filesystem>
#include <iostream>
#include <memory>

#include <fmt/core.h>

#include "base/read_file.h"
#include "sim/app/build_info.h"
#include "sim/app/exit_code.h"
#include "sim/app/log.h"
#include "sim/app/output_folder.h"
#include "sim/app/progress.h"
#include "sim/app/report_problems.h"
#include "sim/app/terminal_line.h"
#include "sim/experiment/comparison.h"
#include "sim/experiment/experiment.h"
#include "sim/experiment/report.h"

namespace gpusim::app {

namespace {

using experiment::Experiment;
using scenario::Problem;

[[nodiscard]] Experiment read_experiment(const CompareOptions& options, std::vector<Problem>& problems) {
  const std::filesystem::path file{options.file};
  if (options.variants.empty()) {
    const std::optional<std::string> text = read_file(file);
    if (text) return experiment::parse_experiment(*text, file, problems);
    problems.push_back({{options.file, 0, 0}, why_not_read(file), {}});
    return {};
  }
  Experiment result;
  result.name = file.stem().string();
  result.scenario = file;
  for (std::size_t i = 0; i < options.variants.size(); ++i) {
    result.variants.push_back(
        experiment::parse_variant(options.variants[i], static_cast<std::uint32_t>(i + 1), problems));
  }
  experiment::check_variants(result.variants, {"--variant", 1, 1}, problems);
  return result;
}

// The command line wins over the file.
void apply(const CompareOptions& options, Experiment& experiment, std::vector<Problem>& problems) {
  if (options.seeds && (*options.seeds < 1 || *options.seeds > experiment::kMaxSeeds)) {
    problems.push_back({{"--seeds", 0, 0}, fmt::format("seeds must be in 1..{}", experiment::kMaxSeeds), {}});
  } else if (options.seeds) {
    experiment.seeds = static_cast<std::uint32_t>(*options.seeds);
  }
  for (std::size_t i = 0; i < options.sets.size(); ++i) {
    experiment.sets.push_back({options.sets[i], {"--set", static_cast<std::uint32_t>(i + 1), 1}});
  }
  if (!options.metrics.empty()) experiment.metrics.clear();
  for (const std::string& metric : options.metrics) {
    experiment.metrics.push_back({metric, {"--metric", 0, 0}});
    experiment::check_metric(experiment.metrics.back(), problems);
  }
  if (options.verdict.empty()) return;
  experiment.verdict = {{options.verdict, {"--verdict", 0, 0}}, !options.higher_is_better};
  experiment::check_metric(experiment.verdict.metric, problems);
}

// How to get the same table again; -j and --out change nothing in it.
[[nodiscard]] std::string command_line(const CompareOptions& options) {
  const auto quoted = [](const std::string& text) {
    return text.find_first_of(" \"'[]{}$*") == std::string::npos ? text : fmt::format("'{}'", text);
  };
  std::string line = "gpusim compare " + options.file;
  for (const std::string& variant : options.variants) line += " --variant " + quoted(variant);
  for (const std::string& set : options.sets) line += " --set " + quoted(set);
  for (const std::string& metric : options.metrics) line += " --metric " + metric;
  if (!options.verdict.empty()) line += " --verdict " + options.verdict;
  if (options.higher_is_better) line += " --higher-is-better";
  if (options.seeds) line += fmt::format(" --seeds {}", *options.seeds);
  if (options.seed) line += fmt::format(" --seed {}", *options.seed);
  return line + (options.estimates ? " --estimates" : "");
}

int exit_code(experiment::Status worst) {
  switch (worst) {
    case experiment::Status::good:
    case experiment::Status::not_run:
      return kGood;
    case experiment::Status::stalled:
      return kStalled;
    case experiment::Status::broken:
      break;
  }
  return kInvariantBroken;
}

}  // namespace

int compare_command(const CompareOptions& options) {
  std::vector<Problem> problems;
  Experiment experiment = read_experiment(options, problems);
  apply(options, experiment, problems);
  if (!problems.empty()) {
    scenario::sort_by_place(problems);
    return report_problems(problems, options.sets);
  }
  std::unique_ptr<OutputFolder> folder;
  std::ostream* json = nullptr;
  experiment::CompareSettings settings;
  settings.begin = [&] {
    if (options.out.empty()) return true;
    folder = std::make_unique<OutputFolder>(options.out, std::vector{options.file});
    json = &folder->open("compare.json");
    return folder->error().empty();
  };
  settings.first_seed = options.seed;
  settings.parallel = options.parallel;
  settings.estimates = options.estimates;
  TerminalLine line{!options.quiet};
  settings.progress = [&line](std::size_t done, std::size_t of) { line.show(fmt::format("{} of {} runs", done, of)); };
  log::info(fmt::format("{}: variants: {}, sweeps: {}, seeds: {}, processes: {}", experiment.name,
                        experiment.variants.size(), experiment.sweeps.size(), experiment.seeds, options.parallel));
  const std::int64_t started = wall_ns();
  const std::optional<experiment::Comparison> comparison = experiment::compare(experiment, settings, problems);
  line.clear();
  log::info(fmt::format("compared in {}", wall_text(wall_ns() - started)));
  if (!comparison && folder) log::error("--out " + folder->error());
  if (!comparison) return report_problems(problems, options.sets);

  experiment::write_report(std::cout, options.markdown ? experiment::Form::markdown : experiment::Form::text,
                           experiment, *comparison, command_line(options));
  for (const std::string& failure : comparison->failures) log::error(failure);
  if (folder) {
    experiment::write_json(*json, experiment, *comparison, build_info());
    if (const std::string failed = folder->close(); !failed.empty()) {
      log::error("--out " + failed);
      return kBadInput;
    }
  }
  return comparison->is_interrupted ? kInterrupted : exit_code(comparison->worst);
}

}  // namespace gpusim::app
