// SPDX-License-Identifier: MIT
#include "sim/app/trace_files.h"

#include <fmt/core.h>

#include "base/hash.h"
#include "sim/app/build_info.h"

namespace gpusim::app {

TraceFiles::TraceFiles(OutputFolder& folder, system::Simulation& simulation, const scenario::ScenarioSpec& spec,
                       const std::vector<std::string>& kinds, const Manner& manner)
    : recorder_{simulation.recorder()} {
  const trace::Names& names = simulation.machine().names();
  std::string build = build_info().text();
  for (const std::string& plug_in : spec.plug_ins) build += "; " + plug_in;
  const std::string schedule =
      manner.schedule.empty() ? "" : std::string{kScheduleInTitle} + scenario::in_one_line(manner.schedule);
  std::string about =
      fmt::format("{}; scenario {}, seed {}{}", build, scenario::in_one_line(spec.name), spec.seed, schedule);
  if (const std::string firmware = simulation.firmware_text(); !firmware.empty()) about += "; " + firmware;
  for (const std::string& kind : kinds) {
    if (kind == "text") {
      text_ =
          std::make_unique<trace::TextSink>(folder.open("trace.txt"), names, trace::TextSinkOptions{.about = about});
    }
    if (kind == "events") {
      events_ =
          std::make_unique<trace::EventsSink>(folder.open("trace.events"), names, simulation.title() + schedule, build);
    }
    if (kind == "perfetto") {
      trace::PerfettoSinkOptions options;
      options.about = about;
      if (manner.picoseconds) options.trace_time_scale = 1;
      perfetto_ = std::make_unique<trace::PerfettoSink>(folder.open("trace.pftrace"), names, options);
    }
  }
  if (text_) simulation.recorder().attach_to_all(*text_);
  if (perfetto_) simulation.recorder().attach_to_all(*perfetto_);
  if (events_) simulation.recorder().attach_to_all(*events_);
}

void TraceFiles::finish(SimTime end) {
  const std::string result = fmt::format("trace hash {}, {} events", hash_text(recorder_.hash()), recorder_.count());
  if (text_) text_->finish(result);
  if (perfetto_) perfetto_->finish(end, result);
  if (events_) events_->finish(end, recorder_.hash());
}

}  // namespace gpusim::app
