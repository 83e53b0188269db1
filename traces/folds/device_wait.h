// SPDX-License-Identifier: MIT
// Why a queue's jobs that the firmware knows are not being fetched, as clocks that can be read at any time:
//   recovery        the queue is being recovered; otherwise
//   ring_wait       its next entry waits for another queue's; otherwise
//   run_list        it holds no slot;
//   otherwise, if an engine is assigned to it:
//   context_switch  that engine saves or restores; else
//   engine_busy     it fetches or executes (another job, since this one waits); else
//   firmware        it does nothing;
//   otherwise, by the engines the queue may use:
//   firmware        one is free, or none is free and none does anything; else
//   engine_busy     one fetches or executes; else
//   context_switch  one saves or restores.
// Queues with the same set of engines share one clock, so that an event costs the same with 1 queue and with 4,096.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/time.h"
#include "traces/event/cause.h"
#include "traces/folds/state_clock.h"

namespace gpusim::trace {

class DeviceWait {
 public:
  static constexpr std::array<Cause, 6> kCauses{Cause::firmware, Cause::engine_busy, Cause::context_switch,
                                                Cause::run_list, Cause::recovery,    Cause::ring_wait};
  using Reading = std::array<Picoseconds, kCauses.size()>;  ///< in the order of kCauses

  DeviceWait() : groups_(1) {}

  /// `mask`: bit n is set if the queue may run on engine n.
  void create_queue(std::uint32_t queue, std::uint64_t mask, SimTime now);
  void set_slot(std::uint32_t queue, bool holds, SimTime now);
  void set_recovering(std::uint32_t queue, bool recovering, SimTime now);
  void set_waiting(std::uint32_t queue, bool waits, SimTime now);
  [[nodiscard]] bool is_waiting(std::uint32_t queue) const { return queue < queues_.size() && queues_[queue].waits; }
  void assign(std::uint32_t engine, std::uint32_t queue, SimTime now);
  /// The engine stops whatever it was doing.
  void release(std::uint32_t engine, SimTime now);
  void set_switching(std::uint32_t engine, bool switching, SimTime now);
  /// A fetch begins or a job resumes; end_job() takes it back.
  void begin_job(std::uint32_t engine, SimTime now);
  void end_job(std::uint32_t engine, SimTime now);

  /// What the queue's waiting time was due to, from the start of the run until `now`. A queue that was never created
  /// has no engines.
  [[nodiscard]] const Reading& read(std::uint32_t queue, SimTime now);
  /// The part of engine_busy, as of the last read(), in which an engine worked for this very queue. (A ring that
  /// clients share is none of their queues.)
  [[nodiscard]] Picoseconds own_backlog(std::uint32_t queue) const { return queues_[queue].own_backlog; }

  struct EngineTimes {
    Picoseconds busy{0};       ///< fetching or executing
    Picoseconds switching{0};  ///< saving or restoring a context
    Picoseconds idle{0};
  };
  /// What each engine did from the start of the run until `now`, by engine.
  [[nodiscard]] std::vector<EngineTimes> engine_times(SimTime now);

 private:
  static constexpr std::uint32_t kNoEngine = 0xffff'ffff;
  using Clock = StateClock<3>;  // states in the order of kCauses

  enum class Use : std::uint8_t { free, assigned, active, switching };

  struct Engine {
    std::uint32_t queue = 0;  ///< 0: not assigned
    std::uint32_t jobs = 0;   ///< being fetched or executed
    bool switching = false;
    Use use = Use::free;
    Clock clock;
    std::vector<std::uint32_t> groups;
  };
  struct Group {
    std::uint64_t mask = 0;
    std::array<std::uint32_t, 4> engines{};  ///< by Use
    Clock clock;
  };
  struct Queue {
    Reading spent{};
    Clock::Reading seen{};       ///< of the clock that counts now, when `spent` was brought up to date
    SimTime since{};             ///< of that moment
    Picoseconds own_backlog{0};  ///< of `spent`
    std::uint32_t group = 0;
    std::uint32_t engine = kNoEngine;
    bool holds_slot = true;
    bool recovering = false;
    bool waits = false;
  };

  [[nodiscard]] std::uint32_t group_of(std::uint64_t mask);
  [[nodiscard]] Clock& clock_of(const Queue& queue);
  void change(std::uint32_t queue, bool Queue::* what, bool value, SimTime now);
  void bring_up_to_date(Queue& queue, SimTime now);
  /// To be called after each change of an engine.
  void engine_changed(Engine& engine, SimTime now);
  static std::size_t state_of(const Group& group);

  std::vector<Engine> engines_;
  std::vector<Group> groups_;  ///< [0]: no engines
  std::vector<Queue> queues_;
};

}  // namespace gpusim::trace
