// SPDX-License-Identifier: MIT
// Hand-made traces for the tests of folds: events are put in with a time in nanoseconds and go through a real Recorder
// to all that are attached; they are kept, too.
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
  /// One event now; without a queue of its own it is of the queue of on_queue().
  template <class Kind>
  TraceScript& put(Kind event) {
    if constexpr (requires { event.queue; }) {
      if (event.queue == QueueId{}) event.queue = QueueId{queue};
    }
    recorder.emit(event);
    return *this;
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
