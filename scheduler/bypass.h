// SPDX-License-Identifier: MIT
// run_job() in the context of the caller that pushes the job, past the submit worker. drm_dep's RFC has it; for
// drm_sched it was proposed eleven days before (SchedulerSpec::bypass).
#pragma once

#include <cstdint>

namespace gpusim::sched {

/// What the bypass requires, in the order in which it is checked. Which of it is whose: docs/reference/drm_dep.md,
/// "Bypass", and docs/reference/drm_sched.md, "Bypass".
enum class BypassCondition : std::uint8_t {
  supported,           ///< the queue was created with it
  signalling_section,  ///< the caller is between arm and push, where run_job() is safe
  usable,              ///< not stopped, not killed
  queue_empty,         ///< no earlier job waits: order
  worker_idle,         ///< the submit worker does not run a job of this queue now: order
  dependencies,        ///< all have signalled
  credits,
  token,  ///< the layer over the driver lets it run (SchedulerOps::may_run_job); always checked
};
/// That can be left out.
inline constexpr std::uint32_t kBypassConditions = 7;

}  // namespace gpusim::sched
