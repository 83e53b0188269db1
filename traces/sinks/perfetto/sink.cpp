// SPDX-License-Identifier: MIT
#include "traces/sinks/perfetto/sink.h"

#include <algorithm>
#include <string>

#include "base/invariant.h"

namespace gpusim::trace {
PerfettoSink::PerfettoSink(std::ostream& out, const Names& names, const PerfettoSinkOptions& options)
    : out_{out},
      names_{names},
      options_{options},
      ftrace_on_{options.drm_ftrace},
      buffer_{2 * ByteBuffer::kWriteSize},
      writer_{buffer_},
      tracks_{writer_, names},
      ftrace_{writer_, names, options.trace_time_scale} {
  if (options.trace_time_scale <= 0) violate("perfetto_options", "trace_time_scale must be above 0");
  for (const EventInfo& row : event_table()) {
    Rule& rule = rules_[static_cast<std::size_t>(row.kind)];
    rule.row = &row;
    rule.track = row.track;
    rule.draw = row.draw;
    rule.slice = row.slice;
    rule.counter = options.counters ? row.counter : Counter::none;
    rule.flow = row.flow;
    rule.category_iid = static_cast<std::uint64_t>(row.category) + 1;
    rule.label = Template{row.label.empty() ? row.name : row.label, row.kind};
    rule.name = Template{row.name, row.kind};
    rule.names_job = rule.label.names_job();
    if (row.draw != Draw::none || rule.counter != Counter::none) wanted_.set(static_cast<std::size_t>(row.kind));
  }
}

void PerfettoSink::flush_moment(SimTime next) {
  if (!started_) write_preamble();
  started_ = true;
  tick_ = tick_of(now_);
  if (moment_.events().size() > 1) moment_.put_in_order(tracks_);
  try {
    for (const Event& event : moment_.events()) draw(event);
  } catch (...) {
    moment_.clear();  // finish() can still write what was good
    throw;
  }
  moment_.clear();
  now_ = next;
  if (buffer_.size() >= ByteBuffer::kWriteSize) buffer_.write_to(out_);
}

std::uint64_t PerfettoSink::tick_of(SimTime time) const {
  const auto count = static_cast<std::uint64_t>(to_ps(time));
  // A division by a constant is a multiplication.
  return options_.trace_time_scale == kUsualTimeScale ? count / static_cast<std::uint64_t>(kUsualTimeScale)
                                                      : count / static_cast<std::uint64_t>(options_.trace_time_scale);
}

void PerfettoSink::draw(const Event& event) {
  const Rule& how = rule(event);
  if (how.counter != Counter::none) draw_level(event);
  if (how.draw == Draw::none) return;
  const EventInfo& row = *how.row;
  const bool applies = row.drawn_if == nullptr || row.drawn_if(event);
  if (!applies && how.draw != Draw::swap) return;
  if (row.ends_head_wait) close_head_wait(event.queue);
  Lane& lane = tracks_.lane(PerfettoTracks::place(event, how.track));
  switch (how.draw) {
    case Draw::none:
      break;
    case Draw::begin:
      draw_begin(lane, event);
      break;
    case Draw::end:
      draw_end(lane, event);
      break;
    case Draw::instant:
      write_named(pf::event::instant, lane, event);
      break;
    case Draw::swap:
      draw_swap(lane, event, applies);
      break;
    case Draw::clear:
      while (!lane.open.empty()) pop(lane, "cut off");
      break;
  }
}

void PerfettoSink::draw_begin(Lane& lane, const Event& event) {
  const EventInfo& row = *rule(event).row;
  while (!lane.open.empty() && row.does_cut(lane.open.back().slice)) {
    const OpenSlice& open = lane.open.back();
    if (row.goes_on && open.begun_by == event.kind && open.job == event.job) return;
    pop(lane, info(open.slice).remark);
  }
  write_named(pf::event::slice_begin, lane, event);
  lane.open.push_back({event.kind, row.slice, event.job});
}

void PerfettoSink::draw_end(Lane& lane, const Event& event) {
  const Rule& how = rule(event);
  while (!lane.open.empty() && lane.open.back().slice != how.slice && how.row->does_cut(lane.open.back().slice)) {
    pop(lane, info(lane.open.back().slice).remark);
  }
  const SliceInfo& slice = info(how.slice);
  const bool matches = !lane.open.empty() && lane.open.back().slice == how.slice &&
                       (!slice.of_one_job || lane.open.back().job == event.job);
  if (!matches) {
    if (!slice.end_is_optional) refuse(lane, event);
    if (!how.row->label.empty()) write_named(pf::event::instant, lane, event);
    return;
  }
  lane.open.pop_back();
  open_event(pf::event::slice_end, lane);
  close_event();
  // An arrow to the slice would point at its begin, before the flow's last step.
  if (how.flow == Flow::last && event.job != 0) write_named(pf::event::instant, lane, event);
}

/// The slice that the last event of this kind began ends; another begins if `begins`.
void PerfettoSink::draw_swap(Lane& lane, const Event& event, bool begins) {
  const Slice slice = rule(event).slice;
  if (!lane.open.empty()) {
    if (lane.open.back().slice != slice) refuse(lane, event);
    pop(lane, "");
  }
  if (!begins) return;
  write_named(pf::event::slice_begin, lane, event);
  lane.open.push_back({event.kind, slice, event.job});
}

void PerfettoSink::draw_level(const Event& event) {
  const Rule& how = rule(event);
  const LaneKind kind = how.counter == Counter::credits ? LaneKind::credits : LaneKind::ring_fill;
  const Lane& lane = tracks_.lane({kind, event.queue});
  open_event(pf::event::counter, lane);
  writer_.varint(pf::event::counter_value, how.row->level(event));
  close_event();
}

void PerfettoSink::close_head_wait(std::uint32_t queue) {
  Lane* lane = tracks_.find({LaneKind::queue, queue});
  if (lane == nullptr || lane->open.empty() || lane->open.back().slice != Slice::head_wait) return;
  pop(*lane, "");
}

/// Ends the innermost slice, with a note if `remark` is not empty.
void PerfettoSink::pop(Lane& lane, std::string_view remark) {
  lane.open.pop_back();
  open_event(pf::event::slice_end, lane);
  if (!remark.empty()) {
    const std::size_t annotation = writer_.open(pf::event::debug_annotations);
    writer_.bytes(pf::annotation::name, remark);
    writer_.boolean(pf::annotation::bool_value, true);
    writer_.close(annotation);
  }
  close_event();
}

void PerfettoSink::refuse(const Lane& lane, const Event& event) const {
  std::string what = "at " + format_seconds(event.time, 12) + " s " + std::string{info(event.kind).name} + " of job " +
                     std::to_string(event.job) + " on track '" + tracks_.name_of(lane.id) +
                     "' does not end the innermost open slice; open, outermost first:";
  for (const OpenSlice& open : lane.open) {
    what += " " + std::string{info(open.begun_by).name} + " of job " + std::to_string(open.job) + ";";
  }
  if (lane.open.empty()) what += " none;";
  what.pop_back();
  violate("perfetto_nesting", what);
}

void PerfettoSink::finish(SimTime end, std::string_view result) {
  flush_moment(std::max(end, now_));
  tick_ = tick_of(now_);
  for (Lane& lane : tracks_.all()) {
    while (!lane.open.empty()) pop(lane, "still running");
  }
  ftrace_.finish();
  if (!result.empty()) write_processes(result);
  buffer_.write_to(out_);
}

}  // namespace gpusim::trace
