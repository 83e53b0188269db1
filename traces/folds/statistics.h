// SPDX-License-Identifier: MIT
// What a run's numbers are: per client, engine, queue and cause, and what had to be recovered from, folded from job
// lives and events alone. Lives cut off by the end of the run stand apart from those that ended.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/wide.h"
#include "traces/event/make.h"
#include "traces/event/recorder.h"
#include "traces/folds/cause_profile.h"
#include "traces/folds/device_wait.h"
#include "traces/folds/histogram.h"
#include "traces/folds/job_life.h"
#include "traces/folds/slowest_jobs.h"

namespace gpusim::trace {

/// Of a renderer: its frames; of a compositor: its vblanks.
struct FrameStatistics {
  std::uint64_t shown = 0;
  std::uint64_t repeated = 0;  ///< vblanks that showed a frame once more
  std::uint64_t dropped = 0;   ///< never shown: a newer one took its place
  Histogram latency;           ///< ps from the exec of the rendering to the vblank, of frames shown
  std::uint64_t vblanks = 0;
  std::uint64_t missed = 0;  ///< of them, by a picture that was not ready

  [[nodiscard]] bool is_empty() const { return shown + repeated + dropped + vblanks == 0; }
  void add(const FrameStatistics& other);
};

struct ClientStatistics {
  std::uint64_t jobs_done = 0;
  std::uint64_t jobs_failed = 0;                    ///< ended with an error on the finished fence
  SimTime first_exec = kNever;                      ///< exec_begin of its first job that ended
  SimTime last_end{};                               ///< end of its last job
  Wide work = 0;                                    ///< ps that engines worked for its jobs that ended
  Wide open_work = 0;                               ///< the same of those that did not
  CauseProfile causes;                              ///< of lives that ended, with an error or without
  CauseSums open_causes;                            ///< so far, of lives that did not end
  Histogram latency;                                ///< ps from exec_begin to the waiter's return, of jobs done
  Picoseconds longest_failed{0};                    ///< the longest life of a job that failed
  SlowestJobs slowest{SlowestJobs::kMostOfClient};  ///< of those that ended and of those that did not
  std::uint64_t period_misses = 0;
  std::uint64_t execs_refused = 0;         ///< with -EAGAIN, to be made again; none of them has begun a job
  std::uint64_t execs_failed = 0;          ///< with any other error
  std::uint64_t jobs_unfinished = 0;       ///< at the end of the run
  Picoseconds oldest{0};                   ///< how long the oldest of them has lived by then
  Cause oldest_waits_for{Cause::syscall};  ///< what it has spent most of that on
  std::uint64_t preemptions = 0;           ///< of its jobs, in the middle
  std::uint64_t evictions = 0;             ///< slots that were taken from its queues for others
  FrameStatistics frames;

  [[nodiscard]] Wide engine_time() const { return work + open_work; }
  /// The longest life of a job, done or failed, or the age of the oldest that has not ended, whichever is longer.
  [[nodiscard]] Wide longest_wait() const;
  /// As if the jobs of `other` were this client's.
  void add(const ClientStatistics& other);
};

struct EngineStatistics {
  DeviceWait::EngineTimes times;
  std::uint64_t jobs = 0;       ///< brought to their end
  std::uint64_t switches = 0;   ///< assignments that found another context loaded
  std::uint64_t preempted = 0;  ///< jobs that it gave up in the middle and saved
};

struct QueueStatistics {
  bool is_clients = false;  ///< created by a client: not a ring of the kernel
  std::uint32_t client = 0;
  std::uint64_t engine_mask = 0;  ///< bit n: may run on engine n
  std::uint64_t level = 0;        ///< priority at its creation, 0 is the highest
  std::uint64_t jobs = 0;         ///< that ended
  std::uint64_t jobs_unfinished = 0;
  std::uint64_t preemptions = 0;  ///< of its jobs, in the middle
  std::uint64_t grants = 0;       ///< of slots
  std::uint64_t evictions = 0;    ///< of them, those that were taken for another queue
  bool changed_level = false;     ///< it was given another priority later
  CauseSums causes;               ///< of lives that ended
  CauseSums open_causes;          ///< so far, of those that did not

  [[nodiscard]] Wide engine_time() const { return causes[Cause::work] + open_causes[Cause::work]; }
};

/// How often the firmware took something from somebody, or gave it.
struct DeviceTurns {
  std::uint64_t preemptions = 0;  ///< of jobs, in the middle
  std::uint64_t grants = 0;       ///< of slots
  std::uint64_t evictions = 0;    ///< of them, those that were taken for another queue
};

/// A client that gave up before the end of its workload.
struct EarlyEnd {
  Errno error = Errno::ok;  ///< ok: it did not
  std::uint64_t left = 0;   ///< of its cycles or the like, not submitted in full
};

/// What went wrong, and what was done about it.
struct RecoveryCounts {
  std::uint64_t timeouts = 0;           ///< calls of timedout_job
  std::vector<std::uint64_t> verdicts;  ///< of them, by verdict
  std::uint64_t queues_banned = 0;
  std::uint64_t engine_resets = 0;  ///< by the firmware, of one engine
  std::uint64_t device_resets = 0;
  std::uint64_t engine_preempt_misses = 0;  ///< of the engine resets, those for a queue that did not leave in time
  std::uint64_t page_faults = 0;            ///< and those for a page fault
  std::uint64_t device_preempt_misses = 0;  ///< of the device resets, those
  std::uint64_t messages_abandoned = 0;     ///< not taken or not answered by the firmware
  std::vector<std::uint64_t> faults;        ///< injected, by kind

