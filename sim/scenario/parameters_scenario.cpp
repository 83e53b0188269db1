// SPDX-License-Identifier: MIT
// Top level, [use], [stop], [fault] and [scheduler].
#include "sim/scenario/parameter_rows.h"
#include "sim/scenario/parameter_table.h"

namespace gpusim::scenario {

namespace {

using sched::dep::Costs;
using trace::Cause;

// Presets are read before anything is stored.
void store_nothing(const Target& /*target*/, const Parameter& /*parameter*/, const Value& /*value*/) {}

[[nodiscard]] Parameter preset(std::string_view path, std::string_view doc) {
  return {.path = path, .type = Type::text, .store = &store_nothing, .doc = doc};
}

template <Cost Costs::* Field>
[[nodiscard]] Parameter cost(std::string_view path, std::int64_t fallback, std::string_view doc) {
  return rows::duration<&ScenarioSpec::dep_costs, Field>(path, fallback, Unit::ns, doc);
}

}  // namespace

std::vector<Parameter> scenario_rows() {
  return {
      rows::text<&ScenarioSpec::name>("name", "",
                                      "Shown in summaries. Left out: the file's name without its extension."),
      rows::text<&ScenarioSpec::description>("description", "", "What the scenario shows."),
      rows::integer<&ScenarioSpec::seed>("seed", 1, 0, INT64_MAX,
                                         "Of all random draws; each component has its own stream."),
      preset("use.device",
             "Device preset, see \"Presets\". Left out: the built-in defaults, which are the preset 'default'."),
      preset("use.driver", "Driver preset."),
      preset("use.host", "Host preset."),
      rows::duration<&ScenarioSpec::stop_after>(
          "stop.after", 0, Unit::ms,
          "Simulated time at which the run ends, with clients unfinished or not. 0: when all are done."),
      rows::integer<&ScenarioSpec::fault, &fault::FaultSpec::lost_interrupt>(
          "fault.lost_interrupt", 0, 0, INT64_MAX,
          "The n-th completion interrupt that the device raises gets lost, counted from 1. 0: none."),
      rows::integer<&ScenarioSpec::fault, &fault::FaultSpec::lost_doorbell>(
          "fault.lost_doorbell", 0, 0, INT64_MAX,
          "The n-th doorbell that arrives at the device gets lost, counted from 1. 0: none."),
      rows::choice<&ScenarioSpec::component>("scheduler.component", {"drm_dep"}, Component::drm_dep,
                                             "The submission component."),
      cost<&Costs::job_init>("scheduler.job_init", 300, "Initialising a job: allocation, references.")
          .from('E', "an allocation and a few atomics")
          .in(Cause::syscall),
      cost<&Costs::add_dependency>("scheduler.add_dependency", 100,
                                   "Adding one dependency to a job, with the search for its fence context.")
          .from('E', "a short list walked under no lock")
          .in(Cause::syscall),
      cost<&Costs::arm>("scheduler.arm", 100, "Arming a job: its fence gets its number.")
          .from('E', "a few atomics")
          .in(Cause::syscall),
      cost<&Costs::push>("scheduler.push", 100, "Pushing a job, without what it wakes.")
          .from('E', "one enqueue without a lock")
          .in(Cause::syscall),
      cost<&Costs::worker_pass>("scheduler.worker_pass", 100, "Submit worker: one look at the queue's head.")
          .from('E', "a few loads and branches")
          .in(Cause::host_worker),
      cost<&Costs::dispatch>("scheduler.dispatch", 200,
                             "Submit worker: from a runnable head to the call of run_job, and the clean-up after it.")
          .from('E', "list and reference operations under one lock")
          .in(Cause::host_worker),
      cost<&Costs::done>("scheduler.done", 200, "Completing one job, without its locks and wake-ups.")
          .from('E', "list and reference operations")
          .in(Cause::completion),
      cost<&Costs::put>("scheduler.put", 300, "Put worker: releasing one job.").from('E', "a free and a few atomics"),
  };
}

}  // namespace gpusim::scenario
