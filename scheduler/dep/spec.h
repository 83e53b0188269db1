// SPDX-License-Identifier: MIT
// What a drm_dep queue is configured with, and what its steps cost.
#pragma once

#include <cstdint>
#include <string>

#include "base/cost.h"
#include "base/ids.h"

namespace gpusim::sched::dep {

struct QueueSpec {
  QueueId id;
  std::string name;  ///< for messages
  std::uint32_t client = 0;
  std::uint32_t credit_limit = 1;  ///< >= 1
};

/// CPU time of the component's own steps, charged to the context that runs them.
struct Costs {
  Cost job_init;        ///< drm_dep_job_init(): allocation, references
  Cost add_dependency;  ///< each drm_dep_job_add_dependency(), with its search for the fence context
  Cost arm;
  Cost push;
  Cost worker_pass;  ///< submit worker: each look at the head
  Cost dispatch;     ///< submit worker: from a runnable head to the call of run_job, and its clean-up after
  Cost done;         ///< drm_dep_job_done(), without its locks and wake-ups
  Cost put;          ///< put worker: each job
};

}  // namespace gpusim::sched::dep
