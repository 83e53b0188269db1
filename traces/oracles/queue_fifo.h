// SPDX-License-Identifier: MIT
// The jobs of a queue begin to execute and their finished fences signal in the order in which they were pushed. A job
// that is cancelled need not execute; after a reset execution may go back to an unfinished job and repeat from there,
// in order. In a pipeline a job may be over before it is executed, because its time is up or its submission fails, and
// on a ring that several share a reset takes the jobs of the guilty queue out of it: they are passed over while their
// fences wait for those before them, and must end with an error. Jobs that were never pushed (queues without a
// submission component) are ignored.
#pragma once

#include <cstdint>
#include <vector>

#include "base/id_window.h"
#include "traces/oracles/oracle.h"

namespace gpusim::trace {

class QueueFifo final : public Oracle {
 public:
  explicit QueueFifo(const Names& names) : Oracle{"queue_fifo", names} {}
  void attach_to(Recorder& recorder) override;
  void on(const drm_sched_job_queue& event);
  void on(const ring_write& event);
  void on(const job_start& event);
  void on(const dma_fence_signaled& event);

  /// Jobs execute as those of a ring, not of their queue.
  void on_shared_rings() { shares_ = true; }
  /// Queues have no component: what a client writes into the ring is pushed by that.
  void on_user_queues() { is_mapped_ = true; }
  /// What fails before it is executed drains in its turn.
  void on_pipelines() { is_pipeline_ = true; }

 private:
  /// Pushed and unfinished jobs at positions head..tail-1 of a ring; those below `started` have begun to execute.
  struct Queue {
    std::vector<JobId> ring;
    std::uint64_t head = 0;
    std::uint64_t started = 0;
    std::uint64_t tail = 0;
    std::vector<JobId> passed_over;  ///< and not executed since

    [[nodiscard]] JobId& at(std::uint64_t position) {
      return ring[static_cast<std::size_t>(position) & (ring.size() - 1)];
    }
    void push(JobId job);
    /// Position of the job; tail if it is not there.
    [[nodiscard]] std::uint64_t find(JobId job);
  };
  std::vector<Queue> queues_;
  bool shares_ = false;
  bool is_pipeline_ = false;
  bool is_mapped_ = false;
  IdWindow<QueueId> queue_of_;  // by job, of those not ended: with shared rings
};

}  // namespace gpusim::trace
