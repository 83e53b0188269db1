// SPDX-License-Identifier: MIT
// Definitions of RunList<H, P>; include runlist.h.
#pragma once

#include "firmware/runlist/runlist.h"  // IWYU pragma: keep

#include <cstddef>

namespace gpusim::fw {

template <Hal H, template <class> class P>
RunList<H, P>::RunList(H& hal, const abi::DeviceDescriptor& device, std::span<QueueRecord> queues,
                       std::span<EngineRecord> engines)
    : hal_{hal},
      queues_{queues},
      engines_{engines},
      preempt_miss_{device.preempt_miss},
      rings_directly_{device.doorbell_route == abi::DoorbellRoute::direct},
      has_hysteresis_{device.idle_hysteresis_ps != 0},
      board_{hal, queues, engines, device.preempt_timeout_ps != 0, SlotPool{device.slots}},
      policy_{board_} {
  for (std::uint32_t i = 0; i < engines_.size(); ++i) {
    engines_of_class_[static_cast<std::uint32_t>(device.engines[i].engine_class)] |= EngineMask{1} << i;
  }
}

// --- work arrives ----------------------------------------------------------------------------------------------------

template <Hal H, template <class> class P>
void RunList<H, P>::on_work(std::uint32_t queue) {
  if (!is_valid(queue)) return refuse(queue, abi::Refusal::no_such_queue);
  QueueRecord& record = queues_[queue];
  if (record.state == QueueState::unregistered || record.state == QueueState::disabled) return;
  const std::uint32_t index = read_write_index(queue);
  const bool is_on_engine = record.state == QueueState::running || record.state == QueueState::disabling;
  // An engine that takes doorbells may be more than a ring ahead of what is known here.
  const bool may_be_far = rings_directly_ && is_on_engine;
  if (!may_be_far && index - record.write_index > record.ring_entries) {
    return refuse(queue, abi::Refusal::bad_write_index);
  }
  const bool was_blocked = is_blocked(queue);
  record.write_index = record.waits == Waits::none ? index : look_at_waits(queue, index);
  if (!is_on_engine) limit_work(queue);
  if (record.state == QueueState::idle && record.write_index != record.read_index) {
    end_idle(queue);
    policy_.make_ready(queue);
  }
  if (record.state == QueueState::running && engines_[record.engine].state == EngineState::running &&
      record.sent_index != record.write_index) {
    record.sent_index = record.write_index;
    hal_.engine_extend(record.engine, record.write_index);
  }
  hal_.note_ready(queue, record.waits == Waits::none ? record.write_index : index, record.has_slot);
  if (is_blocked(queue) != was_blocked) hal_.note_wait(queue, !was_blocked);
}

// --- waits in the ring -----------------------------------------------------------------------------------------------

template <Hal H, template <class> class P>
std::uint32_t RunList<H, P>::look_at_waits(std::uint32_t queue, std::uint32_t index) {
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

template <Hal H, template <class> class P>
bool RunList<H, P>::may_begin(std::uint32_t queue, std::uint32_t index) {
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

template <Hal H, template <class> class P>
void RunList<H, P>::stop_waiting(std::uint32_t queue) {
  if (queues_[queue].waits != Waits::open) return;
  hal_.unwatch(queue);
  if (is_blocked(queue)) hal_.note_wait(queue, false);
}

template <Hal H, template <class> class P>
void RunList<H, P>::limit_work(std::uint32_t queue) {
  QueueRecord& record = queues_[queue];
  if (record.write_index - record.read_index <= record.ring_entries) return;
  record.write_index = record.read_index + record.ring_entries;
  refuse(queue, abi::Refusal::bad_write_index);
}

// --- engines report --------------------------------------------------------------------------------------------------

template <Hal H, template <class> class P>
bool RunList<H, P>::is_current(const EngineReport& report) {
  if (report.engine >= engines_.size()) {
    refuse(kNil, abi::Refusal::bad_report);
    return false;
  }
  const EngineRecord& engine = engines_[report.engine];
  return engine.state != EngineState::idle && engine.queue == report.queue && engine.run == report.run;
}

template <Hal H, template <class> class P>
void RunList<H, P>::take_off_engine(const EngineReport& report) {
  const bool is_preempting = engines_[report.engine].state == EngineState::preempting;
  if (is_preempting && board_.limits_preemption) hal_.stop_preempt_timer(report.engine);
  policy_.on_stop(report.engine);
  board_.stop(report.engine);
  QueueRecord& record = queues_[report.queue];
  record.read_index = report.read_index;
  record.begun = report.begun;
  if (rings_directly_) record.write_index = read_write_index(report.queue);
}

template <Hal H, template <class> class P>
void RunList<H, P>::on_engine_empty(const EngineReport& report) {
  if (!is_current(report)) return;
  // An engine that has been sent more entries meanwhile goes on by itself, with a new quantum: this report is stale.
  QueueRecord& record = queues_[report.queue];
  if (abi::is_ahead(record.sent_index, report.read_index)) return policy_.on_renewal(report.engine);
  take_off_engine(report);
  if (record.state == QueueState::disabling) return finish_disable(report.queue);
  // It was told to leave, or the engine would know of these entries; or their doorbell has not reached it.
  if (record.write_index != record.read_index) return back_to_line(report.queue);
  policy_.make_idle(report.queue);
  begin_idle(report.queue);
  if (is_blocked(report.queue)) hal_.note_wait(report.queue, true);
  if (record.waits == Waits::more) on_work(report.queue);
}

template <Hal H, template <class> class P>
void RunList<H, P>::begin_idle(std::uint32_t queue) {
  if constexpr (SlotsByHost<P<H>>) {
    if (has_hysteresis_) return hal_.start_idle_timer(queue);
    tell_host(abi::Action::queue_idle, queue);
  }
}

template <Hal H, template <class> class P>
void RunList<H, P>::end_idle(std::uint32_t queue) {
  if constexpr (SlotsByHost<P<H>>) {
    if (has_hysteresis_) hal_.stop_idle_timer(queue);
  }
}

template <Hal H, template <class> class P>
void RunList<H, P>::on_idle_timer(std::uint32_t queue) {
  if constexpr (SlotsByHost<P<H>>) {
    // It may have got work while this event was in the FIFO.
    if (is_valid(queue) && queues_[queue].state == QueueState::idle) tell_host(abi::Action::queue_idle, queue);
  }
}

template <Hal H, template <class> class P>
void RunList<H, P>::on_engine_saved(const EngineReport& report) {
  if (!is_current(report)) return;
  QueueRecord& record = queues_[report.queue];
  // With doorbells of its own an engine may have done more than it was sent.
  if (!rings_directly_ && report.read_index - record.read_index > record.sent_index - record.read_index) {
    return refuse(report.queue, abi::Refusal::bad_report);
  }
  take_off_engine(report);
  if (record.state == QueueState::disabling) return finish_disable(report.queue);
  back_to_line(report.queue);
}

template <Hal H, template <class> class P>
void RunList<H, P>::lose_context(std::uint32_t engine) {
  const std::uint32_t queue = engines_[engine].queue;
  hal_.engine_reset(engine);
  take_off_engine({engine, queue, engines_[engine].run, queues_[queue].read_index, true});
  queues_[queue].was_reset = true;
}

template <Hal H, template <class> class P>
void RunList<H, P>::on_preempt_timeout(const EngineReport& report) {
  if (!is_current(report) || engines_[report.engine].state != EngineState::preempting) return;
  if (preempt_miss_ == abi::PreemptMiss::tell_host) return tell_host(abi::Action::preempt_missed, report.queue);
  give_up_queue(report, abi::Action::reset_notify);
}

template <Hal H, template <class> class P>
void RunList<H, P>::on_page_fault(const EngineReport& report) {
  if (is_current(report)) give_up_queue(report, abi::Action::page_fault);
}

template <Hal H, template <class> class P>
void RunList<H, P>::give_up_queue(const EngineReport& report, abi::Action event) {
  QueueRecord& record = queues_[report.queue];
  lose_context(report.engine);
  hal_.note_reset_notify(report.queue);
  tell_host(event, report.queue);
  if (record.state == QueueState::disabling) return finish_disable(report.queue);
  stop_waiting(report.queue);
  policy_.vacate(report.queue);
  record.state = QueueState::disabled;
  policy_.serve_waiting();
}

template <Hal H, template <class> class P>
void RunList<H, P>::on_quantum_over(const EngineReport& report) {
  if (is_current(report) && engines_[report.engine].state == EngineState::running) {
    policy_.on_quantum_over(report.engine);
  }
}

template <Hal H, template <class> class P>
void RunList<H, P>::back_to_line(std::uint32_t queue) {
  limit_work(queue);
  if (rings_directly_) hal_.note_ready(queue, queues_[queue].write_index, queues_[queue].has_slot);
  policy_.give_way(queue);
}

// --- picking ---------------------------------------------------------------------------------------------------------

template <Hal H, template <class> class P>
void RunList<H, P>::pick(std::uint32_t engine) {
  if (engines_[engine].state != EngineState::idle) return;
  const std::uint32_t queue = policy_.choose(engine);
  if (queue == kNil) return;
  QueueRecord& record = queues_[queue];
  record.state = QueueState::running;
  record.engine = static_cast<std::uint8_t>(engine);
  record.sent_index = record.write_index;
  board_.start(engine, queue);
  hal_.engine_run(engine, RunRequest{queue, record.tag, engines_[engine].run, record.read_index, record.write_index,
                                     record.ring_entries, record.ring_address, record.context_address});
  policy_.on_picked(engine);
}

}  // namespace gpusim::fw
