// SPDX-License-Identifier: MIT
// An orchestrator's tokens: never more queues than tokens have jobs at the device, a queue runs a job only while it has
// a token and not while it waits for one, and gives it back only when nothing of it is on the hardware. A token that
// was free is taken without an event: then the first job that runs says so.
#pragma once

#include <cstdint>
#include <vector>

#include "traces/oracles/oracle.h"

namespace gpusim::trace {

class Tokens final : public Oracle {
 public:
  explicit Tokens(const Names& names) : Oracle{"tokens", names} {}
  void attach_to(Recorder& recorder) override;
  void on(const token_wait& event);
  void on(const token_granted& event);
  void on(const token_withdrawn& event);
  void on(const token_returned& event);
  void on(const drm_sched_job_run& event);
  void on(const ring_write& event);
  void on(const job_end& event);
  void on(const dma_fence_signaled& event);
  void on(const queue_destroyed& event);
  void finish(SimTime now) override;

  /// Before attach_to(). Without it there is no orchestrator, and nothing to hear.
  void on_tokens(std::uint32_t count) { count_ = count; }

 private:
  struct Queue {
    bool holds = false;
    bool waits = false;
    std::uint64_t at_device = 0;  ///< entries written that have not ended
  };
  void take(QueueId queue, Queue& state, SimTime now, const char* how);

  std::uint32_t count_ = 0;
  std::uint32_t out_ = 0;
  std::vector<Queue> queues_;
};

}  // namespace gpusim::trace
