// SPDX-License-Identifier: MIT
// Where queues, engines, the firmware and threads stand at one moment of a recorded run.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "traces/event/make.h"
#include "traces/folds/milestones.h"
#include "traces/inspect/recording.h"
#include "traces/inspect/run_index.h"

namespace gpusim::trace {

/// What the head of a queue waits for before it is handed over.
struct HeadWait {
  enum class For : std::uint8_t { nothing, dependency, credits, token, gang };
  For what = For::nothing;
  JobId head;
  SimTime since{};
  FenceName fence;           ///< dependency; gang: the scheduled fence of the gang that goes first
  std::uint64_t needed = 0;  ///< credits
  std::uint64_t in_flight = 0;
  std::uint64_t limit = 0;
};

struct QueueStanding {
  bool exists = false;
  std::uint64_t level = 0;  ///< 0 highest; that of its creation
  std::uint64_t engine_mask = 0;
  std::vector<JobId> submitting;  ///< in their exec, not pushed
  std::vector<JobId> queued;      ///< pushed, not handed over; the head first
  std::vector<JobId> handed;      ///< handed over, and their fence not signalled
  HeadWait wait;
  std::uint32_t stops = 0;
  bool is_banned = false;
  bool is_killed = false;
  bool is_known = false;                     ///< to the firmware
  std::optional<SimTime> missed_preemption;  ///< when the firmware gave it up for that
  std::optional<SimTime> page_fault;         ///< when its job had one
  bool has_slot = false;
  std::optional<SimTime> ring_wait;  ///< it waits in its ring for another queue's fence value, since
  bool has_token = false;
  std::optional<std::uint32_t> engine;
  bool is_in_line = false;                 ///< the firmware has put it in its run-list, if it has work
  std::optional<decision> passed_over;     ///< the last that chose another while it waited in line; none since it was
                                           ///< given an engine last, or decisions are not traced
  std::map<std::uint64_t, SimTime> works;  ///< kinds of work that are queued, since
  std::map<std::uint64_t, std::pair<std::uint32_t, SimTime>> at_work;  ///< that a thread executes, since
};

struct EngineStanding {
  enum class Doing : std::uint8_t { nothing, restoring, saving, working };
  Doing doing = Doing::nothing;
  SimTime since{};  ///< it does that
  QueueId queue;    ///< that it is given to; 0: none
  SimTime assigned{};
  std::optional<SimTime> loaded;  ///< the queue's context is there: its quantum runs from here
  JobId job;                      ///< that it works for
  std::optional<SimTime> pick;    ///< when the firmware began to choose the queue
};

struct FirmwareStanding {
  enum class State : std::uint8_t { asleep, waking, serving };
  State state = State::asleep;
  SimTime since{};
  std::uint64_t event = 0;  ///< that it serves
  QueueId queue;
};

class Standing final {
 public:
  /// At the moment `at`, after all that happens then.
  Standing(const Recording& recording, SimTime at);

  [[nodiscard]] SimTime at() const { return at_; }
  [[nodiscard]] const QueueStanding& queue(QueueId queue) const;
  [[nodiscard]] std::size_t queue_count() const { return queues_.size(); }
  [[nodiscard]] const EngineStanding& engine(std::uint32_t engine) const;
  [[nodiscard]] std::size_t engine_count() const { return engines_.size(); }
  [[nodiscard]] const FirmwareStanding& firmware() const { return firmware_; }
  [[nodiscard]] Milestones& milestones() { return milestones_; }

  /// The fence of which the thread waits for the signal, and since when.
  struct ThreadWait {
    FenceName fence;
    SimTime since{};
  };
  [[nodiscard]] std::optional<ThreadWait> wait_of(std::uint32_t thread) const;
  [[nodiscard]] bool sleeps_on_lock(JobId job) const { return lock_waits_.contains(job); }
  /// The fence that a client in user mode waits for with this job.
  [[nodiscard]] std::optional<FenceName> user_wait(JobId job) const;
  /// What the job waits for in its ring, whether it has come or not.
  [[nodiscard]] std::vector<FenceName> native_waits(JobId job) const;
  /// The job waits in run_job for room in its ring.
  [[nodiscard]] bool waits_for_room(JobId job) const { return room_waits_.contains(job); }
  /// The last job before that was handed over, of all queues.
  [[nodiscard]] std::optional<std::pair<JobId, SimTime>> last_run() const { return last_run_; }
  [[nodiscard]] std::optional<SimTime> resets_since() const { return resetting_; }
  /// That reset is because a queue did not leave its engine in time.
  [[nodiscard]] bool resets_for_preemption() const { return resets_for_preemption_; }

