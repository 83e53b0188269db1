// SPDX-License-Identifier: MIT
// What the run-list and its policy share: the records, the slots, the sets of engines, and the orders that a policy
// gives. What it does not do: decide.
#pragma once

#include <cstdint>
#include <span>

#include "firmware/abi/device.h"
#include "firmware/runlist/engine_levels.h"
#include "firmware/runlist/engine_sets.h"
#include "firmware/runlist/hal.h"
#include "firmware/runlist/records.h"
#include "firmware/runlist/slots.h"

namespace gpusim::fw {

template <Hal H>
struct Board {
  H& hal;
  std::span<QueueRecord> queues;  ///< by queue id, 0 unused
  std::span<EngineRecord> engines;
  bool limits_preemption;  ///< there is a preempt timeout
  SlotPool slots;
  EngineSets sets{};
  EngineMask busy = 0;     ///< engines that are not idle
  EngineMask running = 0;  ///< of these, those that have not been told to give their queues up

  [[nodiscard]] EngineMask all_engines() const { return (EngineMask{1} << engines.size()) - 1; }
  [[nodiscard]] EngineMask engines_of(std::uint32_t queue) const { return sets.engines_of(queues[queue].engine_set); }
  [[nodiscard]] bool may_use(std::uint32_t queue, std::uint32_t engine) const {
    return (engines_of(queue) >> engine & 1) != 0;
  }

  [[nodiscard]] EngineMask idle() const { return all_engines() & ~busy; }
  /// Idle, or told to give their queues up.
  [[nodiscard]] EngineMask engines_coming() const { return all_engines() & ~running; }

  /// It has this queue now. Pre: it is idle.
  void start(std::uint32_t engine, std::uint32_t queue) {
    EngineRecord& record = engines[engine];
    record.state = EngineState::running;
    record.queue = queue;
    ++record.run;
    busy |= EngineMask{1} << engine;
    running |= EngineMask{1} << engine;
  }
  /// It has none any more.
  void stop(std::uint32_t engine) {
    engines[engine].state = EngineState::idle;
    engines[engine].queue = kNil;
    busy &= ~(EngineMask{1} << engine);
    running &= ~(EngineMask{1} << engine);
  }

  /// Its queue is to leave; Policy::give_way() or make_idle() when it has. Pre: the engine is running.
  void order_preemption(std::uint32_t engine) {
    EngineRecord& record = engines[engine];
    record.state = EngineState::preempting;
    running &= ~(EngineMask{1} << engine);
    hal.engine_preempt(engine);
    if (limits_preemption) hal.start_preempt_timer(engine, record.queue, record.run);
  }

  /// The same, if that has not been ordered yet. Pre: the engine is not idle.
  void order_leave(std::uint32_t engine) {
    if (engines[engine].state == EngineState::running) order_preemption(engine);
  }
  /// The first engine that is idle and in one of these sets; kNoEngine if there is none.
  [[nodiscard]] std::uint32_t idle_engine(SetMask wanted) const {
    EngineMask left = wanted == 0 ? 0 : idle();
    for (std::uint32_t engine = 0; left != 0; ++engine, left >>= 1) {
      if ((left & 1) != 0 && (sets.with_engine(engine) & wanted) != 0) return engine;
    }
    return kNoEngine;
  }

  /// The same of these engines.
  [[nodiscard]] std::uint32_t idle_engine_of(EngineMask wanted) const {
    const EngineMask left = wanted & ~busy;
    return left == 0 ? kNoEngine : lowest_bit(left);
  }

  /// Pre: a slot is free, and there are slots.
  void grant(std::uint32_t queue) {
    QueueRecord& record = queues[queue];
    record.slot = static_cast<std::uint8_t>(slots.take());
    record.has_slot = true;
    hal.note_slot(queue, record.slot, true);
  }
  /// Nothing happens to one without a slot, or if there is no limit.
  void evict(std::uint32_t queue) {
    QueueRecord& record = queues[queue];
    if (slots.unlimited() || !record.has_slot) return;
    record.has_slot = false;
    slots.give_back(record.slot);
    hal.note_slot(queue, record.slot, false);
  }
};

}  // namespace gpusim::fw
