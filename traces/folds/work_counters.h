// SPDX-License-Identifier: MIT
// What submission costs the host, folded from events: the time from the ioctl to the doorbell, the context in which a
// job is run, wake-ups, time in interrupts, how long a job stays after it is done, how long closing a queue blocks, how
// many queues are being torn down. Statistics has what a job's client sees. Only what ended within the run counts; of a
// job that is cut off, the events that came count.
//
// A thread takes part in submission if it belongs to a client, has run a work item, or has completed a job. Only such
// threads' wake-ups and switches count: background load does not.
#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/id_window.h"
#include "traces/event/make.h"
#include "traces/event/recorder.h"
#include "traces/folds/histogram.h"

namespace gpusim::trace {

class WorkCounters final {
 public:
  void attach_to(Recorder& recorder);

  void on(const client_start& event);
  void on(const client_finish& event);
  void on(const queue_create& event);
  void on(const queue_create_failed& event);
  void on(const queue_close& event);
  void on(const queue_closed& event);
  void on(const queue_fini& event);
  void on(const queue_destroyed& event);
  void on(const exec_begin& event);
  void on(const exec_end& event);
  void on(const drm_sched_job_queue& event);
  void on(const drm_sched_job_add_dep& event);
  void on(const native_dependency& event);
  void on(const dependency_ready& event);
  void on(const dma_fence_signaled& event);
  void on(const drm_sched_job_run& event);
  void on(const user_dependency& event);
  void on(const ring_write& event);
  void on(const doorbell_write& event);
  void on(const fetch_begin& event);
  void on(const job_start& event);
  void on(const job_end& event);
  void on(const fault_injected& event);
  void on(const queue_banned& event);
  void on(const drm_sched_job_done& event);
  void on(const job_released& event);
  void on(const sched_wakeup& event);
  void on(const sched_switch& event);
  void on(const irq_handler_entry& event);
  void on(const irq_handler_exit& event);
  void on(const workqueue_execute_start& event);

  // Times in ps.
  [[nodiscard]] const Histogram& ioctl_to_doorbell() const { return ioctl_to_doorbell_; }  ///< of the first doorbell
  [[nodiscard]] const Histogram& ioctl_time() const { return ioctl_time_; }  ///< of jobs that the ioctl accepted
  /// From the signal of the last dependency that was open at the push until the job is run, behind others or not. Of a
  /// job that need not wait until its dependencies signal (pipelining), only if one of them has.
  [[nodiscard]] const Histogram& ready_to_run() const { return ready_to_run_; }
  /// Of jobs that were submitted before the work of a job that they depend on had ended: from the end of the last such
  /// work until their own begins.
  [[nodiscard]] const Histogram& edge_gap() const { return edge_gap_; }
  /// Of jobs without an end, by themselves or by a fault: from their first fetch until their queue is banned for them.
  [[nodiscard]] const Histogram& hang_detection() const { return hang_detection_; }
  [[nodiscard]] const Histogram& residency() const { return residency_; }  ///< drm_sched_job_done to job_released
  /// queue_close to queue_closed, or to the next event of the client itself: its next close or its end, if it has
  /// nothing else to do.
  [[nodiscard]] const Histogram& close_time() const { return close_time_; }
  [[nodiscard]] std::uint64_t hard_irq_time() const { return hard_irq_time_; }  ///< handler entry to exit, all CPUs
  /// Of threads that take part, from the switch to them to the next one, without interrupts; and hard_irq_time().
  [[nodiscard]] std::uint64_t cpu_time() const;
  [[nodiscard]] std::uint64_t interrupts() const { return interrupts_; }

  [[nodiscard]] std::uint64_t jobs_run() const { return jobs_run_; }
  [[nodiscard]] std::uint64_t jobs_run_by_caller() const { return jobs_run_by_caller_; }  ///< by the ioctl's thread
  [[nodiscard]] std::uint64_t jobs_queued() const { return jobs_queued_; }
  /// With a dependency that had not signalled at the push.
  [[nodiscard]] std::uint64_t jobs_dependent() const { return jobs_dependent_; }
  [[nodiscard]] std::uint64_t dependency_kicks() const { return dependency_kicks_; }  ///< dependency_ready
  [[nodiscard]] std::uint64_t work_items() const { return work_items_; }
  [[nodiscard]] std::uint64_t wakeups() const;         ///< of threads that take part
  [[nodiscard]] std::uint64_t worker_wakeups() const;  ///< of those among them that run work items
  [[nodiscard]] std::uint64_t switches() const;        ///< of a CPU to a thread that takes part

