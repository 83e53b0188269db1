// SPDX-License-Identifier: MIT
// The head of what a queue has on the hardware gets its whole timeout, and no more: timedout_job() is called neither
// earlier, unless somebody asked for it (a kill, an engine or a device that was reset, a device that is gone), nor
// later than a second (more on a machine whose steps take longer), and an eighth of the timeout, after it was due. Of a
// queue that was killed it is due at once, or after a time that kills give, unless a kill leaves the hardware alone; if
// the driver has been asked about that head since, it may be due after the timeout again (drm_sched: at once again).
// Where timeouts and device resets run one after the other, each may wait for the others. Queues that are stopped, and
// whose timedout_job() runs, are not looked at. Without timeouts there is nothing to check.
//
// Lateness is seen when the head leaves or times out; one that does neither is a stall.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/fifo.h"
#include "base/grown.h"
#include "traces/oracles/oracle.h"
#include "traces/oracles/shared_rings.h"

namespace gpusim::trace {

class Timeouts final : public Oracle {
 public:
  explicit Timeouts(const Names& names) : Oracle{"timeout", names} {}
  void attach_to(Recorder& recorder) override;
  void on(const drm_sched_job_run& event);
  void on(const dma_fence_signaled& event);
  void on(const job_timedout& event);
  void on(const timeout_verdict& event);
  void on(const queue_stop& event);
  void on(const queue_start& event);
  void on(const queue_kill& event);
  void on(const engine_reset& event);
  void on(const reset_notify& event);
  void on(const device_gone& event);
  void on(const device_reset_begin& event);
  void on(const device_reset_end& event);

  /// Of all queues; 0: none.
  void on_timeout(Picoseconds timeout) { timeout_ = balanced_ ? Picoseconds{0} : timeout; }
  /// What of a queue is on which ring's hardware is not known: nothing is held.
  void on_balanced_queues() {
    balanced_ = true;
    timeout_ = Picoseconds{0};
  }
  /// kLongestSum: however late.
  void on_slow_steps(Picoseconds patience) { slack_ = std::max(slack_, patience); }
  /// The head is that of what `ring` has on the hardware, of whatever queue.
  void on_shared_ring(QueueId queue, QueueId ring) { rings_.add(queue, ring); }
  /// Of the head of a killed queue.
  void on_kill_timeout(Picoseconds timeout) { kill_timeout_ = timeout; }
  void on_killed_heads_asked_once() { asked_once_ = true; }
  void on_serial_handlers() { serial_ = true; }
  /// A verdict restarts no timer that runs: a start in timedout_job() has given the head its time.
  void on_timers_left_running() { timers_left_running_ = true; }
  void on_kills_of_queued_jobs_only() { kills_queued_only_ = true; }

 private:
  struct Queue {
    Fifo<JobId> on_hardware;
    JobId last_run;       ///< a job that the driver did not take runs again: it is in the list already
    SimTime since{};      ///< the head has been the head, or has had a verdict, since
    SimTime restarted{};  ///< and a timer may have been restarted later than that
    bool asked = false;   ///< for a timeout, once and for all
    bool killed = false;
    JobId asked_about;  ///< the last one that timed out since the kill
    bool judging = false;
    bool started = false;  ///< since it was judged, and so its timer
    std::uint32_t stops = 0;
  };

  [[nodiscard]] Queue& ring_of(QueueId queue) { return grown(queues_, rings_.ring_of(queue)); }
  void leave(SimTime now);
  void check_late(QueueId id, JobId head, SimTime now, const char* what);

  std::vector<Queue> queues_;
  SharedRings rings_;
  Picoseconds timeout_{0};
  Picoseconds kill_timeout_{0};
  Picoseconds slack_ = ms(1'000);
  bool gone_ = false;
  bool serial_ = false;
  bool kills_queued_only_ = false;
  bool timers_left_running_ = false;
  bool balanced_ = false;
  bool asked_once_ = false;
  std::uint32_t busy_ = 0;  ///< handlers and resets at work
  SimTime idle_since_{};    ///< when the last of them returned
};

}  // namespace gpusim::trace
