// SPDX-License-Identifier: MIT
// Cuts each job's life, from exec_begin to the return of its waiter, into causes that tile it exactly (cause.h; the
// rules stand at the handlers). A job is in one stage at a time; leaving a stage books the time since it was entered.
// Two stages are shared by many jobs - queued on the host, waiting on the device - and are read from clocks of the
// queue, so that no event costs more with many jobs or queues. While a queue is being recovered, so are its jobs: what
// they spend in any stage between push and signal, and is not work, is recovery then.
//
// It counts no jobs and keeps no history: ended lives go to the listeners.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/id_window.h"
#include "traces/event/cause.h"
#include "traces/event/make.h"
#include "traces/event/names.h"
#include "traces/event/recorder.h"
#include "traces/folds/device_wait.h"
#include "traces/folds/job_life.h"
#include "traces/folds/ring_transit.h"
#include "traces/folds/state_clock.h"

namespace gpusim::trace {

/// Violates "milestones_tile" if the causes of a job do not add up to its life.
class Milestones final {
 public:
  /// In the order in which a job normally passes them.
  enum class Stage : std::uint8_t {
    submitting,     ///< in the ioctl: syscall, lock
    queued,         ///< pushed; the cause is the queue's
    issuing,        ///< run_job until the doorbell: host_worker, ring_space
    ringing,        ///< doorbell
    arrived,        ///< firmware
    device_wait,    ///< the firmware knows; the cause is the queue's
    started,        ///< work, preempted
    writing_fence,  ///< fence_write
    visible,        ///< interrupt
    completing,     ///< completion
    waking,         ///< wakeup
  };

  /// Listeners of the recorder that are attached later see an event after the life that it ends was given out.
  void attach_to(Recorder& recorder);
  void add_listener(JobLifeListener& listener) { listeners_.push_back(&listener); }

  // From the ioctl to run_job.
  void on(const queue_create& event);
  void on(const exec_begin& event);
  void on(const exec_lock_wait& event);
  void on(const exec_lock_acquired& event);
  void on(const exec_end& event);
  void on(const user_dependency& event);
  void on(const user_dependency_reached& event);
  void on(const drm_sched_job_queue& event);
  void on(const drm_sched_job_unschedulable& event);
  void on(const dependency_ready& event);
  void on(const credit_blocked& event);
  void on(const credit_returned& event);
  void on(const gang_wait& event);
  void on(const token_wait& event);
  void on(const token_granted& event);
  void on(const token_withdrawn& event);
  void on(const drm_sched_job_run& event);
  // From run_job to the end of the work.
  void on(const ring_full& event);
  void on(const ring_space& event);
  void on(const ring_write& event);
  void on(const doorbell_write& event);
  void on(const doorbell_arrive& event);
  void on(const queue_ready& event);
  void on(const ring_wait_begin& event);
  void on(const ring_wait_end& event);
  void on(const slot_grant& event);
  void on(const slot_evict& event);
  void on(const engine_assign& event);
  void on(const context_restore_begin& event);
  void on(const context_restore_end& event);
  void on(const context_save_begin& event);
  void on(const context_save_end& event);
  void on(const engine_release& event);
  void on(const fetch_begin& event);
  void on(const job_preempted& event);
  void on(const job_resumed& event);
  void on(const job_end& event);
  // And back.
  void on(const fence_visible& event);
  void on(const interrupt_raise& event);
  void on(const irq_handler_entry& event);
  void on(const irq_handler_exit& event);
  void on(const dma_fence_signaled& event);
  void on(const dma_fence_wait_start& event);
  void on(const dma_fence_wait_end& event);

  // What goes wrong.
  void on(const fault_injected& event);
  void on(const job_timedout& event);
  void on(const timeout_verdict& event);
  void on(const engine_reset& event);
  void on(const queue_registered& event);
  void on(const queue_banned& event);
  void on(const queue_evicted& event);
  void on(const queue_restored& event);
  void on(const device_reset_begin& event);
  void on(const device_reset_end& event);

  /// To at most three decimals.
  [[nodiscard]] static std::string rounded_text(SimTime time) { return format_duration(time.time_since_epoch()); }
  /// Where a job is that was handed to the device and has not signalled, in words: "its fence value is in memory since
  /// 1.067 ms, and its interrupt was lost".
  struct OnDevice {
    JobId job;
    QueueId queue;
    std::string where;
  };
  /// In order of number. `time_text` writes the moments.
  [[nodiscard]] std::vector<OnDevice> on_device(const Names& names, std::string (*time_text)(SimTime) = &rounded_text);

  /// The life of a job that has begun and not ended, up to `now`; null if there is no such job. `now` is not before the
  /// last event. Good until the next event.
  [[nodiscard]] const JobLife* life_so_far(JobId id, SimTime now);

