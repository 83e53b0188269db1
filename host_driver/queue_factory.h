// SPDX-License-Identifier: MIT
// Makes the submission component's objects: the driver knows no component by name.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/ids.h"
#include "base/invariant.h"
#include "host_driver/uapi.h"
#include "os/workqueue.h"
#include "scheduler/submission.h"

namespace gpusim::drv {

class QueueFactory {
 public:
  virtual ~QueueFactory() = default;
  /// A queue with a scheduler of its own. `timeout_wq`: where a component that lets the driver choose runs its timeouts
  /// (drm_sched_init_args.timeout_wq).
  [[nodiscard]] virtual sched::SubmissionQueue& create_queue(QueueId id, const QueueParams& params,
                                                             std::uint32_t credit_limit,
                                                             sched::SubmissionBackend& backend,
                                                             os::Workqueue& timeout_wq) = 0;

  /// A scheduler that several queues share. Lives as long as the factory. Violates "queue_factory" with a component
  /// that is 1:1.
  [[nodiscard]] virtual sched::SubmissionDomain& create_scheduler(QueueId /*id*/, const std::string& /*name*/,
                                                                  std::uint32_t /*credit_limit*/,
                                                                  sched::SchedulerOps& /*ops*/,
                                                                  os::Workqueue& /*timeout_wq*/) {
    violate("queue_factory", "the component has no scheduler that queues can share");
  }
  /// drm_sched_pick_best(), of what create_scheduler() has made.
  [[nodiscard]] virtual sched::SubmissionDomain& pick_best(
      std::span<sched::SubmissionDomain* const> /*schedulers*/) const {
    violate("queue_factory", "the component has no scheduler that queues can share");
  }
  /// A queue of these schedulers, one or more, all of create_scheduler().
  [[nodiscard]] virtual sched::SubmissionQueue& create_entity(QueueId /*id*/, const QueueParams& /*params*/,
                                                              std::span<sched::SubmissionDomain* const> /*schedulers*/,
                                                              sched::QueueOps& /*ops*/) {
    violate("queue_factory", "the component has no scheduler that queues can share");
  }
};

}  // namespace gpusim::drv
