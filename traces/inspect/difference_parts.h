// SPDX-License-Identifier: MIT
// What a page about two runs and its JSON both say of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "traces/inspect/alignment.h"

namespace gpusim::trace {

/// In every event, and in when they end.
[[nodiscard]] bool are_same(const RunSide& a, const RunSide& b, const Alignment& alignment);

/// Lines of trace.txt around the first events that differ.
struct FirstLines {
  std::vector<std::string> before;  ///< the last ones that are in both
  std::vector<std::string> a;       ///< from the first that differs on
  std::vector<std::string> b;
};
/// Pre: there is a first event that differs.
[[nodiscard]] FirstLines first_lines(const RunSide& a, const RunSide& b, const Alignment& alignment);

/// Null if the run has ended by then.
[[nodiscard]] inline const Event* event_at(const RunSide& side, std::uint32_t index) {
  return index < side.recording.events.size() ? &side.recording.events[index] : nullptr;
}

/// What the event's job waited for before it, or the oldest job of its queue, if it is about none.
[[nodiscard]] std::string cause_before(const RunSide& side, const Event& event);

/// What an event of a place is about.
[[nodiscard]] std::string subject_of(const RunSide& side, const Event& event);

/// Events of a kind that only one of the runs has.
struct KindCount {
  EventKind kind{};
  std::uint64_t a = 0;
  std::uint64_t b = 0;
};
/// Most first; kinds of which there are none are left out.
[[nodiscard]] std::vector<KindCount> kinds_of_one_run(const RunSide& a, const RunSide& b, const Alignment& alignment);

}  // namespace gpusim::trace
