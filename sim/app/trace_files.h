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
#include "traces/sinks/vcd/sink.h"

namespace gpusim::app {

/// What stands in the title of a run that is one of an exploration, in front of the seed or file of its schedule.
inline constexpr std::string_view kScheduleInTitle = ", schedule ";

/// What single kinds have, and what all say.
struct TraceFilesOptions {
  bool picoseconds = false;  ///< Perfetto shows one as one nanosecond
  trace::VcdSinkOptions vcd{};
  std::string schedule{};  ///< of a run that is one of an exploration: the seed or the file; empty: a plain run
};

class TraceFiles {
 public:
  /// `kinds` and `options` are good. All arguments but the last outlive it.
  TraceFiles(OutputFolder& folder, system::Simulation& simulation, const scenario::ScenarioSpec& spec,
             const std::vector<std::string>& kinds, const TraceFilesOptions& options = {});
  /// Once, when the run has ended and its machine still lives. `cut_off`: why it ended before it was over, in as many
  /// lines as it takes; the traces say it. Empty: it did not.
  void finish(SimTime end, const std::string& cut_off = {});

 private:
  const trace::Recorder& recorder_;
  std::unique_ptr<trace::TextSink> text_;
  std::unique_ptr<trace::EventsSink> events_;
  std::unique_ptr<trace::PerfettoSink> perfetto_;
  std::unique_ptr<trace::VcdSink> vcd_;
};

}  // namespace gpusim::app