  [[nodiscard]] std::uint64_t peak_live_jobs() const { return live_jobs_.peak; }  ///< queued or run, not released
  [[nodiscard]] std::uint64_t peak_zombies() const { return zombies_.peak; }      ///< queue_fini, not queue_destroyed
  [[nodiscard]] std::uint64_t peak_ids() const { return ids_.peak; }              ///< created, not queue_destroyed
  [[nodiscard]] std::uint64_t create_failures() const { return create_failures_; }

 private:
  using FenceName = std::pair<std::uint64_t, std::uint64_t>;  ///< context and seqno
  struct JobState {
    SimTime exec_begin{};
    SimTime done = kNever;
    SimTime fetched = kNever;
    FenceName finished{};      ///< its finished fence
    SimTime enabled = kNever;  ///< when the last work so far has ended that it depends on
    SimTime ready = kNever;    ///< when the last dependency so far has signalled
    std::uint32_t thread = 0;  ///< of the ioctl
    bool in_ioctl = false;
    bool is_endless = false;
    bool is_queued = false;
    bool is_dependent = false;
    bool has_run = false;
    bool has_rung = false;
    bool is_released = false;
  };
  struct ThreadState {
    std::uint64_t wakeups = 0;
    std::uint64_t switches = 0;  ///< to it
    std::uint64_t cpu_time = 0;
    bool takes_part = false;
    bool is_worker = false;
    SimTime closing = kNever;  ///< when its client entered the close
  };
  struct CpuState {
    std::uint32_t thread = 0;    ///< that it runs; 0: none
    SimTime since{};             ///< when it came on
    std::uint64_t irq_time = 0;  ///< since then
    SimTime irq_since{};
  };
  struct Level {
    std::uint64_t now = 0;
    std::uint64_t peak = 0;
    void up() {
      if (++now > peak) peak = now;
    }
    void down() {
      if (now > 0) --now;
    }
  };

  void end_close(std::uint32_t number, SimTime now);
  [[nodiscard]] bool has_signaled(const FenceName& fence) const;
  /// The job is the component's from here on: queued, or run at once by its caller; without a component the ring's.
  void enter(JobState& job);
  void retire_if_over(JobId job, const JobState& state);

  IdWindow<JobState> jobs_;
  /// By context, whose fences signal in order: the last one that has.
  std::unordered_map<std::uint64_t, std::uint64_t> signaled_;
  /// Jobs that wait for a fence, by its context and seqno.
  std::map<FenceName, std::vector<JobId>> waited_for_;
  /// Jobs that depend on the work of the job with that finished fence, on the host or on the device.
  std::map<FenceName, std::vector<JobId>> edges_;
  std::vector<ThreadState> threads_;     ///< by thread number
  std::vector<CpuState> cpus_;           ///< by CPU
  std::vector<std::uint8_t> is_zombie_;  ///< by queue

  Histogram ioctl_to_doorbell_;
  Histogram ioctl_time_;
  Histogram ready_to_run_;
  Histogram edge_gap_;
  Histogram hang_detection_;
  Histogram residency_;
  Histogram close_time_;
  std::uint64_t hard_irq_time_ = 0;
  std::uint64_t interrupts_ = 0;
  std::uint64_t jobs_run_ = 0;
  std::uint64_t jobs_run_by_caller_ = 0;
  std::uint64_t jobs_queued_ = 0;
  std::uint64_t jobs_dependent_ = 0;
  std::uint64_t dependency_kicks_ = 0;
  std::uint64_t work_items_ = 0;
  std::uint64_t create_failures_ = 0;
  Level live_jobs_;
  Level zombies_;
  Level ids_;
};

}  // namespace gpusim::trace
