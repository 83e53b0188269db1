// SPDX-License-Identifier: MIT
// drm_sched_entity_stats (drivers/gpu/drm/scheduler/sched_internal.h, sched_rq.c): what FAIR knows about an entity. Its
// arithmetic, in the kernel's types: ktime_t in nanoseconds, averages in unsigned microseconds, both of which wrap.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "scheduler/drm_sched/spec.h"

namespace gpusim::sched::drm {

/// ktime_t, in nanoseconds.
using Ktime = std::int64_t;
[[nodiscard]] constexpr Ktime ktime(SimTime time) { return time.time_since_epoch() / ns(1); }

/// DECLARE_EWMA(drm_sched_avgtime, 6, 4): six fractional bits, a new value weighs a quarter, the first one all.
class AverageTime {
 public:
  void add(std::uint64_t us) { scaled_ = scaled_ == 0 ? us << 6U : (3 * scaled_ + (us << 6U)) >> 2U; }
  [[nodiscard]] std::uint64_t us() const { return scaled_ >> 6U; }

 private:
  std::uint64_t scaled_ = 0;
};

/// The kernel's is counted, because jobs outlive their entity; here a job holds its entity.
struct EntityStats {
  Ktime runtime = 0;       ///< on the hardware, of all jobs that were freed
  Ktime prev_runtime = 0;  ///< as far as `vruntime` has it
  Ktime vruntime = 0;      ///< in the tree: the key; out of it: what was saved
  AverageTime average;

  /// drm_sched_entity_stats_job_add_gpu_time(), without the scheduler's average. A negative duration makes the average
  /// a huge one.
  void add_job(Ktime duration);
  /// drm_sched_entity_update_vruntime(): a pop that leaves a job queued. Returns the key.
  [[nodiscard]] Ktime charge(Priority priority);
  /// drm_sched_entity_save_vruntime(): a pop of the last job. `smallest` is the leftmost entity's, 0 if there is none.
  void save(Ktime smallest);
  /// drm_sched_entity_restore_vruntime(): the first push. `head` is the priority of the leftmost entity, kNoPriority if
  /// there is none. Returns the key.
  [[nodiscard]] Ktime restore(Ktime smallest, Priority own, std::int32_t head, const AverageTime& of_scheduler);
};

/// DRM_SCHED_PRIORITY_INVALID.
inline constexpr std::int32_t kNoPriority = -1;

}  // namespace gpusim::sched::drm
