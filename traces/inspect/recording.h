// SPDX-License-Identifier: MIT
// A run that one can ask: all its events and the names behind their numbers, from a simulation or from a file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "traces/event/names.h"
#include "traces/event/recorder.h"

namespace gpusim::trace {

struct Recording {
  std::string title;    ///< what was run, for the reader: "quickstart, seed 1"
  std::string build;    ///< of gpusim that wrote it; empty: this one, or an old one
  std::string cut_off;  ///< why the run ended before it was over; empty: it did not
  std::vector<Event> events;
  Names names;
  SimTime end{};
  std::uint64_t hash = 0;
};

/// Keeps every event: 56 bytes each.
class EventKeeper final : public Listener {
 public:
  void on_event(const Event& event) override { events.push_back(event); }
  std::vector<Event> events;
};

}  // namespace gpusim::trace
