// SPDX-License-Identifier: MIT
// The distributions of one run, by the names that --histogram takes: those of metrics without the percentile.
#pragma once

#include <list>
#include <string>
#include <utility>
#include <vector>

#include "sim/scenario/problem.h"
#include "sim/system/simulation.h"
#include "traces/folds/work_counters.h"

namespace gpusim::experiment {

class Histograms {
 public:
  /// `names`: "latency", "frame_latency", these of a client as "client.NAME.latency", "ioctl_to_doorbell",
  /// "ioctl_time", "ready_to_run", "residency", "close_time", "hang_detection". A problem for each that is none of
  /// them.
  Histograms(const std::vector<std::string>& names, const scenario::ScenarioSpec& spec,
             std::vector<scenario::Problem>& problems);

  /// Before the run. What is asked for may need folds of its own, which others do not pay for.
  void attach_to(trace::Recorder& recorder);
  /// After the run, in the order of the names. This outlives them.
  [[nodiscard]] std::vector<std::pair<std::string, const trace::Histogram*>> of(const system::Simulation& simulation);

 private:
  [[nodiscard]] const trace::Histogram* find(const std::string& name, const system::Simulation& simulation);

  std::vector<std::string> names_;
  const scenario::ScenarioSpec& spec_;
  trace::WorkCounters counters_;
  std::list<trace::ClientStatistics> sums_;  ///< of clients that are shown together
};

}  // namespace gpusim::experiment