  /// Where a job is that has begun and not ended.
  struct Place {
    Stage stage;
    SimTime since;         ///< in the stage, or in the cause within it
    std::uint32_t engine;  ///< from Stage::started on: where it was fetched or resumed last
    bool is_at_work;       ///< an engine works for it
  };
  [[nodiscard]] std::optional<Place> place_of(JobId id);

  /// The jobs still open at the end of a run, in order of number, cut off at `now`. Call it once, at the end.
  [[nodiscard]] std::vector<JobLife> finish(SimTime now);
  /// What each engine did, for statistics.
  [[nodiscard]] std::vector<DeviceWait::EngineTimes> engine_times(SimTime now) { return device_.engine_times(now); }

 private:
  struct Job {
    JobLife life;
    SimTime since{};  ///< entered the stage, or the cause within it
    Stage stage = Stage::submitting;
    Cause cause = Cause::syscall;                   ///< unless the stage is shared
    std::uint32_t engine = 0;                       ///< started: where it was fetched or resumed
    std::uint32_t vector = 0;                       ///< visible: the one that will report it
    bool hangs = false;                             ///< by an injected fault
    std::uint32_t waiters = 0;                      ///< blocked on its finished fence
    std::uint64_t ring_index = kNotWritten;         ///< of its ring entry
    std::array<Picoseconds, 6> reading_at_entry{};  ///< of the shared clock
    Picoseconds own_backlog_at_entry{0};            ///< of its queue, in device_wait
    Picoseconds recovered{0};                       ///< of its queue, at `since`
  };

  static constexpr std::uint64_t kNotWritten = ~std::uint64_t{0};
  /// States of Queue::host.
  static constexpr std::array<Cause, 6> kHostCauses{Cause::host_worker, Cause::dependency, Cause::credit,
                                                    Cause::gang,        Cause::token,      Cause::recovery};

  /// Why a queue is being recovered, as bits.
  enum Trouble : std::uint8_t {
    timed_out = 1,
    engine_was_reset = 2,
    device_resets = 4,
    banned = 8,
    unknown = 16,
    evicted = 32,
  };

  struct Queue {
    StateClock<kHostCauses.size()> host;  ///< while it is recovered in that state, whatever `host_state` is
    std::size_t host_state = 0;
    StateClock<2> recovery;  ///< 1: is being recovered
    std::uint8_t trouble = 0;
    bool is_known = false;  ///< to the firmware, or was: a device reset forgets it, which is trouble enough
    JobId blocked_head;     ///< that waits for a dependency, credits, its gang's turn or a token
    RingTransit transit;
  };
  struct Engine {
    JobId job;  ///< fetched or resumed last
  };
  struct Vector {
    std::uint32_t handlers = 0;  ///< running now
    std::vector<JobId> jobs;     ///< visible and to be reported by it; may hold jobs that have left by another way
    std::uint32_t visible = 0;   ///< how many of them have not
    bool lost = false;           ///< its last interrupt was lost, and no other has been raised or taken since
  };

  void settle_shared(Job& job, SimTime now);
  void settle_recovery(Job& job, SimTime now);
  /// Books the time since the job's last change and starts counting anew.
  void settle(Job& job, SimTime now) {
    if (job.stage == Stage::queued || job.stage == Stage::device_wait) {
      settle_shared(job, now);
    } else {
      job.life[job.cause] += now - job.since;
      if (any_trouble_) settle_recovery(job, now);
    }
    job.since = now;
  }
  void enter(Job& job, Stage stage, Cause cause, SimTime now) {
    settle(job, now);
    if (job.stage == Stage::visible && stage != Stage::visible) --vectors_[job.vector].visible;
    job.stage = stage;
    job.cause = cause;
  }
  void enter_shared(Job& job, Stage stage, SimTime now);
  void set_trouble(QueueId queue, Trouble trouble, bool is_on, SimTime now);
  void knows(QueueId queue, SimTime now);
  void enter_host_state(Queue& queue, std::size_t state, SimTime now);
  void head_waits(QueueId queue, JobId head, std::size_t host_state, SimTime now);
  void head_goes_on(QueueId queue, SimTime now);
  void submitting(JobId id, Cause cause, SimTime now);
  void at_ring(JobId id, Cause cause, SimTime now);
  void on_engine(std::uint32_t engine, QueueId queue, JobId id, Cause cause, SimTime now);
  void off_engine(std::uint32_t engine, JobId id, Stage stage, Cause cause, SimTime now);
  void end(JobId id, Job& job, SimTime now);
  static void check_tiles(const JobLife& life);

  IdWindow<Job> jobs_;
  std::vector<Queue> queues_;    ///< by QueueId
  std::vector<Engine> engines_;  ///< by engine
  std::vector<Vector> vectors_;  ///< by vector
  DeviceWait device_;
  bool any_trouble_ = false;  ///< there was some: most runs have none, and pay nothing for it
  bool device_resets_ = false;
  std::vector<JobLifeListener*> listeners_;
};

}  // namespace gpusim::trace
