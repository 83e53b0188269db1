// SPDX-License-Identifier: MIT
// One drm_dep queue between a host and a device: queue_rig.h.
#pragma once

#include "scheduler/dep/component.h"
#include "tests/support/queue_rig.h"

namespace gpusim::test {

struct DepSetup {
  sched::dep::Policy policy{};
  std::uint32_t credit_limit = 4;
  Picoseconds timeout{0};
  os::HostSpec host = small_host(4);
  sched::Costs costs = free_component();
};

class DepRig final : public QueueRig {
 public:
  explicit DepRig(const DepSetup& setup = {});

  sched::dep::Component component;
  sched::dep::Queue* queue;

 protected:
  [[nodiscard]] sched::SubmissionQueue& submission() override { return *queue; }
  void check_component_released() const override { component.check_released(); }
};

}  // namespace gpusim::test
