// SPDX-License-Identifier: MIT
// The drm_dep module: makes queues, owns what is shared by them (object arenas, costs, the module-private workqueue on
// which every teardown runs, so that no workqueue is destroyed from one of its own workers), and counts the references
// that queues hold on their DRM device.
#pragma once

#include <array>
#include <cstddef>

#include "os/lockdep.h"
#include "os/sync.h"
#include "os/workqueue.h"
#include "scheduler/costs.h"
#include "scheduler/dep/queue.h"

namespace gpusim::sched::dep {

/// Kinds of work as numbered in Names::works.
enum class WorkKind : std::uint8_t { submit, put, teardown, done, timeout };
inline constexpr std::array kWorkNames{"drm_dep_submit", "drm_dep_put_job", "drm_dep_teardown", "drm_dep_done",
                                       "drm_dep_timeout"};
static_assert(static_cast<std::size_t>(WorkKind::timeout) + 1 == kWorkNames.size());

class Component {
 public:
  Component(os::Host& host, FenceArena& fences, const Costs& costs);

  /// drm_dep_queue_init(). The caller owns the first reference and gives it back by close(). Context: may sleep.
  [[nodiscard]] Queue& create_queue(QueueSpec spec, SubmissionBackend& backend);

  /// For explorations: base/arena.h. Before the first queue.
  void quarantine(const ActorBoard& actors) {
    jobs_.quarantine(actors);
    queues_.quarantine(actors);
  }
  /// Violates "reference_counts" if a job or queue is still alive.
  void check_released() const;
  [[nodiscard]] std::size_t live_queues() const { return queues_.live(); }
  /// drm_dev_get() by queues, not yet given back: the driver cannot be unloaded before it is zero.
  [[nodiscard]] std::size_t device_references() const { return device_references_; }

 private:
  friend class Queue;
  static os::Task<> teardown_work(void* queue, os::Context& ctx);
  /// The last reference was dropped. Any context, including the queue's own workers.
  void tear_down(os::Context& ctx, Queue& queue);
  /// Violates "device_reference" if more queues live than references are held.
  void put_device();

  os::Host& host_;
  FenceArena& fences_;
  Costs costs_;
  os::LockClass queue_lock_;
  os::LockClass pending_lock_;
  Arena<DepJob> jobs_;
  Arena<Queue> queues_;
  std::size_t device_references_ = 0;
  os::WaitQueue destroyed_;
  os::Workqueue teardown_wq_;
  os::Workqueue ordered_teardown_wq_;  // of queues with Teardown::ordered
};

}  // namespace gpusim::sched::dep
