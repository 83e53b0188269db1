// SPDX-License-Identifier: MIT
// No job gets lost on its way: each pushed job's finished fence signals in the end, and one that signals without an
// error after its doorbell was rung has really ended and its completion value is in memory.
#pragma once

#include <cstdint>

#include "base/id_window.h"
#include "traces/oracles/oracle.h"

namespace gpusim::trace {

class JobLost final : public Oracle {
 public:
  explicit JobLost(const Names& names) : Oracle{"job_lost", names} {}
  void attach_to(Recorder& recorder) override;
  void on(const drm_sched_job_queue& event);
  void on(const ring_write& event);
  void on(const doorbell_write& event);
  void on(const job_end& event);
  void on(const fence_visible& event);
  void on(const dma_fence_signaled& event);
  void finish(SimTime now) override;

  /// A job may be fetched and end before its own doorbell is written: from its entry on the device has it.
  void on_user_queues() { is_mapped_ = true; }

 private:
  struct Job {
    QueueId queue;
    bool rung = false;
    bool ended = false;
    bool visible = false;
  };
  [[nodiscard]] std::string said() const;
  [[nodiscard]] static std::string missing(const Job& job);

  IdWindow<Job> jobs_;
  bool is_mapped_ = false;
};

}  // namespace gpusim::trace
