// SPDX-License-Identifier: MIT
#include "sim/app/compare_other.h"

#include <filesystem>
#include <utility>

#include <fmt/core.h>

#include "base/read_file.h"
#include "sim/app/other_program.h"

namespace gpusim::app {

namespace {

using experiment::Judgement;
using scenario::Problem;

[[nodiscard]] bool passes(const std::string& fail_on, Judgement judgement) {
  switch (judgement) {
    case Judgement::undecided:
    case Judgement::same:
      return true;
    case Judgement::better:
      return fail_on == "worse";
    case Judgement::worse:
    case Judgement::unknown:
      break;
  }
  return false;
}

/// What decides which runs are made. Tables and verdicts are this program's matter, which the other one may not know.
[[nodiscard]] std::vector<std::string> arguments_of(const CompareOptions& options) {
  std::vector<std::string> words{options.file};
  for (const std::string& variant : options.variants) words.insert(words.end(), {"--variant", variant});
  for (const std::string& set : options.sets) words.insert(words.end(), {"--set", set});
  if (options.seeds) words.insert(words.end(), {"--seeds", std::to_string(*options.seeds)});
  if (options.seed) words.insert(words.end(), {"--seed", std::to_string(*options.seed)});
  words.insert(words.end(), {"--jobs", std::to_string(options.parallel)});
  return words;
}

}  // namespace

std::string file_of_against(const std::string& against) {
  std::error_code code;
  const std::filesystem::path path{against};
  return std::filesystem::is_directory(path, code) ? (path / "compare.json").string() : against;
}

OtherFigures read_against(const std::string& against, std::vector<Problem>& problems) {
  OtherFigures other;
  const std::string file = file_of_against(against);
  if (const std::optional<std::string> text = read_file(file)) {
    other.stored = experiment::parse_comparison(*text, file, problems);
  } else {
    problems.push_back({{"--against"}, fmt::format("{}: {}", file, why_not_read(file)), {}});
  }
  return other;
}

OtherFigures run_with(const CompareOptions& options, std::vector<Problem>& problems) {
  OtherFigures other;
  other.names = {"other", "this"};
  const OtherResult result = compare_with(options.with, arguments_of(options));
  other.interrupted = result.interrupted;
  other.lacks_resources = result.lacks_resources;
  if (!result.error.empty()) {
    problems.push_back({{"--with"}, fmt::format("{}: {}", options.with, result.error), {}});
    return other;
  }
  other.stored = experiment::parse_comparison(result.json, options.with + ": compare.json", problems);
  if (other.stored) other.stored->name = options.with;
  return other;
}

std::vector<std::string> failing(const std::string& fail_on, const experiment::Experiment& experiment,
                                 const std::vector<experiment::Table>& tables) {
  std::vector<std::string> lines;
  for (const experiment::Verdicted& verdict : experiment::verdicts(experiment, tables)) {
    if (passes(fail_on, verdict.judgement)) continue;
    const bool is_unknown = verdict.judgement == Judgement::unknown;
    lines.push_back(fmt::format("{}: {}", verdict.what,
                                is_unknown ? "nothing can be said" : experiment::to_string(verdict.judgement)));
  }
  if (experiment::is_verdict_default(experiment)) {
    const std::vector<experiment::Cell>& cells = tables.front().conditions.front().cells;
    for (const experiment::Otherwise& other : experiment::who_say_otherwise(experiment, cells)) {
      if (passes(fail_on, other.judgement)) continue;
      lines.push_back(fmt::format("{} against {}: {} by {}", experiment.variants[other.variant].name,
                                  experiment.variants.front().name, experiment::to_string(other.judgement),
                                  other.verdict.metric.text));
    }
  }
  for (std::string& loss : experiment::losses(experiment, tables)) lines.push_back(std::move(loss));
  return lines;
}

}  // namespace gpusim::app
