// SPDX-License-Identifier: MIT
// Memory of a process is moved: its queues in user mode are taken off the hardware for that, and come back when it is
// in place again. Two works of the kernel, as amdgpu's (amdgpu_eviction_fence_suspend_worker(),
// amdgpu_userq_restore_worker()); docs/direct.md has the rules.
//
//   suspend   waits for the last fence of each queue, then unmaps one after the other
//   restore   waits until the memory is there, then maps them, and the firmware looks at their write indices
//
// The client is asked nothing. It goes on writing entries and ringing doorbells, which nobody hears.
#pragma once

#include <cstdint>
#include <vector>

#include "host_driver/device_state.h"
#include "os/sync.h"
#include "os/workqueue.h"

namespace gpusim::drv {

class UserQueue;

/// Of one process.
class Eviction {
 public:
  explicit Eviction(DeviceState& device);
  Eviction(const Eviction&) = delete;
  Eviction& operator=(const Eviction&) = delete;

  void add(UserQueue& queue) { queues_.push_back(&queue); }
  void remove(UserQueue& queue) { std::erase(queues_, &queue); }

  /// Memory of the process is to be moved. One that is under way is joined. False: it has no queues. Any context; never
  /// waits.
  bool request(os::Context& ctx);
  /// Before a fence is made or a queue is mapped (amdgpu_userq_ensure_ev_fence()): sleeps until the queues are on the
  /// hardware. Context: may sleep.
  [[nodiscard]] os::Task<> wait_until_mapped(os::Context& ctx);
  /// Sleeps while one of the works is at the queues. Context: may sleep, with nothing of theirs held.
  [[nodiscard]] os::Task<> wait_for_works(os::Context& ctx);

 private:
  enum class State : std::uint8_t { mapped, suspending, evicted, restoring };

  static os::Task<> suspend_work(void* self, os::Context& ctx) { return static_cast<Eviction*>(self)->suspend(ctx); }
  [[nodiscard]] os::Task<> suspend(os::Context& ctx);
  static os::Task<> restore_work(void* self, os::Context& ctx) { return static_cast<Eviction*>(self)->restore(ctx); }
  [[nodiscard]] os::Task<> restore(os::Context& ctx);
  void enter(os::Context& ctx, State state);

  DeviceState& device_;
  std::vector<UserQueue*> queues_;
  State state_ = State::mapped;
  os::WaitQueue changed_;
  os::Workqueue system_wq_;
  os::Work suspend_work_;
  os::Work restore_work_;
};

}  // namespace gpusim::drv
