// SPDX-License-Identifier: MIT
// What a drm_dep queue is configured with.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/ids.h"
#include "base/time.h"
#include "scheduler/bypass.h"
#include "scheduler/costs.h"

namespace gpusim::sched::dep {

/// Stated by the RFC: the flag, the empty queue, dependencies, credits. Order and safety force the others.
using sched::BypassCondition;

/// What keeps caller and submit worker apart. Ours: no public text describes it.
enum class BypassLock : std::uint8_t {
  mutex,      ///< a push waits while the worker is at a job; held across run_job()
  trylock,    ///< the same mutex, but a push that finds it taken goes the queued path
  ownership,  ///< a bit that says who may run jobs; no lock at all
};

enum class Where : std::uint8_t { irq, worker };

/// When the timeout of the queue's head (re)starts.
enum class TimeoutRestart : std::uint8_t {
  head,      ///< a job gets the full timeout when it becomes the head
  each_job,  ///< and every job that starts gives it to the head anew, as drm_sched does since 6.8
};

enum class Teardown : std::uint8_t {
  async,  ///< the last reference queues it on the module's workqueue (stated)
  sync,   ///< the same, and close() sleeps until it is done
  /// The last reference queues it on a workqueue of the device that does one after the other to its end: the drop of
  /// the reviewers' alternative, synchronous, but in a work item (ours: after the queue's jobs)
  ordered,
};

/// What drm_dep leaves to flags, and what no public text states. docs/drm_dep.md lists which is which.
struct Policy {
  bool bypass = false;  ///< DRM_DEP_QUEUE_FLAGS_BYPASS_SUPPORTED
  /// By BypassCondition: whether it is checked, to see what each is good for. `supported` always is.
  std::array<bool, kBypassConditions> bypass_requires{true, true, true, true, true, true, true};
  BypassLock bypass_lock = BypassLock::mutex;
  Where done = Where::irq;    ///< where drm_dep_job_done() runs
  Where put = Where::worker;  ///< irq: DRM_DEP_QUEUE_FLAGS_JOB_PUT_IRQ_SAFE
  TimeoutRestart timeout_restart = TimeoutRestart::head;
  Teardown teardown = Teardown::async;
  bool propagate_dependency_errors = false;  ///< a job whose dependency failed ends with that error and does not run
  bool kill_waits_for_dependencies = true;   ///< a killed job's fence signals only after those of its dependencies
  bool oversize_rejected = false;            ///< credits above the limit: -EINVAL; else cut down to the limit
};

struct QueueSpec {
  QueueId id;
  std::string name;  ///< for messages
  std::uint32_t client = 0;
  std::uint32_t credit_limit = 1;  ///< >= 1
  Picoseconds timeout{0};          ///< of the head of the pending list; 0: none
  Policy policy;
  std::uint32_t priority = 0;  ///< for the host's choice of workers only
};

}  // namespace gpusim::sched::dep
