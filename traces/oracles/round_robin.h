// SPDX-License-Identifier: MIT
// Under RR, as 6.18 has it, no entity of a run queue runs jobs again and again while another one, whose head could run,
// waits: once round, each is looked at. Held are queues of one level before one ring. A queue is ready from the end of
// the exec that pushed its first job, from the signal of what its head waited for, or from its last job's start, if
// more are queued; until its head is found to wait. Three starts of another queue in that time are too many, because
// the first was perhaps chosen before.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "traces/oracles/oracle.h"

namespace gpusim::trace {

class RoundRobin final : public Oracle {
 public:
  explicit RoundRobin(const Names& names) : Oracle{"round_robin", names} {}
  void attach_to(Recorder& recorder) override;
  void on(const queue_create& event);
  void on(const drm_sched_job_queue& event);
  void on(const exec_end& event);
  void on(const dependency_ready& event);
  void on(const drm_sched_job_unschedulable& event);
  void on(const drm_sched_job_run& event);
  void on(const queue_close& event);
  void on(const queue_kill& event);
  void on(const queue_fini& event);

  /// Before attach_to(). Without it nothing is held.
  void enable() { enabled_ = true; }
  /// The queue's entity has the scheduler of that ring, and no other.
  void on_shared_ring(QueueId queue, QueueId ring);

 private:
  struct Queue {
    QueueId ring;  ///< 0: several, or its own
    std::uint64_t level = 0;
    bool ready = false;
    JobId pushed{};                               ///< into the empty queue; its exec has not returned
    std::map<std::uint32_t, std::uint32_t> runs;  ///< of other queues since it was ready, by queue
  };
  void set(Queue& queue, bool ready);
  /// A list without an entity that was served last is looked at from its beginning.
  void forget_turns(QueueId gone);

  bool enabled_ = false;
  std::vector<Queue> queues_;
};

}  // namespace gpusim::trace
