// SPDX-License-Identifier: MIT
// A job of a JobQueue, of either shape: one submission. It has a callback for each dependency: the counter shape
// registers all of them at its push, the pipeline one at a time.
//
// Ownership is the sources' Arc, counted: the caller has one reference from prepare(), the queue one from push() until
// the job is freed; and a job has one on its queue.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/linked_list.h"
#include "base/time.h"
#include "scheduler/submission.h"

namespace gpusim::sched::jq {

class JobQueue;
class QueuedJob;

/// A fence that a job waits for, with the callback that is registered there.
class Dependency final : public FenceCallback {
 public:
  Dependency(QueuedJob& job, FenceRef of) : fence{std::move(of)}, job_{&job} {}
  FenceRelay on_fence_signaled(os::Context& ctx, Fence& signaled) override;

  FenceRef fence;

 private:
  QueuedJob* job_;
};

enum class JobState : std::uint8_t { init, armed, queued, pending, done };

class QueuedJob final : public Job, public Counted, private FenceCallback {
 public:
  QueuedJob(const JobSpec& spec, JobQueue& queue) : Job{spec}, queue_{queue} {}
  [[nodiscard]] std::string describe() const;
  /// Drops the references that it holds: base/arena.h.
  void on_release();

 private:
  friend class Component;
  friend class CounterQueue;
  friend class Dependency;
  friend class LinkedList<QueuedJob>;
  friend class JobQueue;
  friend class PipelineQueue;

  // The hardware fence has signalled. Context: its signaller's, usually a hard IRQ.
  FenceRelay on_fence_signaled(os::Context& ctx, Fence& fence) override;

  JobQueue& queue_;
  JobState state_ = JobState::init;
  bool is_over_ = false;   // what is left is the signal of its finished fence, in its turn
  bool signaled_ = false;  // the finished fence has, and its callbacks have run
  Errno result_ = Errno::ok;
  std::vector<Dependency> dependencies_;  // not moved once one of them is registered
  FenceRef finished_;
  FenceRef parent_;
  QueuedJob* next_ = nullptr;  // in one list at a time

  // counter
  std::size_t open_ = 0;  // dependencies that have not signalled; one more while they are being registered

  // pipeline
  std::uint32_t index_ = 0;  // its slot
  std::size_t next_dependency_ = 0;
  bool handed_over_ = false;                  // to run_job(), which took it
  bool asked_ = false;                        // on the hardware after a kill, and timedout_job() has been called for it
  SimTime committed_{};                       // pipeline_timeout counts from here
  SimTime stage_since_{};                     // when it came into its stage
  std::optional<SimTime> stage_due_;          // a driver's stage wants to be asked again then
  std::optional<Dependency> stage_waits_on_;  // a driver's stage waits for this fence
};

}  // namespace gpusim::sched::jq
