// SPDX-License-Identifier: MIT
#include "traces/sinks/perfetto/moment.h"

#include <algorithm>
#include <array>

#include "traces/event/event_table.h"

namespace gpusim::trace {
namespace {

/// The columns of the event table that matter here, close together.
struct Drawing {
  Track track = Track::none;
  Draw draw = Draw::none;
  Slice slice = Slice::none;
  bool of_one_job = false;
  bool (*drawn_if)(const Event&) = nullptr;
};

constexpr std::array<Drawing, kEventKindCount> kDrawings = [] {
  std::array<Drawing, kEventKindCount> result;
  for (std::size_t i = 0; i < result.size(); ++i) {
    const EventInfo& row = kEventTable[i];
    result[i] = {row.track, row.draw, row.slice, info(row.slice).of_one_job, row.drawn_if};
  }
  return result;
}();

const Drawing& drawing(const Event& event) { return kDrawings[static_cast<std::size_t>(event.kind)]; }

bool is_end(const Event& event) {
  const Drawing& how = drawing(event);
  return how.draw == Draw::end && (how.drawn_if == nullptr || how.drawn_if(event));
}

}  // namespace

void Moment::put_in_order(const PerfettoTracks& tracks) {
  for (std::size_t i = 1; i < events_.size(); ++i) {
    if (is_end(events_[i])) move_end_forward(i, tracks);
  }
}

void Moment::move_end_forward(std::size_t end, const PerfettoTracks& tracks) {
  const Event& event = events_[end];
  const Drawing& how = drawing(event);
  const LaneId lane = PerfettoTracks::place(event, how.track);
  const auto is_own = [&](Slice slice, std::uint64_t job) {
    return slice == how.slice && (!how.of_one_job || job == event.job);
  };

  // Backwards: the foremost begin that lies on top of the end's own slice. An end on the way closes the begin before
  // it.
  std::size_t target = end;
  std::size_t closed = 0;
  bool begins_here = false;
  for (std::size_t i = end; i-- > 0 && !begins_here;) {
    const Drawing& other = drawing(events_[i]);
    if (other.draw == Draw::none || PerfettoTracks::place(events_[i], other.track) != lane) continue;
    if (other.draw == Draw::end) {
      ++closed;
    } else if (other.draw == Draw::begin && closed > 0) {
      --closed;
    } else if (other.draw == Draw::begin || other.draw == Draw::swap) {
      begins_here = other.draw == Draw::begin && is_own(other.slice, events_[i].job);
      if (!begins_here) target = i;
    }
  }
  if (target == end) return;
  if (!begins_here) {
    const Lane* known = tracks.find(lane);
    const auto opens_it = [&](const OpenSlice& open) { return is_own(open.slice, open.job); };
    if (known == nullptr || std::none_of(known->open.begin(), known->open.end(), opens_it)) return;
  }
  const auto at = [&](std::size_t i) { return events_.begin() + static_cast<std::ptrdiff_t>(i); };
  std::rotate(at(target), at(end), at(end + 1));
}

}  // namespace gpusim::trace
