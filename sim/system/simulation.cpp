// SPDX-License-Identifier: MIT
#include "sim/system/simulation.h"

#include "traces/event/handlers.h"

namespace gpusim::system {

/// Passes the credit limit of each new queue to the oracles.
class Simulation::QueueLimits final {
 public:
  QueueLimits(trace::OracleSet& oracles, std::uint32_t limit) : oracles_{oracles}, limit_{limit} {}
  void on(const trace::queue_create& event) { oracles_.on_queue_limit(event.queue, limit_); }

 private:
  trace::OracleSet& oracles_;
  std::uint32_t limit_;
};

Simulation::Simulation(const scenario::ScenarioSpec& spec, const MachineOptions& options)
    : spec_{spec},
      machine_{spec_, options},
      folds_{options.exploration == nullptr},
      oracles_{machine_.names()},
      limits_{std::make_unique<QueueLimits>(oracles_, machine_.credit_limit())} {
  trace::Recorder& recorder = machine_.recorder();
  trace::attach_handlers(*limits_, recorder);
  oracles_.on_slot_count(spec_.device.descriptor.slots);
  oracles_.on_timeout(spec_.job_timeout);
  if (!spec_.dep.kill_waits_for_dependencies) oracles_.allow_early_kills();
  // Explorations disturb by milliseconds.
  if (options.exploration != nullptr && spec_.job_timeout >= ms(1'000)) oracles_.forbid_lone_timeouts();
  oracles_.attach_to(recorder);
  if (!folds_) return;
  milestones_.attach_to(recorder);
  milestones_.add_listener(statistics_);
  statistics_.attach_to(recorder);
}

Simulation::~Simulation() = default;

RunResult Simulation::run(const Machine::Poll& poll) {
  RunResult result = machine_.run(poll);
  if (folds_) {
    const auto unfinished = milestones_.finish(result.end);
    statistics_.finish(unfinished.size(), milestones_.engine_times(result.end));
  }
  oracles_.finish(result.end, result.outcome == Outcome::finished);
  if (result.outcome == Outcome::finished) machine_.check_released();
  return result;
}

trace::RunInfo Simulation::info(const RunResult& result) const {
  trace::RunInfo info;
  info.scenario = spec_.name;
  info.seed = spec_.seed;
  info.trace_hash = machine_.recorder().hash();
  info.events = machine_.recorder().count();
  info.end = result.end;
  info.outcome = result.outcome;
  info.notices = spec_.notices;
  return info;
}

}  // namespace gpusim::system
