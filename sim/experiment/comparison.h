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
  std::function<void(std::size_t done, std::size_t of)> progress;
};

/// One variant under one condition.
struct Cell {
  std::vector<Measurement> runs;  ///< by seed

  /// Over the seeds in which the metric occurred; empty if in none.
  [[nodiscard]] std::optional<trace::Interval> interval(std::string_view metric) const;
};

/// The interval of `of` minus `from`, over the seeds in which both have the metric.
[[nodiscard]] std::optional<trace::Interval> difference(const Cell& of, const Cell& from, std::string_view metric);

enum class Judgement : std::uint8_t { unknown, worse, same, better };
[[nodiscard]] std::string_view to_string(Judgement judgement);
/// same: the interval of the difference contains zero, or there is no difference. With one seed the sign alone decides.
[[nodiscard]] Judgement judge(const Verdict& verdict, const Cell& of, const Cell& baseline);

struct Condition {
  std::string value;        ///< of the sweep, as people read it; empty without a sweep
  std::vector<Cell> cells;  ///< by variant
};

struct Table {
  std::string name;  ///< the sweep's; empty: the scenario as it is
  std::vector<Condition> conditions;
};

/// What the verdict becomes if a parameter that is an estimate is something else.
struct Variation {
  std::string parameter;  ///< path; "all" for all of them together
  std::string range;      ///< "150 ns .. 600 ns"
  struct End {
    std::vector<std::optional<trace::Interval>> differences;  ///< by variant but the first
    std::vector<Judgement> judgements;
  };
  End from;
  End to;
};

/// Time charged by parameters of one cause, and by those of them that are estimates, over all runs of the first table.
struct CauseShare {
  Wide total = 0;
  Wide estimated = 0;
};

struct Comparison {
  std::uint64_t first_seed = 0;
  std::vector<Table> tables;  ///< the first one without a sweep
  std::array<CauseShare, trace::kCauseCount> shares{};
  CauseShare share_of_all;            ///< every parameter, whatever its cause
  std::vector<Variation> variations;  ///< in the order of the parameter table, "all" last
  bool has_estimates = false;         ///< variations were asked for, and all run
  bool is_deterministic = false;      ///< in the first table no two seeds of a variant differ
  std::vector<std::string> failures;  ///< runs that stalled or broke, each in a line or more
  Status worst = Status::good;        ///< of them
  bool is_interrupted = false;        ///< SIGINT or SIGTERM came: some runs were not made
};

/// None, and problems, if some variant under some condition is no valid scenario. Otherwise all is run; if the user
/// interrupts it, what was done until then is there. Throws std::system_error as run_in_processes().
[[nodiscard]] std::optional<Comparison> compare(const Experiment& experiment, const CompareSettings& settings,
                                                std::vector<scenario::Problem>& problems);

}  // namespace gpusim::experiment
