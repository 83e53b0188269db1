// SPDX-License-Identifier: MIT
// drm_sched_job with its drm_sched_fence: a scheduled and a finished fence of the same sequence number on two contexts.
// The kernel's job has no reference count of its own; ours has the caller's reference (prepare() to put_job()) and the
// scheduler's (push to free_job), of which the last one calls the driver's release_job().
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/arena.h"
#include "os/workqueue.h"
#include "scheduler/drm_sched/spec.h"
#include "scheduler/submission.h"

namespace gpusim::sched::drm {

class Component;
class Entity;
class Scheduler;

enum class JobState : std::uint8_t { init, armed, queued, running, freed };

class SchedJob final : public Job, public Counted, private FenceCallback {
 public:
  SchedJob(const JobSpec& spec, Component& component, Entity& entity);

  [[nodiscard]] std::string describe() const;
  /// For the arena.
  void on_release() {
    dependencies_.clear();
    scheduled_.reset();
    finished_.reset();
    parent_.reset();
  }
  [[nodiscard]] const FenceRef& scheduled() const { return scheduled_; }
  [[nodiscard]] const FenceRef& finished() const { return finished_; }
  /// The hardware fence, while the scheduler holds it.
  [[nodiscard]] const FenceRef& parent() const { return parent_; }
  [[nodiscard]] std::uint32_t karma() const { return karma_; }
  /// job->sched: that of its entity when it was armed.
  [[nodiscard]] Scheduler& scheduler() const { return *scheduler_; }
  /// At most one for each fence context, in the order in which they were added.
  [[nodiscard]] const std::vector<FenceRef>& dependencies() const { return dependencies_; }
  /// finished.timestamp - scheduled.timestamp: what drm_sched takes for the job's time on the hardware. The free worker
  /// moves the start to the end of the job before, even if that makes it negative.
  [[nodiscard]] Picoseconds duration() const { return finished_at_ - scheduled_at_; }
  [[nodiscard]] Entity& entity() const { return entity_; }

 private:
  friend class Component;
  friend class Entity;
  friend class RunQueue;
  friend class Scheduler;

  // The hardware fence has signalled; or, once killed, the fence that the killed job waits for. Any context.
  FenceRelay on_fence_signaled(os::Context& ctx, Fence& fence) override;

  static os::Task<> kill_work(void* self, os::Context& ctx);
  void cut_credits(std::uint32_t limit) { spec_.credits = limit; }
  [[nodiscard]] os::Task<> signal_scheduled(os::Context& ctx);

  Component& component_;
  Entity& entity_;  // the kernel clears it when the job is taken: for the trace and for references only
  Scheduler* scheduler_;
  JobState state_ = JobState::init;
  Priority priority_ = Priority::normal;
  bool killed_ = false;
  std::uint32_t karma_ = 0;
  std::vector<FenceRef> dependencies_;
  std::size_t next_dependency_ = 0;  // last_dependency; the ones before it stay, for a kill
  FenceRef scheduled_;
  FenceRef finished_;
  FenceRef parent_;
  SimTime submit_time_{};
  SimTime scheduled_at_{};
  SimTime finished_at_{};
  os::Work kill_work_;
};

}  // namespace gpusim::sched::drm
