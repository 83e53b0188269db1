// SPDX-License-Identifier: MIT
// The events of one moment, put into an order in which slices nest.
//
// Events of equal time come in the order in which they happened in the model, and that is not always an order of
// slices: an engine may begin to fetch job 2 in the picosecond in which job 1 ends, before the end of job 1 is
// reported. Drawn as they came, the fetch would lie inside of job 1's slice and the end would find the wrong slice on
// top:
//
//   as they came     fetch 2, end 1     1 [      2 [  ] 1?        does not nest
//   put in order     end 1, fetch 2     1 [ ] 2 [                 what happened
//
// So an end moves forward, before the begins of its track that would otherwise lie on top of its slice: those of this
// moment that are not closed again before it. It never passes its own begin, and it stays where it is if its slice is
// open neither from this moment nor from before: then nothing that is moved would help. Events of other tracks, and
// instants, keep their places relative to each other.
#pragma once

#include <vector>

#include "traces/event/event.h"
#include "traces/sinks/perfetto/tracks.h"

namespace gpusim::trace {

class Moment {
 public:
  void add(const Event& event) { events_.push_back(event); }

  /// `tracks`: what is open from earlier moments.
  void put_in_order(const PerfettoTracks& tracks);

  [[nodiscard]] const std::vector<Event>& events() const { return events_; }
  void clear() { events_.clear(); }

 private:
  void move_end_forward(std::size_t end, const PerfettoTracks& tracks);

  std::vector<Event> events_;
};

}  // namespace gpusim::trace
