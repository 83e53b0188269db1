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
    rule.track = row.track;
    rule.draw = row.draw;
    rule.slice = slice_of(row.kind);
    rule.level = options.counters ? level_of(row.kind) : Level::none;
    rule.flow = row.flow;
    rule.last_step = row.kind == EventKind::dma_fence_wait_end;
    rule.category_iid = static_cast<std::uint64_t>(row.category) + 1;
    rule.label = Template{row.label.empty() ? row.name : row.label};
    rule.name = Template{row.name};
    rule.names_job = rule.label.names_job();
    const bool closes = row.draw == Draw::begin || row.draw == Draw::end || row.draw == Draw::swap;
    if (closes && rule.slice == Slice::none) {
      violate("perfetto_table", std::string{row.name} + " is drawn as a slice that perfetto_slices.h does not know");
    }
    if (row.draw != Draw::none || rule.level != Level::none) wanted_.set(static_cast<std::size_t>(row.kind));
  }
}

PerfettoSink::Level PerfettoSink::level_of(EventKind kind) {
  switch (kind) {
    case EventKind::drm_sched_job_run:
    case EventKind::credit_returned:
      return Level::credits;
    case EventKind::ring_write:
      return Level::ring_fill;
    default:
      return Level::none;
  }
}

/// Returned credits end a wait only if the head was waiting for them.
bool PerfettoSink::is_drawn(const Event& event) { return event.kind != EventKind::credit_returned || event.c == 1; }

void PerfettoSink::flush_moment(SimTime next) {
  if (!started_) write_preamble();
  started_ = true;
  tick_ = tick_of(moment_);
  if (pending_.size() > 1) order_moment();
  try {
    for (const Event& event : pending_) draw(event);
  } catch (...) {
    pending_.clear();  // finish() can still write what was good
    throw;
  }
  pending_.clear();
  moment_ = next;
  if (buffer_.size() >= ByteBuffer::kWriteSize) buffer_.write_to(out_);
}

std::uint64_t PerfettoSink::tick_of(SimTime time) const {
  const auto count = static_cast<std::uint64_t>(to_ps(time));
  // A division by a constant is a multiplication.
  return options_.trace_time_scale == kUsualTimeScale ? count / static_cast<std::uint64_t>(kUsualTimeScale)
                                                      : count / static_cast<std::uint64_t>(options_.trace_time_scale);
}

void PerfettoSink::order_moment() {
  for (std::size_t i = 1; i < pending_.size(); ++i) {
    if (rule(pending_[i]).draw == Draw::end && is_drawn(pending_[i])) move_end_forward(i);
  }
}

/// Moves an end before begins of the same moment and track that came too early: those that are still open there and
/// that it does not belong to.
void PerfettoSink::move_end_forward(std::size_t end) {
  const LaneId place = PerfettoTracks::place(pending_[end], rule(pending_[end]).track);
  const Slice slice = rule(pending_[end]).slice;
  std::size_t target = end;
  std::size_t closed = 0;
  bool is_own = false;
  for (std::size_t i = end; i-- > 0 && !is_own;) {
    const Rule& other = rule(pending_[i]);
    if (other.draw == Draw::none || PerfettoTracks::place(pending_[i], other.track) != place) continue;
    if (other.draw == Draw::end) {
      ++closed;
    } else if (other.draw == Draw::begin && closed > 0) {
      --closed;
    } else if (other.draw == Draw::begin || other.draw == Draw::swap) {
      const bool same_job = !needs_same_job(slice) || pending_[i].job == pending_[end].job;
      is_own = other.draw == Draw::begin && other.slice == slice && same_job;
      if (!is_own) target = i;
    }
  }
  if (target == end) return;
  if (!is_own) {
    const Lane* lane = tracks_.find(place);
    const auto is_its = [&](const OpenSlice& open) {
      return open.slice == slice && (!needs_same_job(slice) || open.job == pending_[end].job);
    };
    if (lane == nullptr || std::none_of(lane->open.begin(), lane->open.end(), is_its)) return;
  }
  const auto at = [&](std::size_t i) { return pending_.begin() + static_cast<std::ptrdiff_t>(i); };
  std::rotate(at(target), at(end), at(end + 1));
}

void PerfettoSink::draw(const Event& event) {
  const Rule& how = rule(event);
  if (how.level != Level::none) draw_level(event);
  if (how.draw == Draw::none || !is_drawn(event)) return;
  if (event.kind == EventKind::drm_sched_job_run || event.kind == EventKind::queue_destroyed) {
    close_head_wait(event.queue);
  }
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
      draw_swap(lane, event);
      break;
    case Draw::clear:
      while (!lane.open.empty()) pop(lane, "cut off");
      break;
  }
}

void PerfettoSink::draw_begin(Lane& lane, const Event& event) {
  while (!lane.open.empty() && ends_implicitly(lane.open.back().slice, event.kind)) {
    const OpenSlice& open = lane.open.back();
    if (open.begun_by == event.kind && open.job == event.job && open.slice == Slice::head_wait &&
        event.kind == EventKind::credit_blocked) {
      return;  // the submit worker checked again: the same wait goes on
    }
    pop(lane, remark_on(open.slice));
  }
  write_named(pf::event::slice_begin, lane, event);
  lane.open.push_back({event.kind, rule(event).slice, event.job});
}

void PerfettoSink::draw_end(Lane& lane, const Event& event) {
  const Rule& how = rule(event);
  while (!lane.open.empty() && lane.open.back().slice != how.slice &&
         ends_implicitly(lane.open.back().slice, event.kind)) {
    pop(lane, remark_on(lane.open.back().slice));
  }
  const bool matches = !lane.open.empty() && lane.open.back().slice == how.slice &&
                       (!needs_same_job(how.slice) || lane.open.back().job == event.job);
  if (!matches) {
    if (!end_is_optional(how.slice)) refuse(lane, event);
    if (!info(event.kind).label.empty()) write_named(pf::event::instant, lane, event);
    return;
  }
  lane.open.pop_back();
  open_event(pf::event::slice_end, lane);
  close_event();
  // An arrow to the slice would point at its begin, before the flow's last step.
  if (how.last_step && event.job != 0) write_named(pf::event::instant, lane, event);
}

/// The slice that the last event of this kind began ends; another begins unless b is 0.
void PerfettoSink::draw_swap(Lane& lane, const Event& event) {
  const Slice slice = rule(event).slice;
  if (!lane.open.empty()) {
    if (lane.open.back().slice != slice) refuse(lane, event);
    pop(lane, "");
  }
  if (event.b == 0) return;
  write_named(pf::event::slice_begin, lane, event);
  lane.open.push_back({event.kind, slice, event.job});
}

void PerfettoSink::draw_level(const Event& event) {
  const Level level = rule(event).level;
  std::uint64_t value = event.c - event.b;  // ring_write: capacity - free
  if (event.kind == EventKind::drm_sched_job_run) value = event.c & 0xffff'ffffU;
  if (event.kind == EventKind::credit_returned) value = event.b;
  const LaneKind kind = level == Level::credits ? LaneKind::credits : LaneKind::ring_fill;
  const Lane& lane = tracks_.lane({kind, event.queue});
  open_event(pf::event::counter, lane);
  writer_.varint(pf::event::counter_value, value);
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

void PerfettoSink::finish(SimTime end) {
  flush_moment(std::max(end, moment_));
  tick_ = tick_of(moment_);
  for (Lane& lane : tracks_.all()) {
    while (!lane.open.empty()) pop(lane, "still running");
  }
  ftrace_.finish();
  buffer_.write_to(out_);
}

}  // namespace gpusim::trace
