// SPDX-License-Identifier: MIT
// A hardware slot belongs to one queue at a time, a queue holds at most one, and no more are in use than there are.
#pragma once

#include <cstdint>
#include <vector>

#include "traces/oracles/oracle.h"

namespace gpusim::trace {

class Slots final : public Oracle {
 public:
  explicit Slots(const Names& names) : Oracle{"slots", names} {}
  void attach_to(Recorder& recorder) override;
  void on(const slot_grant& event);
  void on(const slot_evict& event);

  /// How many the device has; 0: not known.
  void on_slot_count(std::uint32_t count) { count_ = count; }

 private:
  std::uint32_t count_ = 0;
  std::uint32_t in_use_ = 0;
  std::vector<QueueId> owners_;      ///< by slot; 0: free
  std::vector<std::uint32_t> held_;  ///< by queue: slot + 1, 0 if none
};

}  // namespace gpusim::trace
