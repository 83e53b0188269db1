// SPDX-License-Identifier: MIT
// Definitions of RunList<H>; include runlist.h.
#pragma once

#include "firmware/runlist/runlist.h"  // IWYU pragma: keep

#include <bit>
#include <cstddef>

namespace gpusim::fw {

template <Hal H>
RunList<H>::RunList(H& hal, const abi::DeviceDescriptor& device, std::span<QueueRecord> queues,
                    std::span<EngineRecord> engines)
    : hal_{hal},
      queues_{queues},
      engines_{engines},
      limits_preemption_{device.preempt_timeout_ps != 0},
      preempt_miss_{device.preempt_miss},
      slots_{device.slots} {
  for (std::uint32_t i = 0; i < engines_.size(); ++i) {
    engines_of_class_[static_cast<std::uint32_t>(device.engines[i].engine_class)] |= EngineMask{1} << i;
  }
}

// --- work arrives ----------------------------------------------------------------------------------------------------

template <Hal H>
void RunList<H>::on_work(std::uint32_t queue) {
  if (!is_valid(queue)) return refuse(queue, abi::Refusal::no_such_queue);
  QueueRecord& record = queues_[queue];
  if (record.state == QueueState::unregistered || record.state == QueueState::disabled) return;
  const std::uint32_t index = hal_.read32(record.context_address + offsetof(abi::QueueContext, write_index));
  if (index - record.write_index > record.ring_entries) return refuse(queue, abi::Refusal::bad_write_index);
  const bool was_blocked = is_blocked(queue);
  record.write_index = record.waits == Waits::none ? index : look_at_waits(queue, index);
  if (record.state != QueueState::running && record.state != QueueState::disabling) limit_work(queue);
  if (record.state == QueueState::idle && record.write_index != record.read_index) make_ready(queue);
  if (record.state == QueueState::running && engines_[record.engine].state == EngineState::running &&
      record.sent_index != record.write_index) {
    record.sent_index = record.write_index;
    hal_.engine_extend(record.engine, record.write_index);
  }
  hal_.note_ready(queue, record.waits == Waits::none ? record.write_index : index, record.has_slot);
  if (is_blocked(queue) != was_blocked) hal_.note_wait(queue, !was_blocked);
}

// --- waits in the ring -----------------------------------------------------------------------------------------------

template <Hal H>
std::uint32_t RunList<H>::look_at_waits(std::uint32_t queue, std::uint32_t index) {
  constexpr std::uint32_t kMostLooks = 64;  // entries in a turn; the others when the engine has done these
  QueueRecord& record = queues_[queue];
  std::uint32_t next = record.write_index;
  for (std::uint32_t looks = 0; next != index; ++next, ++looks) {
    record.waits = Waits::more;
    if (looks == kMostLooks) return next;
    record.waits = Waits::open;
    if (!may_begin(queue, next)) return next;
  }
  record.waits = Waits::over;
  return next;
}

template <Hal H>
bool RunList<H>::may_begin(std::uint32_t queue, std::uint32_t index) {
  const QueueRecord& record = queues_[queue];
  const std::uint64_t place = abi::entry_waits_address(record.ring_address, record.ring_entries, index);
  if (hal_.read32(place + offsetof(abi::EntryWaits, index)) != index) return true;
  const std::uint32_t count = hal_.read32(place + offsetof(abi::EntryWaits, count));
  for (std::uint32_t i = 0; i < count && i < abi::kMaxEntryWaits; ++i) {
    const std::uint64_t wait = place + offsetof(abi::EntryWaits, waits) + std::uint64_t{i} * sizeof(abi::RingWait);
    const std::uint64_t address = hal_.read32(wait) | std::uint64_t{hal_.read32(wait + 4)} << 32;
    const std::uint32_t value = hal_.read32(wait + offsetof(abi::RingWait, value));
    if (abi::is_reached(hal_.read32(address), value)) continue;
    hal_.watch(queue, address, value);
    return false;
  }
  return true;
}

template <Hal H>
void RunList<H>::stop_waiting(std::uint32_t queue) {
  if (queues_[queue].waits != Waits::open) return;
  hal_.unwatch(queue);
  if (is_blocked(queue)) hal_.note_wait(queue, false);
}

template <Hal H>
void RunList<H>::limit_work(std::uint32_t queue) {
  QueueRecord& record = queues_[queue];
  if (record.write_index - record.read_index <= record.ring_entries) return;
  record.write_index = record.read_index + record.ring_entries;
  refuse(queue, abi::Refusal::bad_write_index);
}

template <Hal H>
void RunList<H>::make_ready(std::uint32_t queue) {
  QueueRecord& record = queues_[queue];
  if (record.has_slot && !slots_.unlimited()) idle_holders_.remove(queues_.data(), queue);
  if (!record.has_slot && !acquire_slot(queue)) {
    record.state = QueueState::waiting;
    waiting_[record.priority].push_back(queues_.data(), queue);
    ++waiting_count_[record.priority];
  } else {
    make_runnable(queue);
  }
  // It may have taken the slot that another counted on.
  preempt_for_slots();
}

template <Hal H>
void RunList<H>::make_runnable(std::uint32_t queue) {
  QueueRecord& record = queues_[queue];
  record.state = QueueState::runnable;
  runnable_.push_back(queues_.data(), queue);
  preempt_for(record);
}

template <Hal H>
void RunList<H>::preempt_for(const QueueRecord& arrival) {
  const EngineMask engines = sets_.engines_of(arrival.engine_set);
  if ((engines & ~levels_.busy()) != 0) return;  // it will be picked there
  const std::uint32_t victim = levels_.victim(arrival.priority, engines);
  if (victim != kNoEngine) order_preemption(victim);
}

template <Hal H>
void RunList<H>::order_preemption(std::uint32_t engine) {
  EngineRecord& record = engines_[engine];
  record.state = EngineState::preempting;
  levels_.leave(engine, queues_[record.queue].priority);
  hal_.engine_preempt(engine);
  if (limits_preemption_) hal_.start_preempt_timer(engine, record.queue, record.run);
}

template <Hal H>
void RunList<H>::preempt_for_lines(SetMask sets) {
  EngineMask coming = ~levels_.busy() & all_engines();
  for (std::uint32_t level = abi::kPriorityLevels; level-- > 0;) {
    coming |= levels_.leaving_at(level);  // a queue of a higher level that is leaving would be back before them
    SetMask waiting = runnable_.occupied(level) & sets;
    EngineMask victims = levels_.victims(level);
    if (waiting == 0 || victims == 0) continue;
    waiting &= ~sets_.with_any(coming);
    for (victims = sets_.in_any(victims, waiting); waiting != 0 && victims != 0;) {
      const std::uint32_t victim = levels_.victim(level, victims);
      order_preemption(victim);
      coming |= EngineMask{1} << victim;
      waiting &= ~sets_.with_engine(victim);
      victims = sets_.in_any(victims & ~coming, waiting);
    }
  }
}

template <Hal H>
void RunList<H>::preempt_for_slots() {
  std::uint32_t wanted = 0;
  std::uint32_t coming = levels_.leaving_count();
  for (std::uint32_t level = 0; level < abi::kPriorityLevels; ++level) {
    wanted += waiting_count_[level];
    if (waiting_count_[level] != 0 && wanted > coming) {
      const std::uint32_t victim = levels_.victim(level, all_engines());
      if (victim == kNoEngine) return;  // nor is there one for a lower level
      order_preemption(victim);
      ++coming;
    }
    coming -= levels_.leaving_count_at(level);  // their queues want them back before those of lower levels
  }
}

// --- engines report --------------------------------------------------------------------------------------------------

template <Hal H>
bool RunList<H>::is_current(const EngineReport& report) {
  if (report.engine >= engines_.size()) {
    refuse(kNil, abi::Refusal::bad_report);
    return false;
  }
  const EngineRecord& engine = engines_[report.engine];
  return engine.state != EngineState::idle && engine.queue == report.queue && engine.run == report.run;
}

template <Hal H>
void RunList<H>::take_off_engine(const EngineReport& report) {
  EngineRecord& engine = engines_[report.engine];
  if (engine.state == EngineState::preempting && limits_preemption_) hal_.stop_preempt_timer(report.engine);
  levels_.stop(report.engine);
  engine.state = EngineState::idle;
  engine.queue = kNil;
  QueueRecord& record = queues_[report.queue];
  record.read_index = report.read_index;
  record.begun = report.begun;
}

template <Hal H>
void RunList<H>::on_engine_empty(const EngineReport& report) {
  if (!is_current(report)) return;
  // An engine that has been sent more entries meanwhile goes on by itself, with a new quantum: this report is stale.
  if (queues_[report.queue].sent_index != report.read_index) return levels_.renew(report.engine);
  QueueRecord& record = queues_[report.queue];
  take_off_engine(report);
  if (record.state == QueueState::disabling) return finish_disable(report.queue);
  // It was told to leave, or the engine would know of these entries.
  if (record.write_index != record.read_index) return give_way(report.queue);
  make_idle(report.queue);
  if (is_blocked(report.queue)) hal_.note_wait(report.queue, true);
  if (record.waits == Waits::more) on_work(report.queue);
}

template <Hal H>
void RunList<H>::on_engine_saved(const EngineReport& report) {
  if (!is_current(report)) return;
  QueueRecord& record = queues_[report.queue];
  if (report.read_index - record.read_index > record.sent_index - record.read_index) {
    return refuse(report.queue, abi::Refusal::bad_report);
  }
  take_off_engine(report);
  if (record.state == QueueState::disabling) return finish_disable(report.queue);
  give_way(report.queue);
}

template <Hal H>
void RunList<H>::give_way(std::uint32_t queue) {
  limit_work(queue);
  if (!someone_waits_for_slot(queues_[queue].priority)) return make_runnable(queue);
  evict(queue);
  serve_waiting();
  make_ready(queue);
}

template <Hal H>
void RunList<H>::on_quantum_over(const EngineReport& report) {
  if (!is_current(report) || engines_[report.engine].state != EngineState::running) return;
  const QueueRecord& record = queues_[report.queue];
  if (first_for(report.engine, record.priority) == kNil && !someone_waits_for_slot(record.priority)) {
    levels_.spend(report.engine);
    return;
  }
  order_preemption(report.engine);
}

template <Hal H>
void RunList<H>::lose_context(std::uint32_t engine) {
  const std::uint32_t queue = engines_[engine].queue;
  hal_.engine_reset(engine);
  take_off_engine({engine, queue, engines_[engine].run, queues_[queue].read_index, true});
  queues_[queue].was_reset = true;
}

template <Hal H>
void RunList<H>::on_preempt_timeout(const EngineReport& report) {
  if (!is_current(report) || engines_[report.engine].state != EngineState::preempting) return;
  const auto tell = [&](abi::Action action) {
    const std::uint32_t words[]{abi::message_header(action, 2, abi::MessageType::event), report.queue};
    send(words);
  };
  if (preempt_miss_ == abi::PreemptMiss::tell_host) return tell(abi::Action::preempt_missed);
  QueueRecord& record = queues_[report.queue];
  lose_context(report.engine);
  hal_.note_reset_notify(report.queue);
  tell(abi::Action::reset_notify);
  if (record.state == QueueState::disabling) return finish_disable(report.queue);
  stop_waiting(report.queue);
  evict(report.queue);
  record.state = QueueState::disabled;
  serve_waiting();
}

template <Hal H>
bool RunList<H>::someone_waits_for_slot(std::uint32_t last_level) const {
  for (std::uint32_t level = 0; level <= last_level; ++level) {
    if (!waiting_[level].empty()) return true;
  }
  return false;
}

template <Hal H>
void RunList<H>::make_idle(std::uint32_t queue) {
  QueueRecord& record = queues_[queue];
  record.state = QueueState::idle;
  if (slots_.unlimited()) return;
  idle_holders_.push_back(queues_.data(), queue);
  serve_waiting();
}

// --- picking ---------------------------------------------------------------------------------------------------------

template <Hal H>
std::uint32_t RunList<H>::first_for(std::uint32_t engine, std::uint32_t last_level) const {
  for (std::uint32_t level = 0; level <= last_level; ++level) {
    const std::uint32_t queue = runnable_.first(queues_.data(), level, sets_.with_engine(engine));
    if (queue != kNil) return queue;
  }
  return kNil;
}

template <Hal H>
std::uint32_t RunList<H>::engine_to_serve() const {
  const SetMask waiting = runnable_.occupied();
  if (waiting == 0) return kNoEngine;
  EngineMask idle = ~levels_.busy() & all_engines();
  for (std::uint32_t e = 0; idle != 0; ++e, idle >>= 1) {
    if ((idle & 1) != 0 && (sets_.with_engine(e) & waiting) != 0) return e;
  }
  return kNoEngine;
}

template <Hal H>
void RunList<H>::pick(std::uint32_t engine) {
  const std::uint32_t queue = first_for(engine, abi::kPriorityLevels - 1);
  if (queue == kNil || engines_[engine].state != EngineState::idle) return;
  QueueRecord& record = queues_[queue];
  runnable_.remove(queues_.data(), queue);
  record.state = QueueState::running;
  record.engine = static_cast<std::uint8_t>(engine);
  record.sent_index = record.write_index;
  EngineRecord& target = engines_[engine];
  target.state = EngineState::running;
  target.queue = queue;
  levels_.start(engine, record.priority);
  ++target.run;
  hal_.engine_run(engine, RunRequest{queue, record.tag, target.run, record.read_index, record.write_index,
                                     record.ring_entries, record.ring_address, record.context_address});
  preempt_for_lines(sets_.with_engine(engine));
}

// --- slots -----------------------------------------------------------------------------------------------------------

template <Hal H>
void RunList<H>::grant(std::uint32_t queue) {
  QueueRecord& record = queues_[queue];
  record.slot = static_cast<std::uint8_t>(slots_.take());
  record.has_slot = true;
  hal_.note_slot(queue, record.slot, true);
}

template <Hal H>
void RunList<H>::evict(std::uint32_t queue) {
  QueueRecord& record = queues_[queue];
  if (slots_.unlimited() || !record.has_slot) return;
  record.has_slot = false;
  slots_.give_back(record.slot);
  hal_.note_slot(queue, record.slot, false);
}

template <Hal H>
bool RunList<H>::acquire_slot(std::uint32_t queue) {
  if (slots_.full() && !idle_holders_.empty()) {
    const std::uint32_t holder = idle_holders_.head();
    idle_holders_.remove(queues_.data(), holder);
    evict(holder);
  }
  // A holder of a lower level that is not on an engine goes back to waiting.
  const QueueRecord& arrival = queues_[queue];
  for (std::uint32_t level = abi::kPriorityLevels; slots_.full() && --level > arrival.priority;) {
    const SetMask occupied = runnable_.occupied(level);
    for (std::uint32_t c = 0; occupied != 0 && slots_.full() && c < abi::kEngineClasses; ++c) {
      const SetMask sets = sets_.of_class(c) & occupied;
      if (sets == 0) continue;
      const std::uint32_t victim = runnable_.first(queues_.data(), level, sets);
      runnable_.remove(queues_.data(), victim);
      evict(victim);
      queues_[victim].state = QueueState::waiting;
      waiting_[level].push_front(queues_.data(), victim);
      ++waiting_count_[level];
    }
  }
  if (slots_.full()) return false;
  grant(queue);
  return true;
}

template <Hal H>
void RunList<H>::serve_waiting() {
  for (QueueList& list : waiting_) {
    while (!list.empty()) {
      const std::uint32_t queue = list.head();
      if (!acquire_slot(queue)) return preempt_for_slots();
      list.remove(queues_.data(), queue);
      --waiting_count_[queues_[queue].priority];
      make_runnable(queue);
    }
  }
}

}  // namespace gpusim::fw
