// SPDX-License-Identifier: MIT
// The value at an address that the device completes jobs in (or marks their start in) never decreases.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
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

  /// Where a queue wrote last; saves the search.
  struct Last {
    std::uint64_t address = 0;
    Value* value = nullptr;
  };
  struct Queue {
    std::array<Last, 2> last;              ///< by start marks, completions
    std::vector<std::uint64_t> addresses;  ///< that it has had
  };

  [[nodiscard]] Queue& at(QueueId queue);
  Value& take(QueueId queue, Queue& state, std::uint64_t address);

  std::map<std::uint64_t, Value> values_;       ///< by address; only its queue remembers where one is
  std::vector<std::unique_ptr<Queue>> queues_;  ///< by QueueId; none: it has written nothing, or is gone
};

}  // namespace gpusim::trace
