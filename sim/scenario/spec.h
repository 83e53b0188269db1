// SPDX-License-Identifier: MIT
// A scenario after loading and checking: everything a run needs, plain data, no file names left to open.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "host_driver/spec.h"
#include "os/spec.h"
#include "scheduler/dep/spec.h"
#include "scheduler/drm_sched/spec.h"
#include "scheduler/jobqueue/spec.h"
#include "scheduler/orchestrator/spec.h"
#include "sim/fault/spec.h"
#include "sim/hw/spec.h"
#include "sim/scenario/expectations.h"
#include "sim/workload/spec.h"

namespace gpusim::scenario {

/// `direct`: none, queues are mapped into their clients (docs/direct.md).
enum class Component : std::uint8_t { drm_dep, drm_sched, jobqueue, direct };

/// Default-constructed: the default machine without clients. Each default stands here or in the spec of its part, and
/// nowhere else; defaults.h has them with the parameter of each Cost.
struct ScenarioSpec {
  std::string name;
  std::string description;
  std::uint64_t seed = 1;
  std::optional<Picoseconds> stop_after;  ///< simulated time; empty: when every client is done
  Component component = Component::drm_dep;
  sched::drm::Kernel kernel = sched::drm::Kernel::v7_3;
  sched::drm::Policy policy = sched::drm::Policy::fifo;
  sched::drm::Minimum minimum = sched::drm::Minimum::leftmost;
  std::uint32_t num_rqs = 1;  ///< drm_sched's run queues: 1..4
  bool pause_submit_race = false;
  sched::Costs costs;  ///< of the component's steps, whichever it is
  sched::FenceCosts fence_costs{.init = {ns(23)}, .signal = {ns(31)}, .add_callback = {ns(23)}};
  Picoseconds job_timeout{ms(5000)};  ///< of a job on the hardware; 0: never
  sched::dep::Policy dep;
  sched::jq::Options jobqueue;
  sched::orch::Spec orchestrator;
  drv::DirectSpec direct;
  hw::DeviceSpec device;
  drv::DriverSpec driver;
  os::HostSpec host;
  fault::FaultSpec fault;
  workload::ShareSpec share;
  std::vector<workload::ClientSpec> clients;
  std::vector<std::string> plug_in_files;  ///< as they are given
  std::vector<std::string> plug_ins;       ///< what was loaded: name, version, file and its hash
  std::vector<Expectation> expectations;   ///< what `gpusim check` asks of a run
  bool traces_decisions = false;           ///< the firmware's picks are events, too
  bool is_explored = false;                ///< it was loaded for an exploration
  bool asks_for_timeout = false;           ///< scheduler.timeout is given by the scenario or by an option
  bool asks_for_preempt_timeout = false;   ///< and so is device.preempt_timeout
  std::vector<std::string> notices;        ///< accepted but not modelled; shown once in the summary
};

/// The component is a JobQueue of this shape.
[[nodiscard]] constexpr bool is_jobqueue(const ScenarioSpec& spec, sched::jq::Shape shape) {
  return spec.component == Component::jobqueue && spec.jobqueue.shape == shape;
}

/// Nothing ends a job on the hardware that takes too long.
[[nodiscard]] constexpr bool has_no_timeout(const ScenarioSpec& spec) {
  return is_jobqueue(spec, sched::jq::Shape::counter) || spec.component == Component::direct;
}

/// scheduler.timeout, if the component has one.
[[nodiscard]] constexpr Picoseconds timeout_of(const ScenarioSpec& spec) {
  return has_no_timeout(spec) ? Picoseconds{0} : spec.job_timeout;
}

/// The driver counts for each queue, instead of the component.
[[nodiscard]] constexpr bool has_driver_timers(const ScenarioSpec& spec) {
  return spec.component != Component::direct && spec.driver.rings == drv::Rings::own &&
         drv::is_counted_by_driver(spec.driver.timeout_clock);
}

/// timeout_of(), as far as the component counts it.
[[nodiscard]] constexpr Picoseconds component_timeout(const ScenarioSpec& spec) {
  return has_driver_timers(spec) ? Picoseconds{0} : timeout_of(spec);
}

/// driver.timeout_stuck, which belongs to the clock on_engine.
[[nodiscard]] constexpr bool blames_what_stands_still(const drv::DriverSpec& driver) {
  return driver.timeout_stuck && driver.timeout_clock == drv::TimeoutClock::on_engine;
}

}  // namespace gpusim::scenario
