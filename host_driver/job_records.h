// SPDX-License-Identifier: MIT
// What the driver keeps of each job from exec to release. Records are used again, and move when the table grows: keep
// the index, not a reference, across a step.
#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"
#include "host_driver/device_access.h"
#include "host_driver/native_waits.h"
#include "host_driver/uapi.h"
#include "scheduler/fence.h"
#include "scheduler/submission.h"

namespace gpusim::drv {

struct JobRecord {
  std::uint64_t work_ps = 0;
  bool work_is_estimate = false;
  std::uint64_t preempt_every_ps = 0;
  std::uint64_t stop_address = 0;                ///< 0: not endless
  Transfer transfer;                             ///< without bytes: none
  sched::FenceRef started;                       ///< empty: not wanted
  std::uint64_t fence_value = 0;                 ///< of its ring entry; 0: not written yet
  QueueId queue;                                 ///< of the client
  sched::SubmissionQueue* submission = nullptr;  ///< of that queue
  sched::FenceRef gang;                          ///< its gang's leader is scheduled; empty: it is of none
  std::vector<NativeWait> waits;                 ///< in its ring
  bool has_run = false;                          ///< run_job() has seen it
  std::uint32_t retries = 0;                     ///< timeouts at which the firmware did not know of it
  Picoseconds off_slot{0};  ///< TimeoutClock::in_stage: SlotGroup::off_slot when it was handed over
};

class JobRecords {
 public:
  explicit JobRecords(DeviceAccess& device) : device_{device} {}

  /// A record for the job; an endless one gets the memory by which it is stopped.
  [[nodiscard]] std::uint32_t allocate(const ExecArgs& args);
  void free(std::uint32_t index);
  [[nodiscard]] JobRecord& operator[](std::uint32_t index) { return records_[index]; }

 private:
  DeviceAccess& device_;
  std::vector<JobRecord> records_;
  std::vector<std::uint32_t> free_;
};

}  // namespace gpusim::drv
