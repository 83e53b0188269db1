// SPDX-License-Identifier: MIT
#include "sim/app/run_command.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <span>
#include <sstream>

#include <fmt/core.h>

#include "base/invariant.h"
#include "sim/app/csv.h"
#include "sim/app/exit_code.h"
#include "sim/app/log.h"
#include "sim/app/output_folder.h"
#include "sim/app/progress.h"
#include "sim/app/report_problems.h"
#include "sim/app/trace_files.h"
#include "sim/experiment/gate.h"
#include "sim/experiment/histograms.h"
#include "sim/scenario/explain.h"
#include "sim/scenario/loader.h"
#include "sim/scenario/schema.h"
#include "sim/system/simulation.h"
#include "traces/report/summary.h"

namespace gpusim::app {
namespace {

template <class Options>
scenario::LoadResult load(const Options& options) {
  scenario::LoadOptions load_options;
  load_options.sets = options.sets;
  load_options.seed = options.seed;
  return scenario::load_file(options.scenario, load_options);
}

/// -v and -vv: which values come from where.
void log_scenario(const scenario::LoadResult& loaded) {
  std::map<std::string, std::size_t> origins;  // by file, "default" or option
  for (const scenario::ResolvedParameter& row : std::span{loaded.resolved.machine}.subspan(1)) {
    ++origins[row.origin.substr(0, row.origin.rfind(':'))];
    if (row.section == "use" && !row.value.empty()) log::info(fmt::format("{} = {}", row.path, row.value));
    if (row.origin.starts_with("--")) log::debug(fmt::format("{} = {}, by {}", row.path, row.value, row.origin));
  }
  std::string counts;
  for (const auto& [origin, count] : origins)
    counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", origin, count);
  log::info(fmt::format("parameters by origin: {}", counts));
  log::info(fmt::format("clients: {}, seed: {}", loaded.spec->clients.size(), loaded.spec->seed));
  for (const std::string& notice : loaded.spec->notices) log::info(notice);
}

int exit_code(system::Outcome outcome) {
  switch (outcome) {
    case system::Outcome::finished:
    case system::Outcome::stopped:
      return kGood;
    case system::Outcome::interrupted:
      return kInterrupted;
    case system::Outcome::stalled:
      return kStalled;
  }
  return kInvariantBroken;
}

/// On stdout: in JSON the bytes of summary.json.
void print_summary(const PageOptions& options, const trace::RunInfo& info, const system::Simulation& simulation) {
  if (options.format == "json") {
    trace::write_summary_json(std::cout, info, simulation.statistics(), simulation.names());
  } else if (options.format == "csv") {
    std::ostringstream json;
    trace::write_summary_json(json, info, simulation.statistics(), simulation.names());
    write_csv(std::cout, json.str());
  } else {
    trace::write_summary_text(std::cout, info, simulation.statistics(), simulation.names(), form_of(options));
  }
}

int simulate(const RunOptions& options, const scenario::LoadResult& loaded, experiment::Histograms& histograms) {
  std::unique_ptr<OutputFolder> folder;
  if (!options.out.empty()) {
    folder = std::make_unique<OutputFolder>(options.out);
    folder->discard({"summary.json", "trace.pftrace", "trace.txt", "trace.events"});
    // A killed run leaves nothing beside its parts that looks like its own; but the scenario may be one's last result.
    std::error_code none;
    if (!std::filesystem::equivalent(options.scenario, std::filesystem::path{options.out} / "resolved.toml", none)) {
      folder->discard({"resolved.toml"});
    }
    scenario::write_resolved_toml(folder->open("resolved.toml"), loaded.resolved);
    if (!folder->error().empty()) {
      log::error("--out " + folder->error());
      return kBadInput;
    }
  }

  const std::int64_t building = wall_ns();
  system::MachineOptions machine_options;
  machine_options.on_report = [](const std::string& text) { log::debug("SystemC: " + text); };
  system::Simulation simulation{*loaded.spec, machine_options};
  std::unique_ptr<TraceFiles> traces;
  if (folder) traces = std::make_unique<TraceFiles>(*folder, simulation, options.traces, options.picoseconds);
  Progress progress{*loaded.spec, !options.quiet};
  progress.attach_to(simulation.recorder());
  histograms.attach_to(simulation.recorder());

  const std::int64_t started = wall_ns();
  log::info(fmt::format("built the machine in {}", wall_text(started - building)));
  system::RunResult result;
  int code = kInvariantBroken;
  std::string broken;
  try {
    result = simulation.run([&](SimTime now) { return progress.poll(now); });
    code = exit_code(result.outcome);
  } catch (const InvariantViolation& violation) {
    broken = violation.what();
    result.end = simulation.recorder().now();
  }
  const std::int64_t wall = wall_ns() - started;
  progress.clear();
  log::info(fmt::format("simulated {} in {}, {} events", format_duration(result.end.time_since_epoch()),
                        wall_text(wall), simulation.recorder().count()));

  if (traces) traces->finish(result.end);
  if (broken.empty()) {
    trace::RunInfo info = simulation.info(result);
    info.wall_ns = static_cast<std::uint64_t>(wall);
    info.charges = scenario::charges_of(loaded.resolved, simulation.machine().ledger().totals());
    info.load_is_estimate = scenario::has_estimated_load(loaded.resolved);
    info.show_all = options.show_all;
    info.histograms = histograms.of(simulation);
    if (folder)
      trace::write_summary_json(folder->open("summary.json"), info, simulation.statistics(),
                                simulation.machine().names());
    if (!options.quiet) print_summary(options.page, info, simulation);
  } else {
    log::error("a rule of the model is broken: " + broken);
  }
  if (!result.stall_report.empty()) log::error("the model stalled: " + result.stall_report);
  if (folder) {
    const std::string failed = folder->close();
    if (!failed.empty()) {
      log::error(failed);
      return kBadInput;
    }
  }
  return code;
}

}  // namespace

int run_command(const RunOptions& options) {
  if (const auto problems = check_trace_kinds(options.traces); !problems.empty()) return report_problems(problems);
  const std::int64_t started = wall_ns();
  const scenario::LoadResult loaded = load(options);
  if (!loaded.ok()) return report_problems(loaded.problems);
  std::vector<scenario::Problem> problems;
  (void)experiment::checks_of(*loaded.spec, problems);
  std::vector<std::string> asked = options.histograms;
  if (asked.empty() && options.show_all) asked = {"latency"};
  experiment::Histograms histograms{asked, *loaded.spec, problems};
  if (!problems.empty()) return report_problems(problems);
  log::info(fmt::format("loaded {} in {}", options.scenario, wall_text(wall_ns() - started)));
  log_scenario(loaded);
  return simulate(options, loaded, histograms);
}

int explain_command(const ExplainOptions& options) {
  const scenario::LoadResult loaded = load(options);
  if (!loaded.ok()) return report_problems(loaded.problems);
  const scenario::ExplainFilter filter{options.tags, options.only_changed};
  std::ostringstream json;
  scenario::write_explain_json(json, loaded.resolved, filter);
  if (options.page.format == "json") {
    std::cout << json.str();
  } else if (options.page.format == "csv") {
    write_csv(std::cout, json.str());
  } else {
    scenario::write_explain(std::cout, loaded.resolved, filter, form_of(options.page));
  }
  return kGood;
}

int schema_command() {
  scenario::write_schema_json(std::cout);
  return kGood;
}

int list_command() {
  const std::filesystem::path configs = scenario::default_config_dir();
  for (const char* kind : {"devices", "drivers", "hosts", "scenarios", "workloads", "experiments", "explore"}) {
    std::cout << kind << ":\n";
    std::vector<std::string> names;
    std::error_code code;
    for (const auto& entry : std::filesystem::directory_iterator{configs / kind, code}) {
      if (entry.is_directory()) continue;
      names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) std::cout << "  " << name << '\n';
  }
  std::cout << "scheduler components:\n  drm_dep\n  drm_sched\n  jobqueue\n  direct\n";
  return kGood;
}

}  // namespace gpusim::app
