// SPDX-License-Identifier: MIT
// A queue is banned for a job only if that job has begun, or an engine was reset under the queue: a job that waits for
// its turn, or whose doorbell was lost, is innocent. Job numbers of a queue ascend.
#pragma once

#include <cstdint>
#include <vector>

#include "traces/oracles/oracle.h"

namespace gpusim::trace {

class Guilty final : public Oracle {
 public:
  explicit Guilty(const Names& names) : Oracle{"guilty", names} {}
  [[nodiscard]] EventSet kinds() const override;
  void on_event(const Event& event) override;

 private:
  struct Queue {
    std::uint64_t last_begun = 0;
    bool was_reset = false;
  };
  std::vector<Queue> queues_;
};

}  // namespace gpusim::trace
