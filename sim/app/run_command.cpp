// SPDX-License-Identifier: MIT
#include "sim/app/run_command.h"

#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <new>
#include <span>
#include <sstream>

#include <fmt/core.h>

#include "base/hash.h"
#include "base/invariant.h"
#include "sim/app/build_info.h"
#include "sim/app/command_text.h"
#include "sim/app/exit_code.h"
#include "sim/app/failure.h"
#include "sim/app/firmware_debugging.h"
#include "sim/app/firmware_times_command.h"
#include "sim/app/load_scenario.h"
#include "sim/app/log.h"
#include "sim/app/output_folder.h"
#include "sim/app/progress.h"
#include "sim/app/report_problems.h"
#include "sim/app/systemc_reports.h"
#include "sim/app/trace_files.h"
#include "sim/experiment/gate.h"
#include "sim/experiment/histograms.h"
#include "sim/scenario/explain.h"
#include "sim/scenario/schema.h"
#include "sim/system/device_shape.h"
#include "sim/system/simulation.h"
#include "traces/report/summary.h"

namespace gpusim::app {
namespace {

template <class Options>
scenario::LoadResult load(const Options& options) {
  scenario::LoadOptions load_options;
  load_options.sets = options.sets;
  load_options.seed = options.seed;
  return load_scenario(options.scenario, load_options);
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
  print_page(
      options,
      [&](std::ostream& out) { trace::write_summary_json(out, info, simulation.statistics(), simulation.names()); },
      [&](std::ostream& out) {
        trace::write_summary_text(out, info, simulation.statistics(), simulation.names(), form_of(options));
      });
}

/// How to get the same run again.
[[nodiscard]] std::string command_line(const RunOptions& options) {
  std::string line = "gpusim run " + quoted(options.typed) + set_options(options.sets);
  if (options.seed) line += fmt::format(" --seed {}", *options.seed);
  return line;
}

/// --timing: it differs from run to run, so it is on stderr, apart from all results.
void write_timing(std::uint64_t jobs, std::int64_t wall) {
  const auto per_s =
      wall == 0 ? 0 : static_cast<std::uint64_t>(Wide{jobs} * 1'000'000'000 / static_cast<std::uint64_t>(wall));
  std::cerr << fmt::format("simulated {} jobs in {}, {} jobs/s\n", jobs, wall_text(wall), per_s);
}

/// The folder of --out with the scenario in it; none without --out. Its error() says if it cannot be used.
struct Output {
  std::unique_ptr<OutputFolder> folder;
  std::ostream* scenario = nullptr;  ///< resolved.toml
};
Output make_output(const RunOptions& options, const scenario::LoadResult& loaded) {
  if (options.out.empty()) return {};
  Output output{std::make_unique<OutputFolder>(options.out, std::vector{options.scenario})};
  if (!output.folder->error().empty()) return output;
  output.scenario = &output.folder->open("resolved.toml");
  scenario::write_resolved_toml(*output.scenario, loaded.resolved, build_info());
  return output;
}

struct Ended {
  system::RunResult result;
  int code = kGood;
  std::string error;  ///< why it did not come to its end; empty: it did, or was interrupted
};

Ended run_to_end(system::Simulation& simulation, const system::Machine::Poll& poll) {
  std::vector<char> reserve(1 << 20);  // without memory nothing could be written any more
  Ended ended;
  try {
    ended.result = simulation.run(poll);
    ended.code = exit_code(ended.result.outcome);
    if (!ended.result.stall_report.empty()) ended.error = "the model stalled: " + ended.result.stall_report;
  } catch (const InvariantViolation& violation) {
    ended.code = kInvariantBroken;
    ended.error = std::string{"a rule of the model is broken: "} + violation.what();
  } catch (const std::bad_alloc&) {
    std::vector<char>{}.swap(reserve);
    ended.code = kNoResources;
    ended.error = kOutOfMemory;
  }
  if (ended.code == kInvariantBroken || ended.code == kNoResources) ended.result.end = simulation.recorder().now();
  if (ended.code == kNoResources) ended.result.outcome = system::Outcome::interrupted;
  return ended;
}

constexpr const char* kInterruptedByUser = "interrupted";

/// Why the run was over before its end; empty: it was not.
[[nodiscard]] std::string cut_off(const Ended& ended, OutputFolder* folder) {
  if (ended.code == kInvariantBroken || ended.code == kNoResources) return ended.error;
  if (ended.result.outcome != system::Outcome::interrupted) return {};
  return folder == nullptr || folder->lost_file().empty() ? kInterruptedByUser : folder->lost_file();
}

/// resolved.toml's last line and summary.json.
void write_summary(const Output& output, const trace::RunInfo& info, const system::Simulation& simulation) {
  std::ostringstream text;  // with too little memory there is no summary, rather than a part of it
  text.exceptions(std::ios::badbit);
  trace::write_summary_json(text, info, simulation.statistics(), simulation.names());
  *output.scenario << fmt::format("\n# This run: seed {}, trace hash {}\n", info.seed, hash_text(info.trace_hash));
  output.folder->open("summary.json") << text.view();
}

int simulate(const RunOptions& options, const scenario::LoadResult& loaded, const TraceFilesOptions& trace_options,
             experiment::Histograms& histograms, gdb::Server* debugger) {
  const Output output = make_output(options, loaded);
  const std::unique_ptr<OutputFolder>& folder = output.folder;
  if (folder && !folder->error().empty()) {
    log::error("--out " + folder->error());
    return folder->exit_code();
  }

  const std::int64_t building = wall_ns();
  log_systemc_reports(Details::yes);
  system::Simulation simulation{*loaded.spec};
  std::unique_ptr<TraceFiles> traces;
  if (folder) {
    traces = std::make_unique<TraceFiles>(*folder, simulation, *loaded.spec, options.traces, trace_options);
  }
  Progress progress{*loaded.spec, !options.quiet};
  progress.attach_to(simulation.recorder());
  histograms.attach_to(simulation.recorder());

  if (debugger != nullptr) wait_for_gdb(*debugger, simulation, progress);
  const std::int64_t started = wall_ns();
  log::info(fmt::format("built the machine in {}", wall_text(started - building)));
  // A run whose trace is lost is not worth its time.
  const auto poll = [&](SimTime now) { return progress.poll(now) || (folder && !folder->error().empty()); };
  const Ended ended = run_to_end(simulation, poll);
  const std::int64_t wall = wall_ns() - started;
  progress.clear();
  log::info(fmt::format("simulated {} in {}, {} events", format_duration(ended.result.end.time_since_epoch()),
                        wall_text(wall), simulation.recorder().count()));
  if (options.timing) write_timing(simulation.statistics().jobs_ended(), wall);

  if (debugger != nullptr) debugger->finish(ended.code);
  const std::string why_cut = cut_off(ended, folder.get());
  if (traces) traces->finish(ended.result.end, why_cut);
  const auto told = [&] {
    trace::RunInfo info = simulation.info(ended.result);
    info.build = build_info();
    info.command = command_line(options);
    if (why_cut != kInterruptedByUser) info.cut_off = why_cut;
    info.charges = scenario::charges_of(loaded.resolved, simulation.machine().ledger().totals());
    info.load_is_estimate = scenario::has_estimated_load(loaded.resolved);
    info.show_all = options.show_all;
    info.histograms = histograms.of(simulation);
    return info;
  };
  if (ended.code != kInvariantBroken && ended.code != kNoResources) {
    const trace::RunInfo info = told();
    if (folder) write_summary(output, info, simulation);
    if (!options.quiet) print_summary(options.page, info, simulation);
  } else if (folder && ended.code == kNoResources) {
    try {  // there may be enough for it now
      write_summary(output, told(), simulation);
    } catch (const std::bad_alloc&) {
      log::info("no memory for summary.json");
    }
  }
  if (!ended.error.empty()) log::error(ended.error);
  if (folder) {
    const std::string failed = folder->close();
    if (!failed.empty()) {
      log::error(failed);
      return folder->exit_code();
    }
  }
  return ended.code;
}

}  // namespace

int run_command(const RunOptions& options) {
  const std::int64_t started = wall_ns();
  const scenario::LoadResult loaded = load(options);
  if (!loaded.ok()) return report_problems(loaded.problems, {options.sets});
  std::vector<scenario::Problem> problems;
  (void)experiment::checks_of(*loaded.spec, problems);
  std::vector<std::string> asked = options.histograms;
  if (asked.empty() && options.show_all) asked = {"latency"};
  experiment::Histograms histograms{asked, *loaded.spec, problems};
  const TraceFilesOptions trace_options{options.picoseconds,
                                        read_vcd_choice(options.vcd, system::device_shape(*loaded.spec), problems)};
  const std::unique_ptr<gdb::Server> debugger = listen_for_gdb(options.gdb, *loaded.spec, problems);
  if (!problems.empty()) return report_problems(problems, {options.sets});
  log::info(fmt::format("loaded {} in {}", options.scenario, wall_text(wall_ns() - started)));
  log_scenario(loaded);
  return simulate(options, loaded, trace_options, histograms, debugger.get());
}

int explain_command(const ExplainOptions& options) {
  const scenario::LoadResult loaded = load(options);
  if (!loaded.ok()) return report_problems(loaded.problems, {options.sets});
  if (options.firmware_times) return firmware_times_command(loaded, options.page);
  const scenario::ExplainFilter filter{options.tags, options.only_changed};
  print_page(
      options.page,
      [&](std::ostream& out) { scenario::write_explain_json(out, loaded.resolved, filter, build_info()); },
      [&](std::ostream& out) { scenario::write_explain(out, loaded.resolved, filter, form_of(options.page)); });
  return kGood;
}

int schema_command() {
  scenario::write_schema_json(std::cout);
  return kGood;
}

}  // namespace gpusim::app
