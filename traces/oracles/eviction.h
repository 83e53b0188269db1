// SPDX-License-Identifier: MIT
// Queues in user mode that are evicted: nothing waits for one by a fence of the kernel, and nothing of it runs. Who
// moves the memory may wait for any fence, and the queue comes back when the memory has: a fence of such a queue could
// wait for itself.
#pragma once

#include <cstdint>
#include <vector>

#include "traces/oracles/oracle.h"

namespace gpusim::trace {

class Eviction final : public Oracle {
 public:
  explicit Eviction(const Names& names) : Oracle{"eviction", names} {}
  void attach_to(Recorder& recorder) override;
  void on(const dma_fence_init& event);
  void on(const dma_fence_signaled& event);
  void on(const queue_evicted& event);
  void on(const queue_restored& event);
  void on(const queue_banned& event);
  void on(const queue_close& event);
  void on(const fetch_begin& event);
  void on(const job_resumed& event);

  /// There are some.
  void on_user_queues() { is_on_ = true; }

 private:
  struct Queue {
    std::uint64_t fences = 0;  ///< of the kernel, that are open
    bool is_evicted = false;
    bool is_over = false;  ///< banned or closed: its jobs end, and who wants a fence gets one that ends with them
  };
  void check_runs(SimTime time, QueueId queue, JobId job);

  bool is_on_ = false;
  std::vector<Queue> queues_;
};

}  // namespace gpusim::trace
