// SPDX-License-Identifier: MIT
// Makes JobQueues of either shape, and owns what they share: object arenas, costs, lock classes, the workqueues that
// are not a queue's own.
#pragma once

#include <array>
#include <cstddef>

#include "os/lockdep.h"
#include "os/workqueue.h"
#include "scheduler/costs.h"
#include "scheduler/jobqueue/counter_queue.h"
#include "scheduler/jobqueue/pipeline_queue.h"

namespace gpusim::sched::jq {

/// Kinds of work as numbered in Names::works.
enum class WorkKind : std::uint8_t { submit, tick, timer, cleanup, teardown };
inline constexpr std::array kWorkNames{"jobqueue_submit", "jobqueue_tick", "jobqueue_timer", "jobqueue_cleanup",
                                       "jobqueue_teardown"};
static_assert(static_cast<std::size_t>(WorkKind::teardown) + 1 == kWorkNames.size());

class Component {
 public:
  Component(os::Host& host, FenceArena& fences, const Costs& costs);

  /// The caller owns the first reference and gives it back by close(). Context: may sleep.
  [[nodiscard]] JobQueue& create_queue(QueueSpec spec, SubmissionBackend& backend);

  /// For explorations: base/arena.h. Before the first queue.
  void quarantine(const ActorBoard& actors);
  /// Violates "reference_counts" if a job, a queue or a work item is still alive.
  void check_released() const;
  [[nodiscard]] std::size_t live_queues() const { return counters_.live() + pipelines_.live(); }

 private:
  friend class CounterQueue;
  friend class JobQueue;
  friend class PipelineQueue;
  static os::Task<> teardown_work(void* queue, os::Context& ctx);

  os::Host& host_;
  FenceArena& fences_;
  Costs costs_;
  os::LockClass queue_lock_;  // the spinlock of a queue; the pipeline's is that of its slots
  os::LockClass inbox_lock_;
  os::LockClass state_lock_;
  os::Workqueue system_wq_;  // the counter's worker
  os::Workqueue aux_wq_;     // the pipeline's cleanup
  os::Workqueue teardown_wq_;
  Arena<QueuedJob> jobs_;
  Arena<Kick> kicks_;
  Arena<CounterQueue> counters_;
  Arena<PipelineQueue> pipelines_;
};

}  // namespace gpusim::sched::jq
