// SPDX-License-Identifier: MIT
// Runs an experiment (every variant, under every condition of every sweep, with every seed), and says how sure the
// differences are. Compared pairs have the same seed, so that random draws that both share cancel out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/experiment/experiment.h"
#include "sim/experiment/measurement.h"
#include "sim/scenario/loader.h"
#include "traces/report/confidence.h"

namespace gpusim::experiment {

struct CompareSettings {
  std::optional<std::uint64_t> first_seed;  ///< default: the scenario's; further seeds follow it
  std::size_t parallel = 1;
  bool estimates = false;  ///< vary the parameters that are estimates, too
  std::filesystem::path config_dir = scenario::default_config_dir();
  /// All input is good, and the first run is next, with that seed; false: none is to be made.
  std::function<bool(std::uint64_t first_seed)> begin;
  std::function<void(std::size_t done, std::size_t of)> progress;
};

/// One variant under one condition.
struct Cell {
  std::vector<Measurement> runs;  ///< by seed

  /// Over the seeds in which the metric occurred; empty if in none.
  [[nodiscard]] std::optional<trace::Interval> interval(std::string_view metric) const;
  /// In some seed it is a median in a gap between two groups of values.
  [[nodiscard]] bool is_between_groups(std::string_view metric) const;
};

/// The interval of `of` minus `from`, over the seeds in which both have the metric.
[[nodiscard]] std::optional<trace::Interval> difference(const Cell& of, const Cell& from, std::string_view metric);

/// No two seeds of a variant differ in their figures.
[[nodiscard]] bool is_deterministic(const std::vector<Cell>& cells);
/// "fifo" of the value "\"fifo\"" of a sweep.
[[nodiscard]] std::string shown_value(const std::string& value);

/// Every seed gave the same run, event by event.
[[nodiscard]] bool ran_alike(const Cell& a, const Cell& b);

enum class Judgement : std::uint8_t { unknown, undecided, worse, same, better };
[[nodiscard]] std::string_view to_string(Judgement judgement);
/// undecided: the seeds differ, and the interval of the difference contains zero. same: there is no difference, or one
/// that is less than what is known of the values. With one seed the sign alone decides.
[[nodiscard]] Judgement judge(const Verdict& verdict, const Cell& of, const Cell& baseline);
/// Both are decided, and not alike.
[[nodiscard]] bool contradicts(Judgement a, Judgement b);

struct Condition {
  std::string value;        ///< of the sweep, as people read it; empty without a sweep
  std::vector<Cell> cells;  ///< by variant
};

struct Table {
  std::string name;  ///< the sweep's; empty: the scenario as it is
  std::vector<Condition> conditions;
};

/// A verdict as it is printed.
struct Verdicted {
  std::string what;  ///< "b against a", or "b against a, worker_wake_us = 20"
  Judgement judgement = Judgement::unknown;
};
/// All that a report has: in the first table, and for each value of each sweep.
[[nodiscard]] std::vector<Verdicted> verdicts(const Experiment& experiment, const std::vector<Table>& tables);

/// What contradicts a verdict that nobody chose.
struct Otherwise {
  std::size_t variant = 0;
  Verdict verdict;
  Judgement judgement = Judgement::unknown;  ///< better, worse or same, and not what the verdict is
};
/// Nobody asked for the metric of the verdict.
[[nodiscard]] bool is_verdict_default(const Experiment& experiment);
/// Who says otherwise than the verdict about the scenario as it is (`cells`, by variant): the tail, the throughput, and
/// each client by itself.
[[nodiscard]] std::vector<Otherwise> who_say_otherwise(const Experiment& experiment, const std::vector<Cell>& cells);

/// What a figure of those that end well does not see: "b against a: jobs_unfinished +20" for each variant of which
/// more jobs fail or do not end, or more clients give up, than of the first, and that is no chance of the seeds. If
/// nobody chose the verdict, fewer jobs of a client are a loss, too.
[[nodiscard]] std::vector<std::string> losses(const Experiment& experiment, const std::vector<Table>& tables);

/// What the verdict becomes if a parameter that is an estimate is something else.
struct Variation {
  std::string parameter;  ///< path; "all" for all of them together
  std::string range;      ///< "150 ns .. 600 ns"
  struct At {
    bool is_possible = true;  ///< false: with that value some variant is no valid scenario
    std::vector<std::optional<trace::Interval>> differences;  ///< by variant but the first
    std::vector<Judgement> judgements;
  };
  std::vector<At> at;  ///< from one end of the range to the other, in steps of one factor
};

/// How many points of a range are looked at: both ends and three between them.
inline constexpr std::size_t kVariationPoints = 5;

struct Comparison {
  std::uint64_t first_seed = 0;
  std::vector<Table> tables;                                   ///< the first one without a sweep
  std::array<trace::CauseShare, trace::kCauseCount> shares{};  ///< over all runs of the first table
  std::vector<Variation> variations;                           ///< in the order of the parameter table, "all" last
  bool has_estimates = false;                                  ///< variations were asked for, and all run
  bool is_deterministic = false;                               ///< in the first table no two seeds of a variant differ
  std::vector<std::string> notices;   ///< what had no effect, did not happen or did not end, a line each
  std::vector<std::string> failures;  ///< runs that stalled or broke, each in a line or more
  Status worst = Status::good;        ///< of them
  bool is_interrupted = false;        ///< SIGINT or SIGTERM came: some runs were not made
};

/// None, and problems, if some variant under some condition is no valid scenario; none if `begin` says so. Otherwise
/// all is run; if the user interrupts it, what was done until then is there. Throws std::system_error as
/// run_in_processes().
[[nodiscard]] std::optional<Comparison> compare(const Experiment& experiment, const CompareSettings& settings,
                                                std::vector<scenario::Problem>& problems);

}  // namespace gpusim::experiment
