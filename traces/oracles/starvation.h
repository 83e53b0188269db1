// SPDX-License-Identifier: MIT
// Where slots rotate on a tick, each queue with work has its turn (docs/host_tick.md, "What follows"). A holder is
// first after as many ticks as there are slots, because each tick at which it is passed over puts one that was before
// it behind it. One that waits for a slot gets it after as many ticks as there are queues. Time in which a queue of a
// higher level has an engine, or for the second rule a slot, does not count.
//
// Ticks are not events, so the rules are held in time, with patience for each tick; and only in explorations, and only
// as long as nothing has gone wrong: no fault, reset or timeout, and of the queue itself no kill. One that is passed
// over is noticed when its turn comes at last.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "traces/oracles/oracle.h"

namespace gpusim::trace {

class Starvation final : public Oracle {
 public:
  explicit Starvation(const Names& names) : Oracle{"starvation", names} {}
  void attach_to(Recorder& recorder) override;
  void on(const choice_made& event);
  void on(const fault_injected&) { has_cause_ = true; }
  void on(const device_reset_begin&) { has_cause_ = true; }
  void on(const device_gone&) { has_cause_ = true; }
  void on(const engine_reset&) { has_cause_ = true; }
  void on(const job_timedout&) { has_cause_ = true; }
  void on(const queue_kill& event);
  void on(const queue_create& event);
  void on(const queue_registered& event);
  void on(const queue_deregistered&) { --known_; }
  void on(const queue_ready& event);
  void on(const fetch_begin& event);
  void on(const slot_grant& event);
  void on(const slot_evict& event);
  void on(const engine_assign& event);
  void on(const engine_release& event);

  /// Before attach_to(); without it nothing is held. `tick`: the longest from one tick that rotates to the next.
  /// Queues keep their levels, wait for nothing in their rings, and have as many slots as that.
  void on_rotation(Picoseconds tick, std::uint32_t slots);

 private:
  struct Queue {
    std::uint32_t level = 0;
    std::uint32_t next = 0;  ///< ring entry that has not been fetched
    bool on_engine = false;
    bool killed = false;
    std::optional<SimTime> since;  ///< it has work and no engine; or when it got, or lost, a slot after that
  };
  /// How many queues of a level have a thing, and when the last one of that level gave it up.
  struct Held {
    std::uint32_t count = 0;
    SimTime until{};
  };
  using Levels = std::vector<Held>;
  static void give_up(Levels& levels, const Queue& queue, SimTime now);
  /// For how long this one has waited and nobody of a higher level has had that; none if one has.
  [[nodiscard]] static Picoseconds passed_over(const Levels& levels, const Queue& queue, SimTime now);

  std::optional<Picoseconds> tick_;
  std::uint32_t slots_ = 0;
  bool has_cause_ = false;
  std::uint32_t known_ = 0;  ///< queues that the firmware knows
  std::uint32_t most_known_ = 0;
  std::vector<Queue> queues_;
  Levels on_engines_;
  Levels in_slots_;
};

}  // namespace gpusim::trace
