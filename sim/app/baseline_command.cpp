// SPDX-License-Identifier: MIT
#include "sim/app/baseline_command.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <ostream>
#include <utility>

#include <fmt/core.h>

#include "sim/app/baseline_files.h"
#include "sim/app/build_info.h"
#include "sim/app/command_text.h"
#include "sim/app/exit_code.h"
#include "sim/app/log.h"
#include "sim/app/output_folder.h"
#include "sim/app/report_problems.h"
#include "sim/app/scenario_files.h"
#include "sim/experiment/baseline.h"
#include "sim/experiment/gate.h"
#include "traces/report/json_writer.h"
#include "traces/report/text_table.h"

namespace gpusim::app {

namespace {

namespace fs = std::filesystem;
using experiment::Baseline;
using experiment::Measurement;
using experiment::Move;
using experiment::StoredRun;
using scenario::Problem;

/// One baseline, before and after.
struct Renewed {
  Baseline baseline;
  bool is_changed = false;
  std::size_t added = 0;
  std::size_t moved = 0;
  std::size_t kept = 0;
  std::unique_ptr<OutputFolder> folder{};  ///< none in a dry run
  std::ostream* out = nullptr;
};
using AllRenewed = std::map<fs::path, Renewed>;

struct MoveOf {
  std::string scenario;
  Move move;
};

/// Before it is read, so that no other gpusim changes it meanwhile.
void open_to_write(const fs::path& file, Renewed& renewed, std::vector<Problem>& problems, int& code) {
  const fs::path target = behind_links(file);
  renewed.folder = OutputFolder::replacing(target);
  if (renewed.folder->error().empty()) renewed.out = &renewed.folder->open(target.filename().string());
  if (renewed.folder->error().empty()) return;
  problems.push_back({{file.generic_string(), 0, 0}, renewed.folder->error(), {}});
  code = renewed.folder->exit_code();
}

/// All baselines, with what is in them now. Problems: one of them is none, or has no place to be written to; `code`
/// becomes the exit code for that.
[[nodiscard]] AllRenewed open_all(const BaselineOptions& options, const std::vector<ScenarioFile>& scenarios,
                                  std::vector<Problem>& problems, int& code) {
  AllRenewed all;
  BaselineFiles files;
  for (const ScenarioFile& scenario : scenarios) {
    const fs::path file = baseline_of(scenario.file, options.file);
    const auto [entry, is_new] = all.try_emplace(file);
    if (!is_new) continue;
    if (!options.dry_run) open_to_write(file, entry->second, problems, code);
    entry->second.baseline = files.read(file, problems).value_or(Baseline{});
  }
  return all;
}

/// A run that is as it was stays as it is stored, with the version and the command that stored it; unless another run
/// gave the same figures, which is then the one that they are of.
void renew(Renewed& renewed, const std::string& name, StoredRun now, const std::string& file,
           std::vector<MoveOf>& all_moves) {
  const auto stored = renewed.baseline.find(name);
  if (stored == renewed.baseline.end()) {
    renewed.baseline[name] = std::move(now);
    renewed.is_changed = true;
    ++renewed.added;
    return;
  }
  const std::vector<Move> moved = experiment::moves(stored->second, now);
  for (const Move& move : moved) all_moves.push_back({file, move});
  ++(moved.empty() ? renewed.kept : renewed.moved);
  const bool is_same_run = runs_the_same(stored->second.command, now.command) && stored->second.seed == now.seed;
  if (stored->second.figures == now.figures && moved.empty() && is_same_run) return;
  stored->second = std::move(now);
  renewed.is_changed = true;
}

void write_moves_text(std::ostream& out, const AllRenewed& all, const std::vector<MoveOf>& moves, bool is_dry_run,
                      const trace::PageForm& form) {
  if (!moves.empty()) {
    trace::TextTable table{trace::TextTable::Align::left};
    table.add({"scenario", "figure", "stored", "now", "by"});
    for (const MoveOf& one : moves) {
      table.add({one.scenario, one.move.figure, one.move.stored, one.move.now, one.move.by});
    }
    table.repeat_second();
    table.write(out, form);
    out << '\n';
  }
  for (const auto& [file, renewed] : all) {
    const std::string text =
        fmt::format("{}: {} new, {} moved, {} as stored{}", file.generic_string(), renewed.added, renewed.moved,
                    renewed.kept, is_dry_run && renewed.is_changed ? "; not written" : "");
    trace::write_paragraph(out, text, form);
  }
}

void write_moves_json(std::ostream& out, const AllRenewed& all, const std::vector<MoveOf>& moves, bool is_dry_run) {
  trace::JsonWriter json{out};
  json.begin_object().key("schema").value("gpusim-baseline-moves/1");
  trace::write_build(json, build_info());
  json.key("dry_run").value(is_dry_run).key("baselines").begin_array();
  for (const auto& [file, renewed] : all) {
    json.begin_object().key("name").value(file.generic_string()).key("new").value(renewed.added);
    json.key("moved").value(renewed.moved).key("as_stored").value(renewed.kept);
    json.key("changed").value(renewed.is_changed).end_object();
  }
  json.end_array().key("moves").begin_array();
  for (const MoveOf& one : moves) {
    json.begin_object().key("scenario").value(one.scenario).key("figure").value(one.move.figure);
    json.key("stored").value(one.move.stored).key("now").value(one.move.now).key("by").value(one.move.by).end_object();
  }
  json.end_array().end_object();
}

[[nodiscard]] int write_all(AllRenewed& all) {
  for (auto& [file, renewed] : all) {
    if (!renewed.is_changed) continue;
    experiment::write_baseline(*renewed.out, renewed.baseline);
    if (const std::string failed = renewed.folder->close(); !failed.empty()) {
      log::error(failed);
      return renewed.folder->exit_code();
    }
  }
  return kGood;
}

/// Of runs not all of which came to their end.
[[nodiscard]] std::string nothing_stored(const std::vector<experiment::Status>& runs, bool is_dry_run) {
  const auto left = std::count(runs.begin(), runs.end(), experiment::Status::not_run);
  const std::string why = left == 0 ? "not all runs came to their end"
                                    : fmt::format("interrupted before {} of {} scenarios had run", left, runs.size());
  return fmt::format("{}: nothing is {}", why, is_dry_run ? "compared" : "written, and what was stored stays");
}

}  // namespace

int baseline_command(const BaselineOptions& options) {
  std::vector<Problem> problems;
  const std::vector<ScenarioFile> scenarios = load_scenarios(options.paths, options.sets, problems);
  for (const ScenarioFile& scenario : scenarios) (void)experiment::checks_of(scenario.spec, problems);
  AllRenewed all;
  int code_of_problems = kBadInput;
  if (problems.empty()) all = open_all(options, scenarios, problems, code_of_problems);
  if (!problems.empty()) {
    (void)report_problems(problems, {options.sets});
    return code_of_problems;
  }

  const std::vector<Measurement> runs = measure_all(scenarios, options.parallel, options.quiet);
  std::vector<experiment::Status> statuses;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    statuses.push_back(runs[i].status);
    if (!runs[i].error.empty()) log::error(runs[i].error, scenarios[i].file);
  }
  if (const int code = exit_code_of(statuses); code != kGood) {
    log::error(nothing_stored(statuses, options.dry_run));
    return code;
  }

  std::vector<MoveOf> moves;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const std::string& file = scenarios[i].file;
    const fs::path path = baseline_of(file, options.file);
    const std::string name = experiment::name_in_baseline(file, path);
    renew(all.at(path), name,
          {build_info().text(), storing_command(name, path, options.sets), scenarios[i].spec.seed, runs[i].trace_hash,
           experiment::figures_of(runs[i])},
          file, moves);
  }
  print_page(
      options.page, [&](std::ostream& out) { write_moves_json(out, all, moves, options.dry_run); },
      [&](std::ostream& out) { write_moves_text(out, all, moves, options.dry_run, form_of(options.page)); });
  if (!options.dry_run) return write_all(all);
  for (const auto& [file, renewed] : all) {
    if (renewed.is_changed) return kExpectationFailed;
  }
  return kGood;
}

}  // namespace gpusim::app
