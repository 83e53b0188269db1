// SPDX-License-Identifier: MIT
// One machine: builds every part of a scenario, binds them like a schematic, runs them. Only one may live at a time in
// a process (SystemC's kernel is process-wide); several may follow each other.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/cost.h"
#include "base/time.h"
#include "os/host.h"
#include "sim/hw/firmware_debugger.h"
#include "sim/hw/firmware_turn.h"
#include "sim/hw/firmware_view.h"
#include "sim/scenario/spec.h"
#include "traces/event/names.h"
#include "traces/event/recorder.h"
#include "traces/report/outcome.h"

namespace gpusim::system {

struct Exploration;

struct MachineOptions {
  /// Order in which the parts are constructed: 0 as written, 1 reversed, n > 1 shuffled by seed n. Must not matter.
  std::uint64_t construction_order = 0;
  /// Adds a module with SystemC events and Timeline entries of its own that touches nothing else. Must not matter.
  bool idle_module = false;
  /// A checker of TLM-2.0's rules between any two sockets. Must not matter, but for what it finds.
  bool check_transactions = false;
  /// False: SystemC's kernel is stepped to every time, as a check of the look-ahead. Must not matter.
  bool look_ahead = true;
  /// What disturbs the run; nullptr: nothing. Outlives the machine.
  Exploration* exploration = nullptr;
  /// Hears of each turn of the firmware's loop; nullptr: nobody. Outlives the machine.
  hw::FirmwareTurnListener* firmware_turns = nullptr;
};

using trace::Outcome;

struct RunResult {
  Outcome outcome = Outcome::finished;
  SimTime end{};
  std::string stall_report;  ///< wait-for graph in words, when stalled
};

class Machine {
 public:
  explicit Machine(const scenario::ScenarioSpec& spec, const MachineOptions& options = {});
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  /// Where to attach sinks and folds, before run().
  [[nodiscard]] trace::Recorder& recorder();
  [[nodiscard]] const trace::Recorder& recorder() const;
  [[nodiscard]] const trace::Names& names() const;
  [[nodiscard]] const CostLedger& ledger() const;
  [[nodiscard]] const os::HostCounters& host_counters() const;
  /// Credit limit of every queue, in credits.
  [[nodiscard]] std::uint32_t credit_limit() const;

  /// Called every kPollEvery Timeline entries with the present simulated time; returning true ends the run
  /// (interrupted).
  using Poll = std::function<bool(SimTime)>;
  static constexpr std::uint64_t kPollEvery = 65'536;

  /// What the scenario asks for and this run did not do, which ended at `end`: faults, clients that never began.
  [[nodiscard]] std::vector<std::string> not_done(SimTime end) const;

  /// What unfinished clients wait for, in words, a line each.
  [[nodiscard]] std::string describe_waits() const;

  /// All that is left undone waits for points and fences that somebody else would have to submit, and nobody has.
  [[nodiscard]] bool waits_for_submitters() const;

  /// An engine executes a job that ends by itself.
  [[nodiscard]] bool is_at_work() const;

  /// The firmware's run-list as it stands; of a run that has ended, at its end.
  [[nodiscard]] hw::FirmwareView firmware_view() const;

  /// Before run(): the firmware's core stops at its reset vector and waits for the debugger, which outlives the
  /// machine. False: it is native.
  [[nodiscard]] bool attach(hw::FirmwareDebugger& debugger);

  /// Runs to the end. Throws InvariantViolation when a rule of the model is broken.
  [[nodiscard]] RunResult run(const Poll& poll = {});

  /// Violates "reference_counts" if a modelled object outlived its users. After a finished run.
  void check_released() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace gpusim::system
