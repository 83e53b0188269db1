// SPDX-License-Identifier: MIT
// No job is handed to run_job() while its queue is stopped, nor, until a device reset starts queues again, one of a
// queue that was made in it and was not stopped; of a shared ring it runs until that is stopped. After a kill at most
// one is: the one that the worker already had (drm_sched; drm_dep checks again just before). Where killed queues are
// drained, all go through run_job(), but at most that one is put into the ring.
#pragma once

#include <cstdint>
#include <vector>

#include "traces/oracles/oracle.h"
#include "traces/oracles/shared_rings.h"

namespace gpusim::trace {

class StoppedQueue final : public Oracle {
 public:
  explicit StoppedQueue(const Names& names) : Oracle{"stopped_queue", names} {}
  void attach_to(Recorder& recorder) override;
  void on(const queue_stop& event);
  void on(const queue_start& event);
  void on(const queue_kill& event);
  void on(const queue_create& event);
  void on(const device_reset_begin& event);
  void on(const device_reset_end& event);
  void on(const drm_sched_job_run& event);
  void on(const ring_write& event);

  void on_shared_rings() { shares_rings_ = true; }
  /// A stop of `ring` stops the queue.
  void on_shared_ring(QueueId queue, QueueId ring) { rings_.add(queue, ring); }
  void on_drained_kills() { drains_ = true; }

 private:
  struct Queue {
    std::uint32_t stops = 0;
    std::uint32_t runs_after_kill = 0;
    std::uint32_t writes_after_kill = 0;
    bool killed = false;
    std::uint64_t made_in_reset = 0;  ///< its number; 0: in none
    SimTime since{};                  ///< of the last stop, or the kill
  };
  /// Whether the job of a queue that is not stopped may run.
  [[nodiscard]] bool is_held(const Queue& queue) const {
    return all_held_ && !shares_rings_ && queue.made_in_reset == resets_;
  }

  bool drains_ = false;
  bool shares_rings_ = false;
  bool all_held_ = false;  // from the begin of a device reset to the first start of a queue
  std::uint64_t resets_ = 0;
  std::vector<Queue> queues_;
  SharedRings rings_;
};

}  // namespace gpusim::trace
