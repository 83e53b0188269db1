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
  void attach_to(Recorder& recorder) override;
  void on(const fence_visible& event);
  void on(const queue_destroyed& event);

 private:
  struct Value {
    std::uint64_t value = 0;
    QueueId queue;  ///< whose it is; memory of a queue that is gone is used again
  };

  struct Last {
    std::uint64_t address = 0;
    Value* value = nullptr;
  };

  std::map<std::uint64_t, Value> values_;  ///< by address
  std::vector<Last> last_;  ///< where each queue wrote last, for completions and start marks; saves the search
};

}  // namespace gpusim::trace
