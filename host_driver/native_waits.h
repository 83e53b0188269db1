// SPDX-License-Identifier: MIT
// Dependencies that the driver leaves to the device (DriverSpec::native_waits): a job that depends on a job of another
// queue is handed over as soon as that one is in its ring, and waits in its own ring for the fence value which the
// other one's end writes (abi::EntryWaits).
//
// In kind pvr's native fences (docs/reference/firmware.md, "PowerVR"): it waits on the host for the scheduled fence of
// a job of its own, and its firmware for the rest. Here the driver has a fence of its own for that, because drm_dep and
// JobQueue have no scheduled one, so that all components do the same (ours).
//
// A producer is in its ring before its consumer, so that of all entries in rings the one that was written first waits
// for nothing: queues that wait for each other come to an end, whatever the size of rings and the number of slots. What
// never will write its value - a queue that is banned - has it written by the host (HardwareQueue::force_value()).
//
// Not lowered: more than abi::kMaxEntryWaits for a job, points of timelines, jobs of its own queue, whose order
// suffices, and fences that are no job's.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/id_window.h"
#include "base/ids.h"
#include "firmware/abi/ring.h"
#include "host_driver/ring.h"
#include "scheduler/fence.h"

namespace gpusim::drv {

/// Of a job that waits.
struct NativeWait {
  sched::FenceRef finished;                     ///< of the other job
  std::shared_ptr<const ContextMemory> memory;  ///< of its queue
};

class NativeWaits {
 public:
  explicit NativeWaits(sched::FenceArena& fences) : fences_{fences} {}

  /// A job that others may wait for, until its end().
  void begin(JobId job, const Ring& ring) { jobs_.insert(job).memory = ring.context(); }
  /// What the component has to wait for so that the device can wait for `fence`, which `waits` then has: empty if
  /// nothing is left; `fence` itself if it cannot be lowered. Context: the exec ioctl.
  [[nodiscard]] sched::FenceRef lower(os::Context& ctx, QueueId queue, JobId job, sched::FenceRef fence,
                                      std::vector<NativeWait>& waits);
  /// The job's entry is in its ring; its end writes `value`.
  void set_written(JobId job, std::uint64_t value);
  /// And the device is told: others may be handed over. Any context; never waits.
  void set_pushed(os::Context& ctx, JobId job);
  /// Its last reference is gone, whether it was written or not; its finished fence has signalled, or never will be
  /// anybody's. Any context; never waits.
  void end(os::Context& ctx, JobId job);
  /// What the ring entry of a job waits for: those that are not done.
  [[nodiscard]] std::vector<abi::RingWait> ring_waits(const std::vector<NativeWait>& waits);
  /// Of a fence that lower() has given for another: that other one, until its job is in its ring. Null for any other
  /// fence. For those who explain what a job waits for.
  [[nodiscard]] const sched::Fence* find_awaited(std::uint64_t context);

 private:
  struct Producer {
    std::shared_ptr<const ContextMemory> memory;
    std::uint64_t value = 0;  ///< 0: not written
    bool is_pushed = false;
    sched::FenceRef pushed;    ///< empty: nobody waits for that
    sched::FenceRef finished;  ///< with `pushed`: the job's
  };

  sched::FenceArena& fences_;
  IdWindow<Producer> jobs_;
};

}  // namespace gpusim::drv
