// SPDX-License-Identifier: MIT
// A queue is banned for a job only where the driver's rules (BlameRules) blame that job:
//
//   an engine was reset under the queue;
//   it has begun, and its timeout's clock says that its time is spent: in wall time any timeout does; else the time for
//   which engines have executed it, with what the driver allows; or, if the driver looks for that, it has not run at
//   all between two timeouts; it has begun, and the device is in reset, if a reset costs that, or if the firmware has
//   said, before that reset, that the queue did not leave its engine; it has not begun, but the firmware has said
//   so, too, or it has seen more resets and timeouts than the limit, or the driver blames such a job.
//
// Where the clock runs from run_job() on, no job times out before it has run for so long.
//
// And a job that had a page fault is guilty: unless the device is reset before its queue is given up, neither it nor
// anything behind it in the ring is executed. A ring that is registered again may go on without it.
//
// Job numbers of a queue ascend.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/fifo.h"
#include "traces/oracles/oracle.h"

namespace gpusim::trace {

/// What the driver does with jobs that time out or are hit by a device reset.
struct BlameRules {
  /// Of its own run time a job has to have spent so much to be guilty; 0: a timeout suffices.
  Picoseconds run_time{0};
  bool stuck = false;      ///< or not to have run since the timeout before
  bool not_begun = false;  ///< a job that has not begun when it times out is guilty
  /// The driver bans first: one that begins while its queue is disabled; or whose queue the firmware does not disable,
  /// because it does not answer or because a reset is wanted that another queue asked for.
  bool bans_first = false;
  std::uint32_t reset_limit = 0;   ///< one that has not begun and has seen more resets and timeouts; 0: none
  bool reset_takes_begun = false;  ///< a device reset costs each queue the job that has begun
  bool reset_takes_all = false;
  /// Else it costs whom the driver sees on an engine; that a job is done or a context saved it sees so much later.
  Picoseconds write_latency{0};
  /// The firmware's message that a queue has not left its engine in its time; the reset that follows costs that queue.
  std::optional<Code> preempt_missed;
  /// A job times out no sooner after run_job(). 0: that is for another oracle.
  Picoseconds since_run_job{0};
  /// Queues are mapped into their clients: fences of the kernel have had so much time, on the hardware. 0: any.
  std::optional<Picoseconds> fence_timeout;
};

class Guilty final : public Oracle {
 public:
  explicit Guilty(const Names& names) : Oracle{"guilty", names} {}
  void attach_to(Recorder& recorder) override;
  void on(const drm_sched_job_run& event);
  void on(const job_start& event);
  void on(const job_preempted& event);
  void on(const job_resumed& event);
  void on(const job_end& event);
  void on(const context_save_end& event);
  void on(const engine_reset& event);
  void on(const job_timedout& event);
  void on(const timeout_verdict& event);
  void on(const message_abandoned& event);
  void on(const message_reply& event);
  void on(const dma_fence_init& event);
  void on(const dma_fence_signaled& event);
  void on(const queue_kill& event);
  void on(const queue_restored& event);
  void on(const reset_notify& event);
  void on(const page_fault& event);
  void on(const queue_registered& event);
  void on(const workqueue_queue_work& event);
  void on(const device_reset_begin& event);
  void on(const device_reset_end& event);
  void on(const queue_banned& event);

  void on_rules(const BlameRules& rules) { rules_ = rules; }

 private:
  struct HandedOver {
    JobId job;
    SimTime at;
  };
  struct Queue {
    Fifo<HandedOver> on_hardware;  ///< with BlameRules::since_run_job; not of a queue that was killed
    bool is_killed = false;
    JobId last_begun;
    bool was_reset = false;
    Picoseconds run{0};  ///< of the job begun last, in pieces that are over
    std::optional<SimTime> running_since;
    std::optional<SimTime> left;  ///< its engine: is done, or saved
    JobId timed_out;  ///< the job that timed out last, how often, and how long it had run at the last verdict
    std::uint32_t timeouts = 0;
    Picoseconds run_at_verdict{0};
    bool stuck = false;
    bool begun_meanwhile = false;
    bool unanswered = false;          ///< the firmware did not disable it in time
    bool answered = false;            ///< it has, since the timeout
    bool judged = false;              ///< and the driver's handler has returned before a reset was asked for
    std::uint64_t resets_then = 0;    ///< of the device, when the job timed out
    std::uint64_t resets_before = 0;  ///< of the device, done when the head became the head
    std::uint64_t missed_before = 0;  ///< the reset before which the firmware said preempt_missed; 0: none
    std::uint64_t fences = 0;         ///< of the kernel, for user queues; how many are open
    SimTime watched_since{};          ///< since when there is one
    bool was_notified = false;        ///< the firmware has reset an engine under it by itself
    JobId faulted;                    ///< had a page fault; no device reset since
    bool is_given_up = false;         ///< for that
  };
  [[nodiscard]] static Picoseconds run_time(const Queue& queue, SimTime now) {
    return queue.run + (queue.running_since ? now - *queue.running_since : Picoseconds{0});
  }

  void check_clock_of_stage(const job_timedout& event, const Queue& queue) const;
  void check_page_fault(QueueId queue, JobId job, SimTime now);
  void check_user_queue(const queue_banned& event, const Queue& queue) const;

  BlameRules rules_;
  std::vector<Queue> queues_;
  std::uint64_t resets_ = 0;
  bool reset_wanted_ = false;  ///< of the driver's worker, which has not begun it; submission counts as stopped
  bool resetting_ = false;
  SimTime reset_began_{};
};

}  // namespace gpusim::trace
