// SPDX-License-Identifier: MIT
// trace.pftrace: the run as tracks, slices and arrows for ui.perfetto.dev and trace_processor. The event table says
// what is drawn where; this file knows no kind of event.
//
// Perfetto silently accepts partly overlapping slices of one track and shows them wrong (docs/reference/traces.md). So
// each track has a stack, and what does not nest Violates "perfetto_nesting". Events of one moment are
// put in order first (moment.h). Times are rounded down to the trace's nanoseconds; no wall clock, the same run gives
// the same bytes.
#pragma once

#include <array>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "traces/event/event_table.h"
#include "traces/event/names.h"
#include "traces/event/recorder.h"
#include "traces/sinks/byte_buffer.h"
#include "traces/sinks/perfetto/encoder.h"
#include "traces/sinks/perfetto/ftrace.h"
#include "traces/sinks/perfetto/moment.h"
#include "traces/sinks/perfetto/tracks.h"
#include "traces/sinks/template.h"

namespace gpusim::trace {

inline constexpr std::int64_t kUsualTimeScale = 1'000;

struct PerfettoSinkOptions {
  /// Simulated picoseconds in one nanosecond of the trace, > 0 (else Violates "perfetto_options"). 1 shows every
  /// picosecond (and lasts for 106 days); a value other than the default is shown at the host process.
  std::int64_t trace_time_scale = kUsualTimeScale;
  bool counters = true;     ///< credits in flight and ring fill of each queue
  std::string about{};      ///< stands in the description of the host process: what was run by what
  bool drm_ftrace = false;  ///< also as the kernel's ftrace events, for tools that know drm_sched
};

class PerfettoSink final : public Listener {
 public:
  /// `out` (binary) and `names` outlive the sink. The caller opens `out` and checks its state at the end.
  PerfettoSink(std::ostream& out, const Names& names, const PerfettoSinkOptions& options = {});

  void on_event(const Event& event) override {
    const auto kind = static_cast<std::size_t>(event.kind);
    if (ftrace_on_) ftrace_.add(event);
    if (!wanted_.test(kind)) return;
    if (event.time != now_) flush_moment(event.time);
    moment_.add(event);
  }

  /// Closes what is open with the note "still running" at `end` (not before the last event) and hands everything to the
  /// stream. Call it once, also after an interrupted run or one that this sink has stopped. `result`: for the
  /// description of the host process, too.
  void finish(SimTime end, std::string_view result = {});

 private:
  struct Rule {
    const EventInfo* row = nullptr;
    Track track = Track::none;
    Draw draw = Draw::none;
    Slice slice = Slice::none;
    Counter counter = Counter::none;
    Flow flow = Flow::none;
    bool names_job = false;  ///< the label does
    std::uint64_t category_iid = 0;
    Template label;
    Template name;                          ///< the event's, where the label does not fit
    std::vector<std::uint32_t> label_iids;  ///< by key; 0: not interned yet
    std::vector<std::uint32_t> name_iids;
  };

  Rule& rule(const Event& event) { return rules_[static_cast<std::size_t>(event.kind)]; }

  [[nodiscard]] std::uint64_t tick_of(SimTime time) const;
  void flush_moment(SimTime next);
  void draw(const Event& event);
  void draw_begin(Lane& lane, const Event& event);
  void draw_end(Lane& lane, const Event& event);
  void draw_swap(Lane& lane, const Event& event, bool begins);
  void draw_level(const Event& event);
  void close_head_wait(std::uint32_t queue);
  void pop(Lane& lane, std::string_view remark);
  [[noreturn]] void refuse(const Lane& lane, const Event& event) const;

  void write_preamble();
  /// Opens packet and event; close both with close_event().
  void open_event(std::uint64_t type, const Lane& lane);
  void close_event();
  void write_processes(std::string_view result);
  void write_named(std::uint64_t type, const Lane& lane, const Event& event);
  std::uint32_t intern(Rule& rule, bool use_label, const Event& event);

  std::ostream& out_;
  const Names& names_;
  PerfettoSinkOptions options_;
  bool ftrace_on_;
  ByteBuffer buffer_;
  ProtoWriter writer_;
  PerfettoTracks tracks_;
  PerfettoFtrace ftrace_;
  std::array<Rule, kEventKindCount> rules_;
  EventSet wanted_;
  Moment moment_;
  bool started_ = false;  ///< the preamble is written
  SimTime now_{};
  std::uint64_t tick_ = 0;       ///< now_ in the trace's nanoseconds
  std::uint64_t last_tick_ = 0;  ///< of the last packet: packets carry differences
  std::uint32_t last_iid_ = 0;   ///< of event names
  std::size_t packet_begin_ = 0;
  std::size_t event_begin_ = 0;
};

}  // namespace gpusim::trace
