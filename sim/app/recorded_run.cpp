// SPDX-License-Identifier: MIT
#include "sim/app/recorded_run.h"

#include <filesystem>
#include <utility>

#include <fmt/core.h>

#include "base/hash.h"
#include "base/read_file.h"
#include "sim/app/log.h"
#include "sim/scenario/loader.h"
#include "sim/system/simulation.h"
#include "traces/inspect/events_file.h"

namespace gpusim::app {

namespace {

namespace fs = std::filesystem;
using scenario::Problem;

[[nodiscard]] trace::Recording simulate(const scenario::ScenarioSpec& spec) {
  system::Simulation simulation{spec};
  trace::EventKeeper keeper;
  simulation.recorder().attach_to_all(keeper);
  const system::RunResult result = simulation.run();
  trace::Recording recording;
  recording.title = simulation.title();
  recording.events = std::move(keeper.events);
  recording.names = simulation.machine().names();
  recording.end = result.end;
  recording.hash = simulation.recorder().hash();
  log::info(fmt::format("simulated {}: {} events", recording.title, recording.events.size()));
  return recording;
}

[[nodiscard]] std::optional<RecordedRun> run_scenario(const fs::path& file, const RunName& name,
                                                      std::vector<Problem>& problems) {
  scenario::LoadOptions options;
  options.sets = name.sets;
  options.seed = name.seed;
  scenario::LoadResult loaded = scenario::load_file(file, options);
  if (!loaded.ok()) {
    problems.insert(problems.end(), loaded.problems.begin(), loaded.problems.end());
    return std::nullopt;
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
  return RecordedRun{.recording = *std::move(recording), .spec = std::nullopt, .notes = {}};
}

/// The trace's hash in the summary of a run; empty if there is none.
[[nodiscard]] std::string stored_hash(const fs::path& folder) {
  const std::optional<std::string> text = read_file(folder / "summary.json");
  if (!text) return {};
  static constexpr std::string_view kKey = "\"trace_hash\"";
  const std::size_t key = text->find(kKey);
  const std::size_t begin = key == std::string::npos ? key : text->find('"', key + kKey.size());
  return begin == std::string::npos ? "" : text->substr(begin + 1, 16);
}

[[nodiscard]] std::optional<RecordedRun> open_folder(const RunName& name, std::vector<Problem>& problems) {
  const fs::path folder{name.path};
  const fs::path scenario = folder / "resolved.toml";
  const fs::path events = folder / "trace.events";
  std::error_code none;
  const bool is_as_it_was = name.sets.empty() && !name.seed;
  if (!fs::exists(scenario, none)) {
    if (fs::exists(events, none)) return read_events(events, name, problems);
    problems.push_back({{name.path}, "neither resolved.toml nor trace.events is in this folder", {}});
    return std::nullopt;
  }
  std::optional<RecordedRun> run = run_scenario(scenario, name, problems);
  const std::string stored = stored_hash(folder);
  if (!run || !is_as_it_was || stored.empty() || stored == hash_text(run->recording.hash)) return run;
  const std::string note = fmt::format(
      "{}: summary.json says trace {}, and resolved.toml gives {} here: another build wrote it, or it was altered",
      name.path, stored, hash_text(run->recording.hash));
  if (fs::exists(events, none)) {
    run = read_events(events, name, problems);
    if (run) run->notes.push_back(note + "; its trace.events is taken");
  } else {
    run->notes.push_back(note + "; what it gives here is taken");
  }
  return run;
}

}  // namespace

std::optional<RecordedRun> open_run(const RunName& name, std::vector<Problem>& problems) {
  const fs::path path{name.path};
  std::error_code none;
  if (fs::is_directory(path, none)) return open_folder(name, problems);
  if (path.extension() == ".toml" || path.extension() == ".wsim") return run_scenario(path, name, problems);
  return read_events(path, name, problems);
}

}  // namespace gpusim::app
