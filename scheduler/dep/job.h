// SPDX-License-Identifier: MIT
// drm_dep_job: one submission. References as the RFC states them: init gives the caller one and takes one on the queue,
// held until the job's last put; push gives the queue one on the job, held until its put (docs/reference/drm_dep.md).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/linked_list.h"
#include "scheduler/submission.h"

namespace gpusim::sched::dep {

class Queue;

enum class JobState : std::uint8_t { init, armed, queued, pending, done };

class DepJob final : public Job, public Counted, private FenceCallback {
 public:
  DepJob(const JobSpec& spec, Queue& queue) : Job{spec}, queue_{queue} {}
  [[nodiscard]] std::string describe() const;
  /// Drops the references that it holds: base/arena.h.
  void on_release();

 private:
  friend class Queue;
  friend class Component;
  friend class LinkedList<DepJob>;

  // The hardware fence has signalled. Context: its signaller's, usually a hard IRQ.
  FenceRelay on_fence_signaled(os::Context& ctx, Fence& fence) override;

  Queue& queue_;
  JobState state_ = JobState::init;
  bool hardware_done_ = false;  // on the pending list, and done as soon as it is its head
  bool asked_ = false;          // on the hardware while its queue was killed, and timedout_job() has been called for it
  Errno result_ = Errno::ok;
  std::vector<FenceRef> dependencies_;  // at most one per fence context
  std::size_t next_dependency_ = 0;
  FenceRef finished_;
  FenceRef parent_;
  DepJob* next_ = nullptr;  // in the job queue, then in the pending list, then in the done list
};

}  // namespace gpusim::sched::dep
