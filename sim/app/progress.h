// SPDX-License-Identifier: MIT
// What the program does in real time while a simulation runs: a progress line on a terminal, and the wish to stop.
// The simulation asks now and then.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/time.h"
#include "sim/app/terminal_line.h"
#include "sim/scenario/spec.h"
#include "traces/event/recorder.h"

namespace gpusim::app {

/// Jobs that the clients of a scenario will submit, where that is known beforehand; 0: not known.
[[nodiscard]] std::uint64_t expected_jobs(const scenario::ScenarioSpec& spec);

/// How far a simulation has come, on stderr.
class ProgressLine final : public trace::Listener {
 public:
  /// `wanted`: draw it, if stderr is a terminal, or with --progress.
  ProgressLine(const scenario::ScenarioSpec& spec, bool wanted);

  void attach_to(trace::Recorder& recorder);
  void on_event(const trace::Event& event) override;

  /// Draws if a tenth of a second has passed.
  void show(SimTime now);
  void clear() { line_.clear(); }

 private:
  void draw(SimTime now);

  std::uint64_t expected_;
  SimTime stop_at_;
  TerminalLine line_;
  std::uint64_t jobs_ = 0;
  std::int64_t started_ns_;
  std::int64_t last_draw_ns_ = 0;
};

class Progress {
 public:
  /// As ProgressLine. SIGINT and SIGTERM are taken over until destruction.
  Progress(const scenario::ScenarioSpec& spec, bool wanted);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void attach_to(trace::Recorder& recorder) { line_.attach_to(recorder); }

  /// Shows the line; true if the user wants the run to end.
  [[nodiscard]] bool poll(SimTime now);
  /// Removes the line.
  void clear() { line_.clear(); }

 private:
  struct RealTime;

  ProgressLine line_;
  std::unique_ptr<RealTime> real_time_;
};

/// Monotonic wall clock of the machine that simulates; never part of a result.
[[nodiscard]] std::int64_t wall_ns();
/// "12.345 ms"
[[nodiscard]] inline std::string wall_text(std::int64_t nanoseconds) { return format_duration(ns(nanoseconds)); }

}  // namespace gpusim::app
