// SPDX-License-Identifier: MIT
// Connects the driver to the submission component that the scenario asks for: the only place that knows both.
#pragma once

#include <cstddef>
#include <memory>

#include "base/actor.h"
#include "host_driver/queue_factory.h"
#include "os/host.h"
#include "scheduler/fence.h"
#include "sim/scenario/spec.h"

namespace gpusim::system {

class ComponentFactory : public drv::QueueFactory {
 public:
  [[nodiscard]] virtual std::size_t live_queues() const = 0;
  /// What outlives the queues has nothing to do.
  [[nodiscard]] virtual bool is_idle() const { return true; }
  /// Violates "reference_counts" if anything of it is still in use.
  virtual void check_released() const = 0;
  /// Explorations keep released objects, to detect late touches.
  virtual void quarantine(const ActorBoard& actors) = 0;
};

/// All outlive it.
[[nodiscard]] std::unique_ptr<ComponentFactory> make_component_factory(os::Host& host, sched::FenceArena& fences,
                                                                       const scenario::ScenarioSpec& spec);

}  // namespace gpusim::system