  // Of events.
  void on(const queue_create& event);
  void on(const exec_begin& event);
  void on(const exec_end& event);
  void on(const exec_lock_wait& event) { lock_waits_.insert(event.job); }
  void on(const exec_lock_acquired& event) { lock_waits_.erase(event.job); }
  void on(const user_dependency& event);
  void on(const user_dependency_reached& event) { user_waits_.erase(event.job); }
  void on(const native_dependency& event);
  void on(const drm_sched_job_queue& event);
  void on(const drm_sched_job_unschedulable& event);
  void on(const dependency_ready& event);
  void on(const credit_blocked& event);
  void on(const credit_returned& event);
  void on(const token_wait& event);
  void on(const token_granted& event);
  void on(const token_returned& event);
  void on(const token_withdrawn& event);
  void on(const gang_wait& event);
  void on(const drm_sched_job_run& event);
  void on(const ring_full& event) { room_waits_.insert(event.job); }
  void on(const ring_space& event) { room_waits_.erase(event.job); }
  void on(const ring_write& event);
  void on(const dma_fence_signaled& event);
  void on(const dma_fence_wait_start& event);
  void on(const dma_fence_wait_end& event) { thread_waits_.erase(event.thread); }
  void on(const workqueue_queue_work& event);
  void on(const workqueue_execute_start& event);
  void on(const workqueue_execute_end& event);
  void on(const queue_stop& event) { ++of(event.queue).stops; }
  void on(const queue_start& event);
  void on(const queue_kill& event) { of(event.queue).is_killed = true; }
  void on(const queue_banned& event) { of(event.queue).is_banned = true; }
  void on(const device_reset_begin& event);
  void on(const device_reset_end& /*event*/) { resetting_.reset(); }
  void on(const firmware_wake& event);
  void on(const firmware_begin& event);
  void on(const firmware_end& event);
  void on(const queue_registered& event) { of(event.queue).is_known = true; }
  void on(const queue_deregistered& event);
  void on(const queue_ready& event);
  void on(const page_fault& event) { of(event.queue).page_fault = event.time; }
  void on(const reset_notify& event) {
    if (!of(event.queue).page_fault) of(event.queue).missed_preemption = event.time;
  }
  void on(const slot_grant& event) { of(event.queue).has_slot = of(event.queue).is_in_line = true; }
  void on(const slot_evict& event) { of(event.queue).has_slot = of(event.queue).is_in_line = false; }
  void on(const decision& event);
  void on(const ring_wait_begin& event) { of(event.queue).ring_wait = event.time; }
  void on(const ring_wait_end& event) { of(event.queue).ring_wait.reset(); }
  void on(const engine_assign& event);
  void on(const engine_release& event);
  void on(const engine_reset& event) { leave(event.engine, event.time); }
  void on(const context_restore_begin& event);
  void on(const context_restore_end& event);
  void on(const context_save_begin& event);
  void on(const context_save_end& event);
  void on(const fetch_begin& event) { work_begins(event.engine, event.job, event.time); }
  void on(const job_resumed& event) { work_begins(event.engine, event.job, event.time); }
  void on(const job_preempted& event) { work_ends(event.engine, event.time); }
  void on(const job_end& event) { work_ends(event.engine, event.time); }

 private:
  [[nodiscard]] QueueStanding& of(QueueId queue);
  void wait_for(QueueId queue, HeadWait wait) { of(queue).wait = wait; }
  void do_now(std::uint32_t engine, EngineStanding::Doing doing, SimTime now);
  void work_begins(std::uint32_t engine, JobId job, SimTime now);
  void work_ends(std::uint32_t engine, SimTime now);
  void leave(std::uint32_t engine, SimTime now);
  [[nodiscard]] bool could_be_picked(const QueueStanding& queue, std::uint32_t engine);

  SimTime at_;
  Milestones milestones_;
  std::vector<QueueStanding> queues_;
  std::vector<EngineStanding> engines_;
  FirmwareStanding firmware_;
  std::map<std::uint32_t, ThreadWait> thread_waits_;
  std::set<JobId> lock_waits_;
  std::set<JobId> room_waits_;
  std::map<JobId, FenceName> user_waits_;
  std::map<JobId, std::vector<FenceName>> native_waits_;
  std::optional<std::pair<JobId, SimTime>> last_run_;
  std::optional<SimTime> resetting_;
  bool resets_for_preemption_ = false;
};

}  // namespace gpusim::trace
