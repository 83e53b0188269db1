// SPDX-License-Identifier: MIT
// What the steps of a submission component cost. One table for all components, so that a comparison of two of them
// compares their structure: which steps, locks, wake-ups a job takes. The defaults and their sources are in
// docs/scenario.md.
#pragma once

#include "base/cost.h"

namespace gpusim::sched {

/// CPU time of a dma_fence's own steps, charged to the context that runs them. Its lock is the host's.
struct FenceCosts {
  Cost init;          ///< dma_fence_init()
  Cost signal;        ///< dma_fence_signal(), without lock and callbacks
  Cost add_callback;  ///< dma_fence_add_callback() on a fence that has not signalled, without the lock
};

/// CPU time of the component's own steps, charged to the context that runs them.
struct Costs {
  Cost job_init{ns(277)};        ///< job_init(): allocation, references
  Cost add_dependency{ns(100)};  ///< each add_dependency(), with its search for the fence context
  Cost arm{ns(23)};
  Cost push{ns(34)};
  Cost worker_pass{ns(100)};  ///< submit worker: each look at the head
  Cost dispatch{ns(200)};     ///< submit worker: from a runnable head to the call of run_job, and its clean-up after
  Cost done{ns(31)};          ///< job_done(), without its locks and wake-ups
  Cost put{ns(300)};          ///< put worker: each job
};

}  // namespace gpusim::sched
