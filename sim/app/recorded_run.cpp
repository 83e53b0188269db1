// SPDX-License-Identifier: MIT
#include "sim/app/recorded_run.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/read_file.h"
#include "sim/app/build_info.h"
#include "sim/app/load_scenario.h"
#include "sim/app/log.h"
#include "sim/app/progress.h"
#include "sim/app/trace_files.h"
#include "sim/system/simulation.h"
#include "traces/inspect/events_file.h"
#include "traces/report/outcome.h"

namespace gpusim::app {

namespace {

namespace fs = std::filesystem;
using scenario::Problem;

[[nodiscard]] trace::Recording simulate(const scenario::ScenarioSpec& spec) {
  system::Simulation simulation{spec};
  trace::EventKeeper keeper;
  simulation.recorder().attach_to_all(keeper);
  ProgressLine progress{spec, true};
  progress.attach_to(simulation.recorder());
  const system::RunResult result = simulation.run([&](SimTime now) {
    progress.show(now);
    return false;
  });
  progress.clear();
  trace::Recording recording;
  recording.title = simulation.title();
  recording.events = std::move(keeper.events);
  recording.names = simulation.machine().names();
  recording.end = result.end;
  recording.hash = simulation.recorder().hash();
  log::info(fmt::format("simulated {}: {} events", recording.title, recording.events.size()));
  return recording;
}

/// `file`: "-" is stdin. `cut`: no later than then.
[[nodiscard]] std::optional<RecordedRun> run_scenario(const fs::path& file, const RunName& name,
                                                      std::optional<SimTime> cut, std::vector<Problem>& problems) {
  scenario::LoadOptions options;
  options.sets = name.sets;
  options.seed = name.seed;
  scenario::LoadResult loaded = load_scenario(file.string(), options);
  if (!loaded.ok()) {
    problems.insert(problems.end(), loaded.problems.begin(), loaded.problems.end());
    return std::nullopt;
  }
  if (cut) {
    const Picoseconds last = cut->time_since_epoch();
    loaded.spec->stop_after = std::min(loaded.spec->stop_after.value_or(last), last);
  }
  RecordedRun run;
  run.recording = simulate(*loaded.spec);
  for (const std::string& set : name.sets) run.recording.title += ", " + set;
  run.spec = std::move(loaded.spec);
  return run;
}

[[nodiscard]] std::optional<RecordedRun> read_events(const fs::path& file, const RunName& name,
                                                     std::vector<Problem>& problems) {
  const std::optional<std::string> text = read_file(file);
  if (!text) {
    problems.push_back({{file.string()}, why_not_read(file), {}});
    return std::nullopt;
  }
  if (text->starts_with("# tracer: gpusim")) {
    problems.push_back({{file.string()}, "trace.txt leaves fields out; write the run with --trace events", {}});
    return std::nullopt;
  }
  if (!name.sets.empty() || name.seed) {
    problems.push_back({{file.string()}, "recorded events cannot be given parameters or a seed", {}});
    return std::nullopt;
  }
  trace::EventsFileError error;
  std::optional<trace::Recording> recording = trace::read_events_file(*text, error);
  if (!recording) {
    problems.push_back({{file.string(), error.line, error.column}, error.text, {}});
    return std::nullopt;
  }
  RecordedRun run{.recording = *std::move(recording), .spec = std::nullopt, .notes = {}};
  if (const std::string& why = run.recording.cut_off; !why.empty()) {
    run.notes.push_back(fmt::format("{}: the run was cut off: {}", file.string(), why));
  }
  if (const std::size_t at = run.recording.title.rfind(kScheduleInTitle); at != std::string::npos) {
    run.notes.push_back(fmt::format("{}: this run is one of an exploration: schedule {}", file.string(),
                                    run.recording.title.substr(at + kScheduleInTitle.size())));
  }
  return run;
}

/// What the summary of a run says.
struct Stored {
  std::string hash;            ///< of the trace; empty: there is no summary
  std::optional<SimTime> cut;  ///< when the run was interrupted
};

[[nodiscard]] Stored stored_in(const fs::path& folder) {
  const std::optional<std::string> text = read_file(folder / "summary.json");
  const nlohmann::json summary = nlohmann::json::parse(text.value_or(""), nullptr, false);
  if (!summary.is_object()) return {};
  Stored stored;
  stored.hash = summary.value("trace_hash", "");
  if (summary.value("outcome", "") == trace::to_string(trace::Outcome::interrupted)) {
    stored.cut = SimTime{ps(summary.value("end_ps", std::int64_t{0}))};
  }
  return stored;
}

/// What resolved.toml gives is not what the folder says: its events, if it has them.
void take_events(RecordedRun& run, const RunName& name, const fs::path& events, const std::string& why,
                 std::vector<Problem>& problems) {
  std::error_code none;
  if (!fs::exists(events, none)) {
    run.notes.push_back(why + "; what it gives here is taken");
  } else if (std::optional<RecordedRun> recorded = read_events(events, name, problems)) {
    run = *std::move(recorded);
    run.notes.push_back(why + "; its trace.events is taken");
  }
}

[[nodiscard]] std::optional<RecordedRun> open_folder(const RunName& name, std::vector<Problem>& problems) {
  const fs::path folder{name.path};
  const fs::path scenario = folder / "resolved.toml";
  const fs::path events = folder / "trace.events";
  std::error_code none;
  if (!fs::exists(scenario, none)) {
    if (fs::exists(events, none)) return read_events(events, name, problems);
    problems.push_back({{name.path}, "neither resolved.toml nor trace.events is in this folder", {}});
    return std::nullopt;
  }
  const Stored stored = stored_in(folder);
  std::optional<RecordedRun> run = run_scenario(scenario, name, stored.cut, problems);
  const bool is_as_it_was = name.sets.empty() && !name.seed;
  if (!run) return run;
  if (stored.cut) {
    run->notes.push_back(fmt::format("{}: the run was interrupted at {}, and so is this one", name.path,
                                     format_duration(stored.cut->time_since_epoch())));
  }
  const std::string hash = hash_text(run->recording.hash);
  if (!is_as_it_was || stored.hash.empty() || stored.hash == hash) return run;
  take_events(
      *run, name, events,
      fmt::format("{}: summary.json says trace {}, and resolved.toml gives {} here: {}", name.path, stored.hash, hash,
                  stored.cut ? "an interruption may fall between events of one moment"
                             : "another build wrote it, or it was altered"),
      problems);
  return problems.empty() ? std::move(run) : std::nullopt;
}

}  // namespace

void write_notes(std::ostream& out, const RecordedRun& run, const trace::PageForm& form) {
  for (const std::string& note : run.notes) trace::write_paragraph(out, "note: " + note, form);
}

trace::RunJsonHead json_head(const std::vector<std::string>& notes) {
  return {.build = build_info(), .notices = notes};
}

std::optional<RecordedRun> open_run(const RunName& name, std::vector<Problem>& problems) {
  const fs::path path{name.path};
  std::error_code none;
  if (fs::is_directory(path, none)) return open_folder(name, problems);
  const bool is_scenario = path.extension() == ".toml" || path.extension() == ".wsim" || name.path == "-";
  if (is_scenario) return run_scenario(path, name, std::nullopt, problems);
  return read_events(path, name, problems);
}

}  // namespace gpusim::app
