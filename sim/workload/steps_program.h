// SPDX-License-Identifier: MIT
// The syntax tree of a step program: what a client of the workload "steps" does, one step after the other, loop after
// loop, with buffers, timelines and fences that the scenario names and all clients share. docs/steps.md is the
// language. A program returned by parse_steps() is checked: names exist, and points fit their kind.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "host_driver/uapi.h"
#include "sim/workload/placement.h"
#include "sim/workload/transfer_spec.h"

namespace gpusim::workload {

/// What clients share, by name. Constant during a run.
struct ShareSpec {
  std::vector<std::string> buffers;
  std::vector<std::string> timelines;
  std::vector<std::string> fences;  ///< binary syncobjs

  /// By PointRef::syncobj.
  [[nodiscard]] const std::string& syncobj_name(std::uint32_t number) const {
    return number < timelines.size() ? timelines[number] : fences[number - timelines.size()];
  }
};

/// `drawn:2i-1`, or `ready`: a point of a timeline, which may rise with the loop, or a fence.
struct PointRef {
  std::uint32_t syncobj = 0;  ///< timelines first, then fences, as in ShareSpec
  bool is_fence = false;
  std::int64_t per_loop = 0;
  std::int64_t offset = 0;

  /// In loop `loop`, from 1. At or below 0: reached from the start.
  [[nodiscard]] std::int64_t at(std::int64_t loop) const { return per_loop * loop + offset; }
};

struct StepUse {
  std::uint32_t buffer = 0;
  sched::Usage usage = sched::Usage::read;
};

/// One more job of a gang.
struct StepMember {
  EngineChoice engine;
  Work work;
};

/// `submit ENGINE US ...`; `gang ENGINE US ENGINE US...`, whose last one, the leader, is `engine` and `work`.
struct SubmitStep {
  EngineChoice engine;
  Work work;
  TransferSpec transfer;  ///< `upload N`, `readback N`, `copy N`; not of a gang
  std::vector<StepMember> members;
  std::vector<StepUse> uses;    ///< `read B`, `write B`, `move B`, `bookkeep B`
  std::vector<PointRef> after;  ///< `after P`
  std::vector<PointRef> signal;
  bool dont_pipeline = false;  ///< `dont-pipeline`
};

/// `wait P...`, `wait-any P...`, `available P...`, `poll P...`, each with `within US`
struct WaitStep {
  std::vector<PointRef> points;
  drv::WaitFor wait_for = drv::WaitFor::signalled;
  bool all = true;
  bool by_eventfd = false;
  std::optional<Picoseconds> within;
};

/// `signal P`: by the CPU.
struct SignalStep {
  PointRef point;
};

/// `reset F`
struct ResetStep {
  PointRef fence;
};

/// `idle B`: until all who use the buffer are done.
struct IdleStep {
  std::uint32_t buffer = 0;
};

/// `sleep US`
struct SleepStep {
  Picoseconds time{0};
};

/// `period US`: until so long after the loop's start.
struct PeriodStep {
  Picoseconds time{0};
};

/// `close`: all queues of the client, with jobs in flight.
struct CloseStep {};

using StepsStep = std::variant<SubmitStep, WaitStep, SignalStep, ResetStep, IdleStep, SleepStep, PeriodStep, CloseStep>;

struct StepsProgram {
  std::vector<StepsStep> steps;
};

/// The syncobjs that the program signals, ascending.
[[nodiscard]] std::vector<std::uint32_t> signalled_by(const StepsProgram& program);
/// Those that it waits for, ascending.
[[nodiscard]] std::vector<std::uint32_t> awaited_by(const StepsProgram& program);
/// The engines for which it has queues, in the order in which they come.
[[nodiscard]] std::vector<EngineChoice> engines_of(const StepsProgram& program);
/// The buffers that it names, ascending.
[[nodiscard]] std::vector<std::uint32_t> used_by(const StepsProgram& program);

}  // namespace gpusim::workload
