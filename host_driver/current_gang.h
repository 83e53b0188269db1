// SPDX-License-Identifier: MIT
// Which gang may go to the rings: one at a time for the whole device, so that the jobs of two gangs stand in every ring
// in the same order. amdgpu: adev->gang_submit, amdgpu_device_switch_gang(). A gang is known by the scheduled fence of
// its leader, and has all its jobs in their rings when that signals.
#pragma once

#include "os/context.h"
#include "scheduler/fence.h"

namespace gpusim::drv {

struct JobRecord;

class CurrentGang {
 public:
  /// `job` of `record`, which is of a gang and at the head of its queue, wants to go to its ring. Empty: its gang is
  /// the current one, and was made that if all of the one before have been handed over. Else what it has to wait for,
  /// to ask again then. Context: prepare_job(); never waits.
  [[nodiscard]] sched::FenceRef switch_to(os::Context& ctx, JobId job, const JobRecord& record);
  /// The driver's end. Any context.
  void drop() { current_.reset(); }

 private:
  sched::FenceRef current_;
};

}  // namespace gpusim::drv
