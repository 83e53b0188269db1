// SPDX-License-Identifier: MIT
// What a client of a .wsim program works out once, before it takes the first step: which queues there are, on which of
// them each batch goes, and how it can be preempted. Does not create anything; knows no device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "firmware/abi/device.h"
#include "sim/workload/wsim_placement.h"
#include "sim/workload/wsim_program.h"

namespace gpusim::workload {

/// Batches of one context that are placed alike share one in-order queue.
struct PlannedQueue {
  std::uint32_t context = 0;
  std::vector<WsimEngine> engines;  ///< physical ones
  bool is_virtual = false;

  bool operator==(const PlannedQueue&) const = default;
};

struct PlannedBatch {
  std::size_t queue = 0;               ///< index into WsimPlan::queues
  std::uint64_t preempt_every_ps = 0;  ///< abi::kPreemptNowhere: not at all
  bool wants_started = false;          ///< a later step has a submit fence on it
};

struct WsimPlan {
  std::vector<PlannedQueue> queues;   ///< in order of first use in the text
  std::vector<PlannedBatch> batches;  ///< by step; meaningless where the step is no batch
};

/// Precondition: a program returned by parse_wsim().
[[nodiscard]] WsimPlan plan_wsim(const WsimProgram& program);

/// The batch step to wait for before the one at `step` under throttle `distance` >= 1: so many steps earlier, or the
/// nearest batch before that, across the start of the loop. Precondition: `step` is a batch.
[[nodiscard]] std::size_t throttle_target(const WsimProgram& program, std::size_t step, std::uint32_t distance);

/// Engines of the device that a queue may use. Those that the device lacks are left out; 0: it has none of them.
[[nodiscard]] std::uint32_t wsim_engine_mask(const abi::DeviceDescriptor& device, const PlannedQueue& queue);

/// The queue's part of its name, "<context>.<engine>": "1.rcs0", "2.vcs1", "3.virtual-vcs". Engines are numbered as on
/// the device: VCS1 is vcs0.
[[nodiscard]] std::string wsim_queue_role(const PlannedQueue& queue);

}  // namespace gpusim::workload
