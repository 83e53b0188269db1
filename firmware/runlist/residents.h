// SPDX-License-Identifier: MIT
// Who holds slots, for a policy that gives holders an order: by level, within a level as they came. An idle one keeps
// its place. One that has been dismissed has its slot until it is off its engine, and no place in the order.
//
// The order is one list through places, of which each slot has one, with a mark in front of each level and at the end.
// Who looks for somebody goes along it, up to 64 places in a turn: what it looks for stands in the place itself.
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
  constexpr explicit Residents(QueueRecord* queues) : queues_{queues} {
    for (std::uint32_t level = 0; level < abi::kPriorityLevels; ++level) {
      marks_[level].next = &marks_[level + 1];
      marks_[level + 1].previous = &marks_[level];
    }
    // Where a search ends, whatever it is for: of nobody.
    marks_[0].kind = kIdle | kWorking;
    marks_[abi::kPriorityLevels].runnable = ~SetMask{0};
  }
  Residents(const Residents&) = delete;
  Residents& operator=(const Residents&) = delete;

  /// Behind the others of its level, as one that has work. Pre: it has got a slot.
  constexpr void add(std::uint32_t queue) {
    Place& place = place_of(queue);
    place.queue = static_cast<std::uint16_t>(queue);
    place.kind = kWorking;
    push_back(place, queues_[queue].priority);
  }
  /// Pre: it holds a slot, and is about to lose it.
  constexpr void remove(std::uint32_t queue) {
    Place& place = place_of(queue);
    place.runnable = 0;
    if (place.kind == kIdle) --idle_count_;
    if (!place.is_dismissed) return take_out(place);
    place.is_dismissed = false;
    --dismissed_count_;
  }
  constexpr void make_idle(std::uint32_t queue) {
    queues_[queue].state = QueueState::idle;
    place_of(queue).kind = kIdle;
    ++idle_count_;
  }
  constexpr void make_runnable(std::uint32_t queue) {
    QueueRecord& record = queues_[queue];
    Place& place = places_[record.slot];
    if (place.kind == kIdle) --idle_count_;
    place.kind = kWorking;
    place.runnable = SetMask{1} << record.engine_set;
    record.state = QueueState::runnable;
  }
  /// It has an engine, or is disabled.
  constexpr void end_runnable(std::uint32_t queue) { place_of(queue).runnable = 0; }
  /// Pre: it has work, and is not dismissed yet.
  constexpr void dismiss(std::uint32_t queue) {
    Place& place = place_of(queue);
    take_out(place);
    place.is_dismissed = true;
    ++dismissed_count_;
  }
  [[nodiscard]] constexpr bool is_dismissed(std::uint32_t queue) const {
    return queues_[queue].has_slot && places_[queues_[queue].slot].is_dismissed;
  }
  [[nodiscard]] constexpr std::uint32_t dismissed_count() const { return dismissed_count_; }
  /// A queue has another level, or the same anew, whether it holds a slot or not.
  constexpr void set_level(std::uint32_t queue, std::uint32_t level) {
    QueueRecord& record = queues_[queue];
    record.priority = static_cast<std::uint8_t>(level);
    if (!record.has_slot || places_[record.slot].is_dismissed) return;
    take_out(places_[record.slot]);
    push_back(places_[record.slot], level);
  }
  /// The first one of each level that has work goes behind the others. Returns whether any was not alone with work.
  constexpr bool rotate() {
    bool rotates = false;
    for (std::uint32_t level = 0; level < abi::kPriorityLevels; ++level) {
      Place* const first = first_with_work(marks_[level].next);
      rotated_[level] = first->queue;
      if (first->kind != kWorking) continue;
      rotates = rotates || first_with_work(first->next)->kind == kWorking;
      take_out(*first);
      push_back(*first, level);
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
    if (sets == 0) return kNil;
    const Place* place = behind == kNil ? marks_[0].next : places_[queues_[behind].slot].next;
    while ((place->runnable & sets) == 0) place = place->next;
    return place->queue;
  }
  /// kNil if all are idle; or, of the idle ones, if none is.
  [[nodiscard]] constexpr std::uint32_t last_with_work() const { return last(kWorking); }
  [[nodiscard]] constexpr std::uint32_t last_idle() const { return idle_count_ == 0 ? kNil : last(kIdle); }
  /// Which of these engines runs the last one of those behind this one; kNoEngine if none does. Pre: all of them run.
  [[nodiscard]] constexpr std::uint32_t victim(std::uint32_t queue, std::span<const EngineRecord> engines,
                                               EngineMask mask) const {
    const QueueRecord* last = &queues_[queue];
    std::uint32_t victim = kNoEngine;
    std::uint32_t number = 0;
    const EngineRecord* engine = engines.data();
    do {
      if ((mask & 1) != 0 && is_before(*last, queues_[engine->queue])) {
        victim = number;
        last = &queues_[engine->queue];
      }
      ++engine;
      ++number;
    } while ((mask >>= 1) != 0);
    return victim;
  }

 private:
  enum Kind : std::uint8_t { kMark = 0, kIdle = 1, kWorking = 2 };
  struct Place {
    Place* next = nullptr;
    Place* previous = nullptr;
    SetMask runnable = 0;  // its set, if it is
    std::uint16_t queue = kNil;
    std::uint8_t kind = kMark;
    bool is_dismissed = false;
  };

  [[nodiscard]] constexpr Place& place_of(std::uint32_t queue) { return places_[queues_[queue].slot]; }
  constexpr void push_back(Place& place, std::uint32_t level) {
    queues_[place.queue].ticket = next_ticket_++;
    Place& mark = marks_[level + 1];
    place.next = &mark;
    place.previous = mark.previous;
    mark.previous->next = &place;
    mark.previous = &place;
  }
  static constexpr void take_out(Place& place) {
    place.previous->next = place.next;
    place.next->previous = place.previous;
  }
  [[nodiscard]] static constexpr bool is_before(const QueueRecord& a, const QueueRecord& b) {
    if (a.priority != b.priority) return a.priority < b.priority;
    return static_cast<std::int32_t>(a.ticket - b.ticket) < 0;
  }
  /// From here on; or a mark.
  [[nodiscard]] static constexpr Place* first_with_work(Place* place) {
    while (place->kind == kIdle) place = place->next;
    return place;
  }
  [[nodiscard]] constexpr std::uint32_t last(std::uint32_t kind) const {
    const Place* place = marks_[abi::kPriorityLevels].previous;
    while ((place->kind & kind) == 0) place = place->previous;
    return place->queue;
  }

  QueueRecord* queues_;
  Place marks_[abi::kPriorityLevels + 1];
  Place places_[SlotPool::kMaxSlots];  // by slot
  std::uint32_t rotated_[abi::kPriorityLevels]{};
  std::uint32_t next_ticket_ = 0;
  std::uint32_t idle_count_ = 0;
  std::uint32_t dismissed_count_ = 0;
};

}  // namespace gpusim::fw
