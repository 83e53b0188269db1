// SPDX-License-Identifier: MIT
// Who holds slots, for a policy that gives holders an order: by level, within a level as they came. An idle one keeps
// its place. One that has been dismissed has its slot until it is off its engine, and no place in the order.
#pragma once

#include <cstdint>
#include <span>

#include "firmware/abi/device.h"
#include "firmware/runlist/engine_levels.h"
#include "firmware/runlist/engine_sets.h"
#include "firmware/runlist/records.h"
#include "firmware/runlist/slots.h"

namespace gpusim::fw {

/// QueueRecord::ticket says who comes first of a level, modulo 2^32.
class Residents {
 public:
  /// `queues` is indexed by queue id.
  constexpr explicit Residents(QueueRecord* queues) : queues_{queues} {}

  /// Behind the others of its level. Pre: it has got a slot.
  constexpr void add(std::uint32_t queue) {
    queues_[queue].ticket = next_ticket_++;
    lines_[queues_[queue].priority].push_back(queues_, queue);
  }
  /// Pre: it holds a slot, and is about to lose it.
  constexpr void remove(std::uint32_t queue) {
    if (queues_[queue].state == QueueState::idle) --idle_count_;
    if (!is_dismissed(queue)) return lines_[queues_[queue].priority].remove(queues_, queue);
    dismissed_[queues_[queue].slot] = false;
    --dismissed_count_;
  }
  constexpr void make_idle(std::uint32_t queue) {
    queues_[queue].state = QueueState::idle;
    ++idle_count_;
  }
  constexpr void make_runnable(std::uint32_t queue) {
    if (queues_[queue].state == QueueState::idle) --idle_count_;
    queues_[queue].state = QueueState::runnable;
  }
  /// Pre: it is not dismissed yet.
  constexpr void dismiss(std::uint32_t queue) {
    remove(queue);
    dismissed_[queues_[queue].slot] = true;
    ++dismissed_count_;
  }
  [[nodiscard]] constexpr bool is_dismissed(std::uint32_t queue) const {
    return queues_[queue].has_slot && dismissed_[queues_[queue].slot];
  }
  [[nodiscard]] constexpr std::uint32_t dismissed_count() const { return dismissed_count_; }
  /// A queue has another level, whether it holds a slot or not.
  constexpr void set_level(std::uint32_t queue, std::uint32_t level) {
    QueueRecord& record = queues_[queue];
    const bool moves = record.has_slot && !is_dismissed(queue);
    if (moves) lines_[record.priority].remove(queues_, queue);
    record.priority = static_cast<std::uint8_t>(level);
    if (moves) add(queue);
  }
  /// The first one of each level that has work goes behind the others. Returns whether any was not alone with work.
  constexpr bool rotate() {
    bool rotates = false;
    for (std::uint32_t level = 0; level < abi::kPriorityLevels; ++level) {
      const std::uint32_t first = first_with_work(lines_[level].head());
      rotated_[level] = first;
      if (first == kNil) continue;
      rotates |= first_with_work(queues_[first].next) != kNil;
      remove(first);
      add(first);
    }
    return rotates;
  }
  /// Which one of a level rotate() has put behind the others; kNil if none, or if it has been dismissed since.
  [[nodiscard]] constexpr std::uint32_t rotated(std::uint32_t level) const {
    const std::uint32_t queue = rotated_[level];
    return queues_[queue].has_slot && !is_dismissed(queue) ? queue : kNil;
  }

  /// Of these sets, behind that resident or, kNil, of all; kNil if none is runnable.
  [[nodiscard]] constexpr std::uint32_t first_runnable(SetMask sets, std::uint32_t behind = kNil) const {
    std::uint32_t level = behind == kNil ? 0 : queues_[behind].priority;
    std::uint32_t queue = behind == kNil ? lines_[0].head() : queues_[behind].next;
    for (;;) {
      for (; queue != kNil; queue = queues_[queue].next) {
        if (queues_[queue].state == QueueState::runnable && (sets >> queues_[queue].engine_set & 1) != 0) return queue;
      }
      if (++level == abi::kPriorityLevels) return kNil;
      queue = lines_[level].head();
    }
  }
  /// kNil if all are idle; or, of the idle ones, if none is.
  [[nodiscard]] constexpr std::uint32_t last_with_work() const { return last(false); }
  [[nodiscard]] constexpr std::uint32_t last_idle() const { return idle_count_ == 0 ? kNil : last(true); }
  /// Which of these engines runs the last one of those behind this one; kNoEngine if none does, or if there is no need:
  /// one of them is idle, or told to give its queue up.
  [[nodiscard]] constexpr std::uint32_t victim(std::uint32_t queue, std::span<const EngineRecord> engines,
                                               EngineMask mask) const {
    std::uint32_t victim = kNoEngine;
    std::uint32_t last = queue;
    for (std::uint32_t engine = 0; mask != 0; ++engine, mask >>= 1) {
      if ((mask & 1) == 0) continue;
      if (engines[engine].state != EngineState::running) return kNoEngine;
      if (!is_before(last, engines[engine].queue)) continue;
      victim = engine;
      last = engines[engine].queue;
    }
    return victim;
  }

 private:
  [[nodiscard]] constexpr bool is_before(std::uint32_t a, std::uint32_t b) const {
    if (queues_[a].priority != queues_[b].priority) return queues_[a].priority < queues_[b].priority;
    return static_cast<std::int32_t>(queues_[a].ticket - queues_[b].ticket) < 0;
  }
  [[nodiscard]] constexpr std::uint32_t first_with_work(std::uint32_t queue) const {
    while (queue != kNil && queues_[queue].state == QueueState::idle) queue = queues_[queue].next;
    return queue;
  }
  [[nodiscard]] constexpr std::uint32_t last(bool is_idle) const {
    for (std::uint32_t level = abi::kPriorityLevels; level-- > 0;) {
      for (std::uint32_t queue = lines_[level].tail(); queue != kNil; queue = queues_[queue].previous) {
        if ((queues_[queue].state == QueueState::idle) == is_idle) return queue;
      }
    }
    return kNil;
  }

  QueueRecord* queues_;
  QueueList lines_[abi::kPriorityLevels]{};
  std::uint32_t rotated_[abi::kPriorityLevels]{};
  std::uint32_t next_ticket_ = 0;
  std::uint32_t idle_count_ = 0;
  std::uint32_t dismissed_count_ = 0;
  bool dismissed_[SlotPool::kMaxSlots]{};  // by slot
};

}  // namespace gpusim::fw