  [[nodiscard]] std::uint64_t faults_injected() const;
  [[nodiscard]] bool is_empty() const;
};

/// The driver's messages by which the firmware learns what is to become of a queue.
struct QueueMessages {
  std::vector<Code> off;       ///< it is taken off the device: the slot is given back
  std::optional<Code> on;      ///< it may have one again
  std::optional<Code> level;   ///< it has another priority
  bool slots_by_host = false;  ///< the host takes the slots, with these messages; then it says who waits for one
};

class Statistics final : public JobLifeListener {
 public:
  /// Without the messages every slot that goes on to another queue at once counts as taken.
  explicit Statistics(QueueMessages messages = {}) : messages_{std::move(messages)} {}
  /// Receives job lives from the source that this is added to as a JobLifeListener.
  void attach_to(Recorder& recorder);

  void on(const client_finish& event);
  void on(const exec_end& event);
  void on(const client_period_missed& event);
  void on(const client_killed& event);
  void on(const queue_create& event);
  void on(const message_send& event);
  void on(const reset_notify& event);
  void on(const page_fault& event);
  void on(const queue_deregistered& event);
  void on(const slot_grant& event);
  void on(const slot_evict& event);
  void on(const queue_ready& event);
  void on(const frame_shown& event);
  void on(const frame_repeated& event);
  void on(const frame_dropped& event);
  void on(const vblank& event);
  void on(const engine_assign& event);
  void on(const job_end& event);
  void on(const job_preempted& event);
  void on(const job_timedout& event);
  void on(const timeout_verdict& event);
  void on(const queue_banned& event);
  void on(const engine_reset& event);
  void on(const device_reset_begin& event);
  void on(const message_abandoned& event);
  void on(const fault_injected& event);
  void on_job_life(const JobLife& life) override;

  /// What is known at the end of the run, from Milestones: lives still open, and the engines' times. Once, before
  /// reading.
  void finish(const std::vector<JobLife>& unfinished, const std::vector<DeviceWait::EngineTimes>& engines);

  /// By client number; a client without a job or a missed period has an empty entry or none.
  [[nodiscard]] const std::vector<ClientStatistics>& clients() const { return clients_; }
  /// By engine; an engine that never worked has an empty entry (all idle) or none.
  [[nodiscard]] const std::vector<EngineStatistics>& engines() const { return engines_; }
  /// By QueueId; [0] is of no queue.
  [[nodiscard]] const std::vector<QueueStatistics>& queues() const { return queues_; }
  /// Of those that ended and of those that did not.
  [[nodiscard]] const SlowestJobs& slowest_jobs() const { return slowest_; }
  /// Picoseconds of all lives that ended, by Cause.
  [[nodiscard]] const std::array<Wide, kCauseCount>& causes() const { return causes_; }
  [[nodiscard]] Wide life_time() const;
  [[nodiscard]] std::uint64_t jobs_done() const;
  [[nodiscard]] std::uint64_t jobs_failed() const;
  [[nodiscard]] std::uint64_t jobs_ended() const { return jobs_done() + jobs_failed(); }
  [[nodiscard]] std::uint64_t jobs_unfinished() const { return unfinished_; }
  /// Picoseconds so far of the lives that did not end, by Cause.
  [[nodiscard]] const std::array<Wide, kCauseCount>& unfinished_causes() const { return unfinished_causes_; }
  /// How many jobs failed with which errno.
  [[nodiscard]] const std::map<std::uint64_t, std::uint64_t>& failures() const { return failures_; }
  [[nodiscard]] const RecoveryCounts& recovery() const { return recovery_; }
  /// By client number; a client that came to its end, or has not yet, has an empty entry or none.
  /// Clients that came to an end of their own, early or not, or were killed.
  [[nodiscard]] std::uint64_t clients_ended() const { return clients_finished_ + kills_.size(); }
  [[nodiscard]] const std::vector<EarlyEnd>& early_ends() const { return early_ends_; }
  /// Clients that were killed, and when.
  [[nodiscard]] const std::map<std::uint32_t, SimTime>& kills() const { return kills_; }

 private:
  struct FreeSlot {
    QueueId queue;  ///< that held it
    std::uint32_t slot = 0;
    SimTime since{};
  };

  QueueMessages messages_;
  std::vector<std::uint8_t> has_faulted_;  // by QueueId, 0 or 1: the firmware is to give it up for a page fault
  std::vector<std::uint8_t> leaves_;       // by QueueId, 0 or 1: its slot is given back, not taken
  std::optional<FreeSlot> left_slot_;      // the last one, until somebody has it
  std::vector<char> lost_slots_;           // by queue: it had one, and has none now; where the host gives them
  std::vector<ClientStatistics> clients_;
  std::vector<EngineStatistics> engines_;
  std::vector<QueueStatistics> queues_;
  SlowestJobs slowest_;
  std::array<Wide, kCauseCount> causes_{};
  std::array<Wide, kCauseCount> unfinished_causes_{};
  std::map<std::uint64_t, std::uint64_t> failures_;
  RecoveryCounts recovery_;
  std::uint64_t clients_finished_ = 0;
  std::vector<EarlyEnd> early_ends_;
  std::map<std::uint32_t, SimTime> kills_;
  std::uint64_t unfinished_ = 0;
};

/// Of all engines and queues together.
[[nodiscard]] DeviceTurns device_turns(const Statistics& statistics);

}  // namespace gpusim::trace
