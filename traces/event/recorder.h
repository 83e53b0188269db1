// SPDX-License-Identifier: MIT
// The one place where events are made. It stamps the time, folds the event into the trace hash, and hands it to the
// listeners of its kind: oracles and statistics always, sinks when there are any. Statistics are folded from events, so
// models keep no counters. The exception is os::HostCounters, for what is no event (steps, locks).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/hash.h"
#include "base/timeline.h"
#include "traces/event/event.h"
#include "traces/event/make.h"

namespace gpusim::trace {

/// Receives each event of the kinds it asked for, in order of time and emission. Must not touch the model.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual void on_event(const Event& event) = 0;
};

/// A listener of one kind, without a virtual call: `call(object, event)`. See handlers.h.
struct Handler {
  void* object;
  void (*call)(void* object, const Event& event);
};

class Recorder {
 public:
  explicit Recorder(const Timeline& timeline) : timeline_{timeline} {}
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  /// `event.time` is set here. Listeners are called in the order in which they were attached.
  void emit(Event event) { emit_in_place(event); }
  /// The same without a copy: sets the time in the caller's event.
  void emit_in_place(Event& event) {
    event.time = timeline_.now();
    fold(event);
    for (const Handler& handler : handlers_[static_cast<std::size_t>(event.kind)]) handler.call(handler.object, event);
  }

  void attach(Listener& listener, const EventSet& kinds);
  void attach(EventKind kind, Handler handler) { handlers_[static_cast<std::size_t>(kind)].push_back(handler); }
  void attach_to_all(Listener& listener) { attach(listener, EventSet{}.set()); }

  [[nodiscard]] std::uint64_t hash() const { return hash_.value(); }
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] SimTime now() const { return timeline_.now(); }

 private:
  void fold(const Event& event) {
    ++count_;
    hash_.add(static_cast<std::uint64_t>(to_ps(event.time)),
              static_cast<std::uint64_t>(event.kind) | static_cast<std::uint64_t>(event.cpu) << 16 |
                  static_cast<std::uint64_t>(event.thread) << 32,
              static_cast<std::uint64_t>(event.queue) | static_cast<std::uint64_t>(event.unit) << 32, event.job,
              word(event, Slot::a), word(event, Slot::b), word(event, Slot::c), count_);
  }

  const Timeline& timeline_;
  RecordHash hash_;
  std::uint64_t count_ = 0;
  std::array<std::vector<Handler>, kEventKindCount> handlers_;
};

/// A set from a list of kinds: events({EventKind::job_start, EventKind::job_end}).
[[nodiscard]] inline EventSet events(std::initializer_list<EventKind> kinds) {
  EventSet set;
  for (const EventKind kind : kinds) set.set(static_cast<std::size_t>(kind));
  return set;
}

}  // namespace gpusim::trace
