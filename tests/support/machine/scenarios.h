// SPDX-License-Identifier: MIT
// Scenarios built in code, and what a test wants to know of a run: all its events, and the life of each job in figures.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "sim/scenario/spec.h"
#include "sim/system/machine.h"
#include "traces/event/event.h"
#include "traces/event/names.h"
#include "traces/folds/job_life.h"

namespace gpusim::test {

/// Engines rcs0, bcs0, vcs0, vcs1, vecs0; doorbells; no slot limit; no quantum. Nothing costs time but the work of
/// jobs.
[[nodiscard]] scenario::ScenarioSpec ideal_scenario();

/// The same device, where every step costs a little (0.1 to 3 us) and queues of a level share engines by 1 ms quanta.
[[nodiscard]] scenario::ScenarioSpec costly_scenario();

/// The same with four ring entries; client "loop" has eight jobs at once on one queue, more than its credits, "fan" a
/// graph with dependencies between queues.
[[nodiscard]] scenario::ScenarioSpec busy_scenario();

[[nodiscard]] workload::ClientSpec client(std::string name, workload::WorkloadSpec workload, std::uint32_t clones = 1);

/// Throws std::runtime_error with the parser's messages if the text is no valid descriptor.
[[nodiscard]] workload::WsimSpec wsim_workload(std::string_view text, std::uint64_t repeats);

/// The same for a step program, with the names that the scenario shares.
[[nodiscard]] workload::StepsSpec steps_workload(std::string_view text, const workload::ShareSpec& share,
                                                 std::uint64_t repeats = 1);

inline constexpr workload::EngineChoice kRender{abi::EngineClass::render, -1};
inline constexpr workload::EngineChoice kCopy{abi::EngineClass::copy, -1};
inline constexpr workload::EngineChoice kVideo{abi::EngineClass::video, -1};

/// Work that always takes the same time.
[[nodiscard]] constexpr workload::Work fixed(Picoseconds time) { return {time, time}; }

[[nodiscard]] std::string read_text(const std::string& path);

/// The scenarios of one kind that come with the program ("scenarios", "explore"): .toml files, by name.
[[nodiscard]] std::vector<std::filesystem::path> shipped_files(const std::string& kind);
/// Throws std::runtime_error with what is wrong if the file is no valid scenario.
[[nodiscard]] scenario::ScenarioSpec load_spec(const std::filesystem::path& file,
                                               const std::vector<std::string>& sets = {});
/// The same of a scenario's text.
[[nodiscard]] scenario::ScenarioSpec spec_of(const std::string& text, const std::vector<std::string>& sets = {});

struct Job {
  std::uint64_t id = 0;
  std::uint32_t client = 0;  ///< client number
  std::uint32_t queue = 0;
  std::string queue_name;
  std::uint64_t work_ps = 0;
  SimTime submitted{};  ///< exec_begin
  std::optional<SimTime> start;
  std::optional<SimTime> end;
  std::string engine;  ///< on which it started
};

struct Recording {
  system::RunResult result;
  trace::Names names;
  std::uint64_t hash = 0;
  std::vector<trace::Event> events;

  /// In order of submission.
  [[nodiscard]] std::vector<Job> jobs() const;
  [[nodiscard]] std::vector<trace::Event> of_kind(trace::EventKind kind) const;
  /// The same by their names: all<trace::job_end>().
  template <class Kind>
  [[nodiscard]] std::vector<Kind> all() const {
    std::vector<Kind> found;
    for (const trace::Event& event : of_kind(Kind::kKind)) found.push_back(Kind::from(event));
    return found;
  }
  /// When the last client finished; all of them without an error, else std::runtime_error.
  [[nodiscard]] SimTime finish() const;
};

/// Runs to the end and checks that nothing modelled outlived it.
[[nodiscard]] Recording run(const scenario::ScenarioSpec& spec, const system::MachineOptions& options = {});

/// When each ban of a queue was.
[[nodiscard]] std::vector<SimTime> bans(const Recording& recording);

/// The lives of a run's jobs, in the order of their ends. Throws std::runtime_error if it does not finish.
[[nodiscard]] std::vector<trace::JobLife> lives_of(const scenario::ScenarioSpec& spec);

/// One client "app" on the ideal machine. Throws std::runtime_error with the stall report if it does not finish.
[[nodiscard]] Recording run_ideal(workload::WorkloadSpec workload, std::uint32_t clones = 1);

using Texts = std::vector<std::string>;

/// "1500", or "1500+1ps": a time in microseconds.
[[nodiscard]] std::string us_of(SimTime time);
/// "rcs0 0-1000" for each job, in order of submission.
[[nodiscard]] Texts spans(const Recording& recording);
/// When each job was submitted, in us.
[[nodiscard]] Texts submits(const Recording& recording);

/// Folder of the repository's own descriptors, and the names of the .wsim files in a folder, sorted.
[[nodiscard]] std::string own_workloads();
[[nodiscard]] std::vector<std::string> wsim_files(const std::string& folder);

}  // namespace gpusim::test
