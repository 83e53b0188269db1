// SPDX-License-Identifier: MIT
// Runs one scenario under many interleavings and faults, one for each seed, with all oracles listening; minimises the
// schedule of a failure; replays schedules. docs/exploration.md says how to use it.
//
// Undisturbed a scenario takes what time it needs, as long as its jobs go on. A run is disturbed for twice that time;
// then it must come to its end by itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "base/choice.h"
#include "base/time.h"
#include "sim/scenario/spec.h"
#include "sim/system/exploration.h"
#include "sim/system/machine.h"

namespace gpusim::system {

class Simulation;

struct ExploredRun {
  /// The oracle that spoke; "stall": nothing is left to happen and clients wait; "drain": the run does not end, be it
  /// that its time is up or that time stands still.
  std::string oracle;
  std::string text;                  ///< what it said
  Schedule schedule;                 ///< all choices that were made
  std::set<std::string_view> asked;  ///< of a schedule's run: the names of all places where a choice was possible
  std::uint64_t trace_hash = 0;
  SimTime end{};
  bool gave_up = false;  ///< it got on, but took too many steps: nobody knows how it would have ended

  [[nodiscard]] bool survived() const { return oracle.empty() && !gave_up; }
};

struct MinimisedRun {
  ExploredRun run;
  std::size_t tries = 0;  ///< how many runs it took
};

class Explorer {
 public:
  /// Runs the scenario once undisturbed. `spec` must come to an end by itself (no stop rule).
  /// `most_steps`: entries of the Timeline after which a run is given up, rounded up to Machine::kPollEvery.
  explicit Explorer(const scenario::ScenarioSpec& spec, std::uint64_t most_steps = kMostSteps);
  static constexpr std::uint64_t kMostSteps = 64 * Machine::kPollEvery;

  /// The scenario without any disturbance.
  [[nodiscard]] const ExploredRun& undisturbed() const { return undisturbed_; }

  /// `prepare` may attach sinks; `finish` is called with the run's end while they can still look at the machine.
  using Prepare = std::function<void(Simulation&)>;
  using Finish = std::function<void(SimTime)>;
  [[nodiscard]] ExploredRun run_seed(std::uint64_t seed, const Prepare& prepare = {}, const Finish& finish = {}) const;
  [[nodiscard]] ExploredRun run_schedule(const Schedule& schedule, const Prepare& prepare = {},
                                         const Finish& finish = {}) const;

  /// The fewest and smallest choices found with which the same oracle still speaks: delta debugging, then single
  /// choices, then values. `give_up` is called before each try.
  [[nodiscard]] MinimisedRun minimise(const ExploredRun& failure, const std::function<bool()>& give_up = {}) const;

 private:
  class Progress;
  [[nodiscard]] bool is_undisturbed() const { return horizon_ == kNever; }
  /// A run that did not come to its end, and of which nobody can say that it never would have.
  [[nodiscard]] bool may_get_on(const RunResult& end, const Machine& machine, const Progress& progress) const;
  [[nodiscard]] std::string describe_drain(const RunResult& end, const Machine& machine,
                                           const Progress& progress) const;
  [[nodiscard]] ExploredRun run(Exploration& exploration, const Prepare& prepare, const Finish& finish) const;

  scenario::ScenarioSpec spec_;
  std::uint64_t most_steps_;
  Picoseconds active_{0};
  SimTime horizon_ = kNever;
  SimTime limit_;
  ExploredRun undisturbed_;
};

}  // namespace gpusim::system
