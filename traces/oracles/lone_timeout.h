// SPDX-License-Identifier: MIT
// A job times out for a reason: a fault was injected, the device was reset or is gone; its queue was killed or banned,
// or an engine was reset under it; or the job simply takes so long: it has begun, not ended, and an engine; or it waits
// its turn, because others have the engines that it may run on, or all slots; or it waits in its ring for another
// queue's fence value that is not in memory. A timeout that comes while a job begins or has just ended looks a moment
// later, at what is over: so what has been until a moment ago counts as well. Otherwise something was lost (a wake-up,
// a doorbell, an interrupt), and the timeout merely repairs it. Where jobs take longer than their timeout on the host,
// before they reach the device, this says nothing; so it is off by default, and on in explorations.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "traces/oracles/oracle.h"

namespace gpusim::trace {

class LoneTimeout final : public Oracle {
 public:
  explicit LoneTimeout(const Names& names) : Oracle{"lone_timeout", names} {}
  void attach_to(Recorder& recorder) override;
  void on(const fault_injected& event);
  void on(const device_reset_begin& event);
  void on(const device_gone& event);
  void on(const queue_kill& event);
  void on(const queue_banned& event);
  void on(const engine_reset& event);
  void on(const queue_create& event);
  void on(const engine_assign& event);
  void on(const engine_release& event);
  void on(const slot_grant& event);
  void on(const slot_evict& event);
  void on(const job_start& event);
  void on(const job_end& event);
  void on(const ring_wait_write& event);
  void on(const fence_visible& event) { on_word(event.address, event.value, event.time); }
  void on(const fence_forced& event) { on_word(event.address, event.value, event.time); }
  void on(const job_timedout& event);

  void enable() { enabled_ = true; }
  void on_slow_steps(Picoseconds patience) { signalling_ = std::max(signalling_, patience); }
  void on_slow_firmware(Picoseconds patience) { moment_ = std::max(moment_, patience); }
  void on_slot_count(std::uint32_t count) { slots_ = count; }

 private:
  struct Queue {
    bool has_cause = false;
    bool has_slot = false;
    SimTime slot_since{};
    bool on_engine = false;
    std::uint64_t engines = 0;
    JobId begun;
    JobId ended;
    SimTime end{};  ///< of `ended`
  };
  struct Engine {
    QueueId queue;  ///< that it serves; none: idle
    SimTime assigned{};
    QueueId last;  ///< that it served and was released from
    SimTime last_left{};
    QueueId other;  ///< the last one before that was not `last`
    SimTime other_left{};
  };
  /// What a job waits for in its ring.
  struct RingWait {
    std::uint64_t address;
    std::uint32_t value;
  };
  /// One that somebody waits for.
  struct Word {
    std::optional<std::uint32_t> value;  ///< none: not seen written yet
    SimTime since{};
  };
  void on_word(std::uint64_t address, std::uint64_t value, SimTime time);
  [[nodiscard]] bool waits_in_ring(JobId job, SimTime now) const;
  [[nodiscard]] bool waits_for_slot(const Queue& queue, SimTime now) const;
  [[nodiscard]] bool waits_its_turn(QueueId id, const Queue& queue, SimTime now) const;

  bool enabled_ = false;
  // From the end of a job to its signal: the interrupt's handler signals the jobs of all queues one by one, and takes
  // its steps for each.
  Picoseconds signalling_ = ms(10);
  // What the firmware may need from one queue on an engine to the next one's first job there. A timeout may look in
  // between: the handler of another queue, whose timer was due at the same tick, may have freed the engine only just
  // now.
  Picoseconds moment_ = ms(10);
  bool has_cause_ = false;  ///< of any queue
  std::uint32_t slots_ = 0;
  std::uint32_t slots_in_use_ = 0;
  std::optional<SimTime> full_until_;  ///< when all slots were last in use
  std::vector<Queue> queues_;
  std::vector<Engine> engines_;
  std::map<JobId, std::vector<RingWait>> ring_waits_;  ///< of those that have not begun
  std::map<std::uint64_t, Word> words_;                ///< by address
};

}  // namespace gpusim::trace
