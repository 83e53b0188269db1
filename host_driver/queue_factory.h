// SPDX-License-Identifier: MIT
// Makes the submission component's objects: the driver knows no component by name.
#pragma once

#include <cstdint>

#include "base/ids.h"
#include "host_driver/uapi.h"
#include "os/workqueue.h"
#include "scheduler/submission.h"

namespace gpusim::drv {

class QueueFactory {
 public:
  virtual ~QueueFactory() = default;
  /// `timeout_wq`: where a component that lets the driver choose runs its timeouts (drm_sched_init_args.timeout_wq).
  [[nodiscard]] virtual sched::SubmissionQueue& create_queue(QueueId id, const QueueParams& params,
                                                             std::uint32_t credit_limit,
                                                             sched::SubmissionBackend& backend,
                                                             os::Workqueue& timeout_wq) = 0;
};

}  // namespace gpusim::drv
