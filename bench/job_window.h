// SPDX-License-Identifier: MIT
// Time and allocations from one finished exec to another, so that building a machine, making its queues and
// tearing them down are not part of a job's cost. One more listener on one event a job: about 2 ns.
#pragma once

#include <cstdint>

#include "bench/clock.h"
#include "bench/memory_count.h"
#include "sim/system/simulation.h"
#include "traces/event/recorder.h"

namespace gpusim::bench {

class JobWindow final : public trace::Listener {
 public:
  /// From the end of exec number `first` to that of number `last` > first, counted from 1.
  JobWindow(std::uint64_t first, std::uint64_t last) : first_{first}, last_{last} {}

  void attach_to(trace::Recorder& recorder) {
    recorder_ = &recorder;
    recorder.attach(*this, trace::events({trace::EventKind::exec_end}));
  }

  void on_event(const trace::Event&) override {
    ++seen_;
    if (seen_ == first_) begin_ = now();
    if (seen_ == last_) end_ = now();
  }

  // After a run that came to `last` execs.
  [[nodiscard]] double seconds() const { return end_.time - begin_.time; }
  [[nodiscard]] double jobs() const { return static_cast<double>(last_ - first_); }
  [[nodiscard]] double jobs_per_second() const { return jobs() / seconds(); }
  [[nodiscard]] double ns_per_job() const { return seconds() * 1e9 / jobs(); }
  [[nodiscard]] double events_per_job() const { return static_cast<double>(end_.events - begin_.events) / jobs(); }
  [[nodiscard]] double ns_per_event() const { return ns_per_job() / events_per_job(); }
  [[nodiscard]] double allocations_per_job() const {
    return static_cast<double>(end_.memory.allocations - begin_.memory.allocations) / jobs();
  }
  [[nodiscard]] double bytes_kept_per_job() const {
    return static_cast<double>(end_.memory.live_bytes - begin_.memory.live_bytes) / jobs();
  }

 private:
  struct Moment {
    double time = 0;
    std::uint64_t events = 0;
    MemoryCount memory;
  };
  [[nodiscard]] Moment now() const { return {clock_seconds(), recorder_->count(), memory_count()}; }

  std::uint64_t first_;
  std::uint64_t last_;
  std::uint64_t seen_ = 0;
  const trace::Recorder* recorder_ = nullptr;
  Moment begin_;
  Moment end_;
};

/// Throws std::runtime_error unless the run came to its end: a benchmark of a broken run says nothing.
void expect_finished(const system::RunResult& result);

/// Runs a scenario with everything that is always on.
[[nodiscard]] JobWindow run_window(const scenario::ScenarioSpec& spec, std::uint64_t first, std::uint64_t last);

}  // namespace gpusim::bench
