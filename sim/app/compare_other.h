// SPDX-License-Identifier: MIT
// What gpusim compare --against and --with compare with, and what --fail-on makes of verdicts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/app/compare_command.h"
#include "sim/experiment/stored_comparison.h"
#include "sim/scenario/problem.h"

namespace gpusim::app {

/// Figures of an earlier compare.json, or of another program.
struct OtherFigures {
  std::optional<experiment::StoredComparison> stored;
  experiment::PairNames names;
  bool interrupted = false;      ///< the other program was, by the user
  bool lacks_resources = false;  ///< the other program did, or there is none because of that
};

/// The file of --against, or compare.json in the folder that it names.
[[nodiscard]] std::string file_of_against(const std::string& against);

/// Reads the file of --against. None stored, and problems, if it is no comparison.
[[nodiscard]] OtherFigures read_against(const std::string& against, std::vector<scenario::Problem>& problems);

/// Has the program of --with run what this one is about to run. None stored, and a problem, if it does not.
[[nodiscard]] OtherFigures run_with(const CompareOptions& options, std::vector<scenario::Problem>& problems);

/// "b against a: worse" of each verdict that --fail-on (worse, changed) does not let pass. A verdict about which
/// nothing can be said never passes, an undecided one always. Of a verdict that nobody chose, what says otherwise
/// counts as well: "b against a: worse by latency_p99". Behind them the losses, whatever the verdict says: a latency is
/// that of jobs that end.
[[nodiscard]] std::vector<std::string> failing(const std::string& fail_on, const experiment::Experiment& experiment,
                                               const std::vector<experiment::Table>& tables);

}  // namespace gpusim::app
