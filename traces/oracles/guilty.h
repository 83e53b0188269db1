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
  void attach_to(Recorder& recorder) override;
  void on(const job_start& event);
  void on(const engine_reset& event);
  void on(const queue_banned& event);

 private:
  struct Queue {
    JobId last_begun;
    bool was_reset = false;
  };
  std::vector<Queue> queues_;
};

}  // namespace gpusim::trace
