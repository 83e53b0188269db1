// SPDX-License-Identifier: MIT
// What a drm_gpu_scheduler and its entity are configured with.
#pragma once

#include <cstdint>
#include <string>

#include "base/ids.h"
#include "base/time.h"
#include "os/workqueue.h"

namespace gpusim::sched::drm {

/// enum drm_sched_priority. With one entity a scheduler it decides one thing only: jobs of `kernel` gain no karma.
enum class Priority : std::uint8_t { kernel, high, normal, low };

/// MAX_SCHEDULE_TIMEOUT.
inline constexpr Picoseconds kNoTimeout = Picoseconds::max();

/// What SubmissionDomain::stop() and start() are.
enum class Stop : std::uint8_t {
  workers,    ///< drm_sched_wqueue_stop(), _start(): what is on the hardware keeps its fences (xe, amdgpu)
  scheduler,  ///< drm_sched_stop(); start() gives the hardware fences back, then drm_sched_start() (panthor)
};

struct SchedulerSpec {
  QueueId id;
  std::string name;                  ///< for messages
  std::uint32_t credit_limit = 1;    ///< >= 1
  Picoseconds timeout = kNoTimeout;  ///< of the head of the pending list
  std::uint32_t hang_limit = 0;      ///< resubmit_jobs() gives up jobs whose karma is above it
  bool has_cancel_job = false;       ///< fini ends what is on the hardware. Only the mock of the kernel's tests has it
  Stop stop = Stop::workers;
  os::Workqueue* submit_wq = nullptr;   ///< ordered; nullptr: one of its own
  os::Workqueue* timeout_wq = nullptr;  ///< nullptr: system_wq
  std::uint32_t level = 0;              ///< of the queue, for the host's choice of workers only
};

struct EntitySpec {
  Priority priority = Priority::normal;
  bool has_guilty = false;  ///< the driver wants to know (and the entity to act on it) when a job of it has hung
};

}  // namespace gpusim::sched::drm
