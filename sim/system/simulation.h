// SPDX-License-Identifier: MIT
// A machine with everything that is always on: oracles, milestones, statistics (explorations: oracles only). What the
// program, the tests and the benchmarks run.
#pragma once

#include <string>
#include <vector>

#include "sim/system/firmware_fold.h"
#include "sim/system/machine.h"
#include "traces/folds/device_load.h"
#include "traces/folds/milestones.h"
#include "traces/folds/statistics.h"
#include "traces/oracles/oracles.h"
#include "traces/report/summary.h"

namespace gpusim::system {

class Simulation {
 public:
  explicit Simulation(const scenario::ScenarioSpec& spec, const MachineOptions& options = {});
  ~Simulation();
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  [[nodiscard]] Machine& machine() { return machine_; }
  /// For further listeners: sinks, tests.
  [[nodiscard]] trace::Recorder& recorder() { return machine_.recorder(); }
  [[nodiscard]] trace::Milestones& milestones() { return milestones_; }

  /// Runs to the end, then the checks that only make sense there. Once. Throws InvariantViolation, as of an oracle.
  [[nodiscard]] RunResult run(const Machine::Poll& poll = {});

  /// "quickstart, seed 1"
  [[nodiscard]] std::string title() const;
  /// Which image of the firmware is executed; empty if none is.
  [[nodiscard]] std::string firmware_text() const;
  [[nodiscard]] const trace::Statistics& statistics() const { return statistics_; }
  [[nodiscard]] const trace::FirmwareProfile& firmware_profile() const { return firmware_fold_.profile(); }
  /// After the run: the lives of jobs that had not ended by then.
  [[nodiscard]] const std::vector<trace::JobLife>& unfinished() const { return unfinished_; }
  [[nodiscard]] const trace::DeviceLoad& device_load() const { return device_load_; }
  [[nodiscard]] const trace::Names& names() const { return machine_.names(); }
  /// What the reader should know of a run beside its figures, a line each: what had no effect, did not happen, did not
  /// end or was never submitted, and medians that do not say what they seem to.
  [[nodiscard]] std::vector<std::string> notices(const RunResult& result) const;
  /// Everything of a trace::RunInfo that the simulation knows.
  [[nodiscard]] trace::RunInfo info(const RunResult& result) const;

 private:
  class QueueLimits;
  [[nodiscard]] std::string faults_text() const;
  [[nodiscard]] MachineOptions with_fold(MachineOptions options);
  void note_early_ends(std::vector<std::string>& lines) const;
  void note_timeouts(std::vector<std::string>& lines) const;
  void note_refused_execs(std::vector<std::string>& lines) const;

  scenario::ScenarioSpec spec_;
  FirmwareFold firmware_fold_;
  Machine machine_;
  bool folds_;  // milestones and statistics; an exploration does without
  trace::OracleSet oracles_;
  trace::Milestones milestones_;
  trace::Statistics statistics_;
  trace::DeviceLoad device_load_;
  std::vector<trace::JobLife> unfinished_;
  std::unique_ptr<QueueLimits> limits_;
};

}  // namespace gpusim::system
