// SPDX-License-Identifier: MIT
// The trace files of one run: the kinds that --trace names, written into the folder of --out.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "sim/app/output_folder.h"
#include "sim/system/simulation.h"
#include "traces/inspect/events_file.h"
#include "traces/sinks/perfetto/sink.h"
#include "traces/sinks/text_sink.h"

namespace gpusim::app {

/// What stands in the title of a run that is one of an exploration, in front of the seed or file of its schedule.
inline constexpr std::string_view kScheduleInTitle = ", schedule ";

class TraceFiles {
 public:
  struct Manner {
    bool picoseconds = false;  ///< Perfetto shows one as one nanosecond
    std::string schedule;      ///< of a run that is one of an exploration: the seed or the file; empty: a plain run
  };

  /// `kinds` are good. All arguments but the last outlive it.
  TraceFiles(OutputFolder& folder, system::Simulation& simulation, const scenario::ScenarioSpec& spec,
             const std::vector<std::string>& kinds, const Manner& manner);
  /// Once, when the run has ended and its machine still lives.
  void finish(SimTime end);

 private:
  const trace::Recorder& recorder_;
  std::unique_ptr<trace::TextSink> text_;
  std::unique_ptr<trace::EventsSink> events_;
  std::unique_ptr<trace::PerfettoSink> perfetto_;
};

}  // namespace gpusim::app
