// SPDX-License-Identifier: MIT
#include "sim/app/compare_command.h"

#include <filesystem>
#include <iostream>
#include <memory>
#include <utility>

#include <fmt/core.h>

#include "base/read_file.h"
#include "sim/app/build_info.h"
#include "sim/app/command_text.h"
#include "sim/app/compare_other.h"
#include "sim/app/exit_code.h"
#include "sim/app/log.h"
#include "sim/app/output_folder.h"
#include "sim/app/progress.h"
#include "sim/app/report_problems.h"
#include "sim/app/terminal_line.h"
#include "sim/experiment/comparison.h"
#include "sim/experiment/experiment.h"
#include "sim/experiment/report.h"
#include "sim/experiment/stored_comparison.h"

namespace gpusim::app {

namespace {

using experiment::Experiment;
using scenario::Problem;

[[nodiscard]] Experiment read_experiment(const CompareOptions& options, std::vector<Problem>& problems) {
  const std::filesystem::path file{options.file};
  if (options.variants.empty()) {
    if (file.extension() == ".wsim") {
      problems.push_back({{options.file, 0, 0}, "this is a descriptor; say with --variant what to compare", {}});
      return {};
    }
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
  if (!options.metrics.empty()) {
    experiment.metrics.clear();
    experiment.shows_others = false;
  }
  for (const std::string& metric : options.metrics) {
    experiment.metrics.push_back({metric, {"--metric", 0, 0}});
    experiment::check_metric(experiment.metrics.back(), problems);
  }
  if (options.verdict.empty()) return;
  experiment.verdict = {{options.verdict, {"--verdict", 0, 0}},
                        !options.higher_is_better && experiment::is_lower_better(options.verdict)};
  experiment::check_metric(experiment.verdict.metric, problems);
}

// How to get the same table again; -j and --out change nothing in it.
[[nodiscard]] std::string command_line(const CompareOptions& options) {
  std::string line = "gpusim compare " + quoted(options.typed);
  for (const std::string& variant : options.variants) line += " --variant " + quoted(variant);
  line += set_options(options.sets);
  for (const std::string& metric : options.metrics) line += " --metric " + metric;
  if (!options.verdict.empty()) line += " --verdict " + options.verdict;
  if (options.higher_is_better) line += " --higher-is-better";
  if (options.seeds) line += fmt::format(" --seeds {}", *options.seeds);
  if (options.seed) line += fmt::format(" --seed {}", *options.seed);
  if (!options.against.empty()) line += " --against " + quoted(options.against);
  if (!options.with.empty()) line += " --with " + quoted(options.with);
  if (!options.fail_on.empty()) line += " --fail-on " + options.fail_on;
  return line + (options.estimates ? " --estimates" : "");
}

[[nodiscard]] trace::PageForm form_of(const CompareOptions& options) {
  trace::PageForm form = form_of(options.page);
  form.is_markdown = form.is_markdown || options.markdown;
  return form;
}

/// On stdout: in JSON the bytes of compare.json.
void print_comparison(const CompareOptions& options, const Experiment& experiment,
                      const experiment::Comparison& comparison) {
  print_page(
      options.page,
      [&](std::ostream& out) {
        experiment::write_json(out, experiment, comparison, build_info(), command_line(options));
      },
      [&](std::ostream& out) {
        experiment::write_report(out, form_of(options), experiment, comparison, command_line(options));
      });
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

/// What of the options does not go together.
void check_options(const CompareOptions& options, const Experiment& experiment, std::vector<Problem>& problems) {
  const bool has_other = !options.against.empty() || !options.with.empty();
  if (!options.fail_on.empty() && !has_other && experiment.variants.size() == 1) {
    problems.push_back({{"--fail-on"}, "there is one variant, and no verdict of it", {}});
  }
  if (has_other && is_data(options.page)) {
    problems.push_back({{"--format"}, "what was is compared in text and markdown; --out writes compare.json", {}});
  }
  if (options.against.empty() || options.out.empty()) return;
  std::error_code code;
  if (std::filesystem::equivalent(file_of_against(options.against), std::filesystem::path{options.out} / "compare.json",
                                  code)) {
    problems.push_back({{"--out"}, "the file of --against would be lost; name another folder", {}});
  }
}

/// Writes the report, and behind it the verdicts that --fail-on does not let pass; how many these are.
[[nodiscard]] std::size_t say(const CompareOptions& options, const Experiment& experiment,
                              const experiment::Comparison& comparison) {
  print_comparison(options, experiment, comparison);
  if (options.fail_on.empty()) return 0;
  const std::vector<std::string> lines = failing(options.fail_on, experiment, comparison.tables);
  std::ostream& out = is_data(options.page) ? std::cerr : std::cout;
  for (const std::string& line : lines) out << "--fail-on " << options.fail_on << ": " << line << '\n';
  if (!lines.empty()) out << '\n';
  return lines.size();
}

/// One report of all variants; or for each variant one of then and now. Behind them what made the figures of now.
[[nodiscard]] std::size_t say_all(const CompareOptions& options, const Experiment& experiment,
                                  const experiment::Comparison& comparison, const OtherFigures& other) {
  std::size_t failed = 0;
  if (!other.stored) failed = say(options, experiment, comparison);
  for (std::size_t i = 0; other.stored && i < experiment.variants.size(); ++i) {
    const experiment::Pair pair = experiment::pair_up(*other.stored, experiment, comparison, i, other.names);
    if (form_of(options).is_markdown) std::cout << "## " << pair.experiment.title << "\n\n";
    failed += say(options, pair.experiment, pair.comparison);
  }
  if (!is_data(options.page)) {
    experiment::write_origin(std::cout, form_of(options), experiment, comparison, command_line(options), build_info());
  }
  return failed;
}

}  // namespace

int compare_command(const CompareOptions& options) {
  std::vector<Problem> problems;
  Experiment experiment = read_experiment(options, problems);
  apply(options, experiment, problems);
  check_options(options, experiment, problems);
  OtherFigures other;
  if (!options.against.empty()) other = read_against(options.against, problems);
  if (!problems.empty()) {
    scenario::sort_by_place(problems);
    return report_problems(problems, {options.sets, options.variants});
  }
  std::unique_ptr<OutputFolder> folder;
  std::ostream* json = nullptr;
  TerminalLine line{!options.quiet};
  experiment::CompareSettings settings;
  settings.begin = [&](std::uint64_t first_seed) {
    if (!options.with.empty()) {
      line.show(options.with + " runs");
      other = run_with(options, problems);
      line.clear();
    }
    const scenario::Place place{options.with.empty() ? "--against" : "--with"};
    if (other.stored) experiment::check_stored(*other.stored, experiment, first_seed, place, problems);
    if (!problems.empty()) return false;
    if (options.out.empty()) return true;
    folder = std::make_unique<OutputFolder>(options.out, std::vector{options.file});
    json = &folder->open("compare.json");
    return folder->error().empty();
  };
  settings.first_seed = options.seed;
  settings.parallel = options.parallel;
  settings.estimates = options.estimates;
  settings.progress = [&line](std::size_t done, std::size_t of) { line.show(fmt::format("{} of {} runs", done, of)); };
  log::info(fmt::format("{}: variants: {}, sweeps: {}, seeds: {}, processes: {}", experiment.name,
                        experiment.variants.size(), experiment.sweeps.size(), experiment.seeds, options.parallel));
  const std::int64_t started = wall_ns();
  const std::optional<experiment::Comparison> comparison = experiment::compare(experiment, settings, problems);
  line.clear();
  log::info(fmt::format("compared in {}", wall_text(wall_ns() - started)));
  if (other.interrupted) {
    log::error(fmt::format("interrupted while {} ran", options.with));
    return kInterrupted;
  }
  if (!comparison && folder) log::error("--out " + folder->error());
  if (!comparison) {
    const int code = report_problems(problems, {options.sets, options.variants});
    if (other.lacks_resources) return kNoResources;
    return folder ? folder->exit_code() : code;
  }

  const std::size_t failed_verdicts = say_all(options, experiment, *comparison, other);
  for (const std::string& failure : comparison->failures) log::error(failure);
  if (folder) {
    experiment::write_json(*json, experiment, *comparison, build_info(), command_line(options));
    if (const std::string failed = folder->close(); !failed.empty()) {
      log::error("--out " + failed);
      return folder->exit_code();
    }
  }
  if (comparison->is_interrupted) return kInterrupted;
  const int code = exit_code(comparison->worst);
  return code == kGood && failed_verdicts > 0 ? kExpectationFailed : code;
}

}  // namespace gpusim::app
