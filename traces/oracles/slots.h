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
  [[nodiscard]] EventSet kinds() const override;
  void on_event(const Event& event) override;

  /// How many the device has; 0: not known.
  void on_slot_count(std::uint32_t count) { count_ = count; }

 private:
  void on_grant(const Event& event);
  void on_evict(const Event& event);

  std::uint32_t count_ = 0;
  std::uint32_t in_use_ = 0;
  std::vector<std::uint32_t> owners_;  ///< by slot: queue, 0 if free
  std::vector<std::uint32_t> held_;    ///< by queue: slot + 1, 0 if none
};

}  // namespace gpusim::trace
