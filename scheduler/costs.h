// SPDX-License-Identifier: MIT
// What the steps of a submission component cost. One table for all components, so that a comparison of two of them
// compares their structure: which steps, locks, wake-ups a job takes.
#pragma once

#include "base/cost.h"

namespace gpusim::sched {

/// CPU time of the component's own steps, charged to the context that runs them.
struct Costs {
  Cost job_init;        ///< job_init(): allocation, references
  Cost add_dependency;  ///< each add_dependency(), with its search for the fence context
  Cost arm;
  Cost push;
  Cost worker_pass;  ///< submit worker: each look at the head
  Cost dispatch;     ///< submit worker: from a runnable head to the call of run_job, and its clean-up after
  Cost done;         ///< job_done(), without its locks and wake-ups
  Cost put;          ///< put worker: each job
};

}  // namespace gpusim::sched
