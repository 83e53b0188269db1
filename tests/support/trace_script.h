// SPDX-License-Identifier: MIT
// Hand-made traces for the tests of folds: events are put in with a time in nanoseconds and go through a real Recorder
// to whoever is attached; all are kept, too. Engine, slot and vector numbers go into `unit`.
#pragma once

#include <cstdint>
#include <vector>

#include "base/timeline.h"
#include "traces/event/recorder.h"
#include "traces/folds/job_life.h"

namespace gpusim::trace {

class TraceScript {
 public:
  TraceScript() { recorder.attach_to_all(keeper_); }

  /// All later events happen at `nanoseconds`; never goes back.
  TraceScript& at_ns(std::int64_t nanoseconds) {
    timeline_.run_until(at(ns(nanoseconds)));
    return *this;
  }
  TraceScript& put(EventKind kind, const Event& fields = {}) {
    Event event = fields;
    event.kind = kind;
    recorder.emit(event);
    return *this;
  }
  /// One event of a job on queue `queue`.
  TraceScript& put(EventKind kind, std::uint64_t job, std::uint64_t a = 0, std::uint64_t b = 0, std::uint64_t c = 0) {
    return put(kind, Event{.queue = queue, .job = job, .a = a, .b = b, .c = c});
  }
  /// The same with an engine, vector, slot or doorbell.
  TraceScript& put_on(std::uint32_t unit, EventKind kind, std::uint64_t job = 0, std::uint64_t a = 0,
                      std::uint64_t b = 0, std::uint64_t c = 0) {
    return put(kind, Event{.queue = queue, .unit = unit, .job = job, .a = a, .b = b, .c = c});
  }
  TraceScript& on_queue(std::uint32_t number) {
    queue = number;
    return *this;
  }

  [[nodiscard]] SimTime now() const { return timeline_.now(); }
  [[nodiscard]] const std::vector<Event>& kept() const { return keeper_.events; }

 private:
  struct Keeper final : Listener {
    void on_event(const Event& event) override { events.push_back(event); }
    std::vector<Event> events;
  };
  Timeline timeline_;
  Keeper keeper_;

 public:
  Recorder recorder{timeline_};
  std::uint32_t queue = 1;
};

/// Keeps each life that ends.
struct KeptLives final : JobLifeListener {
  void on_job_life(const JobLife& life) override { lives.push_back(life); }
  std::vector<JobLife> lives;
};

}  // namespace gpusim::trace
