// SPDX-License-Identifier: MIT
// All oracles of a run, to be attached before its first event. They are always on.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "traces/event/names.h"
#include "traces/event/recorder.h"
#include "traces/oracles/guilty.h"
#include "traces/oracles/oracle.h"
#include "traces/oracles/token_turns.h"

namespace gpusim::trace {

class Credits;
class Dependency;
class Eviction;
class Gangs;
class LoneTimeout;
class JobLost;
class QueueFifo;
class RoundRobin;
class Slots;
class Starvation;
class StoppedQueue;
class Timeouts;
class Tokens;

class OracleSet {
 public:
  /// `names` is read when an oracle speaks; it must outlive the set.
  explicit OracleSet(const Names& names);
  ~OracleSet();
  OracleSet(const OracleSet&) = delete;
  OracleSet& operator=(const OracleSet&) = delete;

  void attach_to(Recorder& recorder);

  /// What events do not say. `limit`: credits the queue may have in flight, 0 if not known. `domain`: a number > 0 that
  /// queues on one scheduler (one ring, shared credits) have in common; 0: the queue has a domain of its own. `rings`:
  /// that the domain has, each with so many credits.
  void on_queue_limit(QueueId queue, std::uint64_t limit, std::uint32_t domain = 0, std::uint32_t rings = 1);
  /// The queue's jobs are run, timed out and executed as those of `ring`, which it may share; 0: of several rings.
  void on_shared_ring(QueueId queue, QueueId ring);
  /// Some queues have several rings: what is held of each scheduler (its timeouts, the credits that it counts) is not.
  void on_balanced_queues();
  /// Entities of one level before one scheduler take turns, and keep their level.
  void on_round_robin();
  /// What was in rings is run again after a device reset.
  void on_resubmission();
  /// How many slots the device has, 0 if unlimited.
  void on_slot_count(std::uint32_t count);
  /// Slots rotate on a tick, with so long from one tick to the next; what else must hold: traces/oracles/starvation.h.
  void on_rotation(Picoseconds tick, std::uint32_t slots);
  /// An orchestrator gives queues `count` tokens, for turns of so many jobs; 0: there is none, it does not count jobs.
  void on_tokens(std::uint32_t count, TurnPolicy policy, std::uint32_t batch);
  /// The device waits for dependencies itself.
  void allow_device_waits();
  /// Jobs of a killed queue may end before what they depend on.
  void allow_early_kills();
  /// The timeout of the head of what each queue has on the hardware; 0: none.
  void on_timeout(Picoseconds timeout);
  /// What a killed queue's head on the hardware has, if it is not due at once.
  void on_kill_timeout(Picoseconds timeout);
  /// What steps of the machine may take before it looks as if something had been lost.
  void on_slow_steps(Picoseconds patience);
  /// The same of the firmware, from one queue on an engine to the next.
  void on_slow_firmware(Picoseconds patience);
  /// Timeouts and device resets run on one ordered workqueue.
  void on_serial_handlers();
  /// The component's timers that run when a timeout's verdict is there are not restarted for it.
  void on_timers_left_running();
  /// A pipeline: what fails before it is executed drains in its turn.
  void on_pipelines();
  /// Queues are mapped into their clients, which write into the rings.
  void on_user_queues();
  /// Of what a killed queue has on the hardware each head times out once, and then has its whole timeout.
  void on_killed_heads_asked_once();
  /// Killed queues are drained: their jobs go through run_job().
  void on_drained_kills();
  /// A kill leaves what is on the hardware alone.
  void on_kills_of_queued_jobs_only();
  /// Whom the driver blames.
  void on_blame_rules(const BlameRules& rules);
  /// No job on the host comes near its timeout unless something goes wrong.
  void forbid_lone_timeouts();

  /// The checks that only make sense at the end of a run that came there by itself: `complete` is false if it was
  /// interrupted or has stalled, and then nothing is checked.
  void finish(SimTime now, bool complete);

  [[nodiscard]] std::vector<std::string_view> names() const;

 private:
  template <class Kind>
  Kind* add(const Names& names);

  std::vector<std::unique_ptr<Oracle>> oracles_;
  Credits* credits_;
  Dependency* dependency_;
  Slots* slots_;
  StoppedQueue* stopped_queue_;
  Guilty* guilty_;
  Timeouts* timeouts_;
  LoneTimeout* lone_timeout_;
  QueueFifo* queue_fifo_;
  JobLost* job_lost_;
  Tokens* tokens_;
  TokenTurns* token_turns_;
  Gangs* gangs_;
  Eviction* eviction_;
  RoundRobin* round_robin_;
  Starvation* starvation_;
};

}  // namespace gpusim::trace
