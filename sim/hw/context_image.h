// SPDX-License-Identifier: MIT
// What engines have saved of queues, as far as the model needs it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "firmware/abi/ring.h"
#include "firmware/runlist/records.h"
#include "sim/hw/transfers.h"

namespace gpusim::hw {

/// What a saved context holds of a job that was cut off.
struct SavedJob {
  abi::RingEntry entry;
  Picoseconds done;
  std::uint64_t image;                 ///< QueueContext::image when it was saved
  Picobytes left = 0;                  ///< of its transfer
  std::optional<Picoseconds> fault{};  ///< after so much time on engines it touches a page that is not mapped
};

/// A queue's context image in memory. One table for all engines.
struct ContextImage {
  std::uint32_t tag = 0;  ///< the QueueId it belongs to; a reused id gets a new image
  std::optional<SavedJob> job;
  std::uint32_t last_engine = fw::kNoEngine;  ///< a copy loaded on any other engine is stale
  std::optional<Picoseconds> quantum;         ///< the queue's, or the device's; 0: no limit; none: not read yet
  bool limits_change = false;                 ///< they have once: read for each quantum from then on
};
using ContextImages = std::vector<ContextImage>;  // by queue

}  // namespace gpusim::hw
