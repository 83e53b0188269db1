// SPDX-License-Identifier: MIT
#include "sim/app/trace_files.h"

#include <utility>

#include <fmt/core.h>

#include "base/hash.h"
#include "sim/app/build_info.h"
#include "sim/system/device_shape.h"

namespace gpusim::app {

TraceFiles::TraceFiles(OutputFolder& folder, system::Simulation& simulation, const scenario::ScenarioSpec& spec,
                       const std::vector<std::string>& kinds, const TraceFilesOptions& options)
    : recorder_{simulation.recorder()} {
  const trace::Names& names = simulation.machine().names();
  std::string build = build_info().text();
  for (const std::string& plug_in : spec.plug_ins) build += "; " + plug_in;
  const std::string schedule =
      options.schedule.empty() ? "" : std::string{kScheduleInTitle} + scenario::in_one_line(options.schedule);
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
      trace::PerfettoSinkOptions perfetto;
      perfetto.about = about;
      if (options.picoseconds) perfetto.trace_time_scale = 1;
      perfetto_ = std::make_unique<trace::PerfettoSink>(folder.open("trace.pftrace"), names, perfetto);
    }
    if (kind == "vcd") {
      trace::VcdSinkOptions vcd = options.vcd;
      vcd.about = about;
      vcd_ =
          std::make_unique<trace::VcdSink>(folder.open("trace.vcd"), names, system::device_shape(spec), std::move(vcd));
    }
  }
  if (text_) simulation.recorder().attach_to_all(*text_);
  if (perfetto_) simulation.recorder().attach_to_all(*perfetto_);
  if (events_) simulation.recorder().attach_to_all(*events_);
  if (vcd_) vcd_->attach_to(simulation.recorder());
}

void TraceFiles::finish(SimTime end, const std::string& cut_off) {
  const std::string why = scenario::in_one_line(cut_off);
  std::string result = fmt::format("trace hash {}, {} events", hash_text(recorder_.hash()), recorder_.count());
  if (!why.empty()) result += "; the run was cut off: " + why;
  if (text_) text_->finish(result);
  if (perfetto_) perfetto_->finish(end, result);
  if (events_) events_->finish(end, why);
  if (vcd_) vcd_->finish(end, result);
}

}  // namespace gpusim::app
