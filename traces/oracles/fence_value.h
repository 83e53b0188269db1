// SPDX-License-Identifier: MIT
// The value at an address that the device completes jobs in (or marks their start in) never decreases.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "traces/oracles/oracle.h"

namespace gpusim::trace {

class FenceValue final : public Oracle {
 public:
  explicit FenceValue(const Names& names) : Oracle{"fence_value", names} {}
  [[nodiscard]] EventSet kinds() const override { return events({EventKind::fence_visible}); }
  void on_event(const Event& event) override;

 private:
  struct Last {
    std::uint64_t address = 0;
    std::uint64_t* value = nullptr;
  };

  std::map<std::uint64_t, std::uint64_t> values_;  ///< by address
  std::vector<Last> last_;  ///< where each queue wrote last, for completions and start marks; saves the search
};

}  // namespace gpusim::trace
