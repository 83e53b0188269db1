// SPDX-License-Identifier: MIT
// Definitions of RunList<H, P>: what it does on messages, and what it says itself; include runlist.h.
#pragma once

#include "firmware/runlist/runlist.h"  // IWYU pragma: keep

#include <cstddef>
#include <new>

#include "firmware/runlist/bits.h"

namespace gpusim::fw {

template <Hal H, template <class> class P>
bool RunList<H, P>::has_message() {
  if (is_broken_) return false;
  tail_ = hal_.read32(channel_ + offsetof(abi::ChannelDescriptor, to_firmware_tail));
  if (head_ == tail_) return false;
  read_header();
  if (abi::message_action(header_) != abi::Action::padding) return true;
  // The rest of the ring was too short for the next message.
  const std::uint32_t to_end = abi::kToFirmwareDwords - head_ % abi::kToFirmwareDwords;
  if (to_end >= abi::kMaxRequestDwords || to_end > tail_ - head_) return true;  // bad_message
  head_ += to_end;
  if (head_ == tail_) return false;
  read_header();
  return true;
}

template <Hal H, template <class> class P>
[[gnu::noinline]] abi::Action RunList<H, P>::on_message() {
  const std::uint64_t message = to_firmware(head_);
  const std::uint32_t header = header_;
  const std::uint32_t dwords = abi::message_dwords(header);
  const std::uint32_t to_end = abi::kToFirmwareDwords - head_ % abi::kToFirmwareDwords;
  if (tail_ - head_ > abi::kToFirmwareDwords || dwords < 2 || dwords > to_end || dwords > tail_ - head_) {
    is_broken_ = true;
    refuse(kNil, abi::Refusal::bad_message);
    return abi::Action::padding;
  }
  std::uint32_t words[abi::kMaxRequestDwords];  // read once: the host may write there again
  std::uint32_t* const end = words + (dwords < abi::kMaxRequestDwords ? dwords : abi::kMaxRequestDwords);
  std::uint32_t* word = words + 1;
  std::uint64_t place = message;
  do *word = hal_.read32(place += 4);
  while (++word != end);
  const std::uint32_t queue = words[1];
  const std::optional<abi::Refusal> refusal = look_at(header, queue);
  if (refusal) {
    refuse(queue, *refusal);
  } else if (hal_.takes_message(queue, message)) {
    handle(header, words);
  }
  head_ += dwords;
  hal_.write32(channel_ + offsetof(abi::ChannelDescriptor, to_firmware_head), head_);
  return refusal ? abi::Action::padding : abi::message_action(header);
}

template <Hal H, template <class> class P>
std::optional<abi::Refusal> RunList<H, P>::look_at(std::uint32_t header, std::uint32_t queue) const {
  const abi::Action action = abi::message_action(header);
  const std::uint32_t dwords = abi::request_dwords(action);
  if (dwords == 0) return abi::Refusal::unknown_action;
  const abi::MessageType type =
      abi::answer_dwords(action) == 0 ? abi::MessageType::fast_request : abi::MessageType::request;
  if (abi::message_dwords(header) != dwords || abi::message_type(header) != type) return abi::Refusal::bad_message;
  if (!is_valid(queue)) return abi::Refusal::no_such_queue;
  return std::nullopt;
}

template <Hal H, template <class> class P>
void RunList<H, P>::handle(std::uint32_t header, const std::uint32_t* words) {
  const std::uint32_t queue = words[1];
  switch (abi::message_action(header)) {
    case abi::Action::register_queue:
      return register_queue(queue, words);
    case abi::Action::schedule:
      return on_work(queue);
    case abi::Action::set_priority:
      return set_priority(queue, words[offsetof(abi::SetPriority, priority) / 4]);
    case abi::Action::disable_queue:
    case abi::Action::terminate_queue:
      return disable(queue, abi::message_fence(header), abi::message_action(header));
    case abi::Action::deregister_queue:
      return deregister(queue, abi::message_fence(header));
    case abi::Action::enable_queue:
      return enable(queue);
    case abi::Action::set_limits:
      return set_limits(queue, words + offsetof(abi::SetLimits, quantum_low) / 4);
    default:
      return;
  }
}

template <Hal H, template <class> class P>
void RunList<H, P>::refuse(std::uint32_t queue, abi::Refusal reason) {
  hal_.note_refused(queue, reason);
  const std::uint32_t words[]{abi::message_header(abi::Action::refused, 3, abi::MessageType::event), queue,
                              static_cast<std::uint32_t>(reason)};
  send(words);
}

template <Hal H, template <class> class P>
std::uint32_t RunList<H, P>::class_of(std::uint32_t engines) const {
  std::uint32_t engine_class = 0;
  while (engine_class < abi::kEngineClasses && (engines & ~engines_of_class_[engine_class]) != 0) ++engine_class;
  return engines == 0 ? abi::kEngineClasses : engine_class;
}

template <Hal H, template <class> class P>
void RunList<H, P>::register_queue(std::uint32_t queue, const std::uint32_t* words) {
  const auto word = [&](std::size_t offset) { return words[offset / 4]; };
  const auto wide = [&](std::size_t low) { return std::uint64_t{word(low)} | std::uint64_t{word(low + 4)} << 32; };
  QueueRecord& record = queues_[queue];
  if (record.state != QueueState::unregistered) return refuse(queue, abi::Refusal::already_registered);
  const std::uint32_t engines = word(offsetof(abi::RegisterQueue, engine_mask));
  const std::uint32_t engine_class = class_of(engines);
  if (engine_class == abi::kEngineClasses) return refuse(queue, abi::Refusal::bad_engines);
  const std::uint32_t priority_word = word(offsetof(abi::RegisterQueue, priority));
  const std::uint32_t priority = priority_word & ~abi::kHasWaits & ~abi::kProcessMask;
  if (priority >= abi::kPriorityLevels) return refuse(queue, abi::Refusal::bad_priority);
  const std::uint64_t context = wide(offsetof(abi::RegisterQueue, context_low));
  const std::uint64_t ring = wide(offsetof(abi::RegisterQueue, ring_low));
  const std::uint32_t entries = word(offsetof(abi::RegisterQueue, ring_entries));
  if (!is_power_of_two(entries) || entries > abi::kMaxRingEntries || context % alignof(abi::QueueContext) != 0 ||
      ring % alignof(abi::RingEntry) != 0) {
    return refuse(queue, abi::Refusal::bad_ring);
  }
  const std::uint32_t set = board_.sets.take(engines, static_cast<std::uint8_t>(engine_class));
  if (set == EngineSets::kNoSet) return refuse(queue, abi::Refusal::too_many_sets);
  const std::uint32_t read_index = word(offsetof(abi::RegisterQueue, read_index));
  ::new (&record) QueueRecord{.state = QueueState::idle,
                              .priority = static_cast<std::uint8_t>(priority),
                              .engine_set = static_cast<std::uint8_t>(set),
                              .has_slot = board_.slots.unlimited(),
                              .waits = (priority_word & abi::kHasWaits) == 0 ? Waits::none : Waits::over,
                              .tag = word(offsetof(abi::RegisterQueue, tag)),
                              .write_index = read_index,
                              .read_index = read_index,
                              .ring_entries = entries,
                              .ticket = abi::process_of(priority_word),
                              .context_address = context,
                              .ring_address = ring};
  policy_.enter(queue);
  hal_.note_registered(queue);
  // A doorbell may have rung before this message was served, when the queue was still unknown.
  if (hal_.read32(record.context_address + offsetof(abi::QueueContext, write_index)) != record.read_index) {
    on_work(queue);
  }
}

template <Hal H, template <class> class P>
void RunList<H, P>::set_priority(std::uint32_t queue, std::uint32_t level) {
  if (level >= abi::kPriorityLevels) return refuse(queue, abi::Refusal::bad_priority);
  const QueueRecord& record = queues_[queue];
  if (record.state != QueueState::unregistered && level != record.priority) policy_.set_level(queue, level);
}

template <Hal H, template <class> class P>
void RunList<H, P>::set_limits(std::uint32_t queue, const std::uint32_t* words) {
  if (queues_[queue].state == QueueState::unregistered) return;
  const std::uint64_t limits = abi::context_limits_address(queues_[queue].context_address);
  for (std::uint32_t byte = 0; byte < sizeof(abi::ContextLimits); byte += 4) hal_.write32(limits + byte, *words++);
  hal_.renew_limits(queue);
}

template <Hal H, template <class> class P>
void RunList<H, P>::disable(std::uint32_t queue, std::uint16_t fence, abi::Action action) {
  QueueRecord& record = queues_[queue];
  record.disable_fence = fence;
  record.disable_action = action;
  if (record.state == QueueState::unregistered) return reply_disabled(queue, 0, abi::kUnknown);
  const bool is_on_engine = record.state == QueueState::running || record.state == QueueState::disabling;
  if (is_on_engine && action == abi::Action::terminate_queue) {
    lose_context(record.engine);
    return finish_disable(queue);
  }
  if (is_on_engine) {
    record.state = QueueState::disabling;
    return policy_.disable(record.engine);
  }
  policy_.withdraw(queue);
  finish_disable(queue);
}

template <Hal H, template <class> class P>
void RunList<H, P>::finish_disable(std::uint32_t queue) {
  stop_waiting(queue);
  end_idle(queue);
  policy_.vacate(queue);
  QueueRecord& record = queues_[queue];
  record.state = QueueState::disabled;
  const bool has_work = record.write_index != record.read_index || record.waits >= Waits::open;
  reply_disabled(queue, record.read_index,
                 (record.begun ? abi::kHeadBegun : 0U) | (record.was_reset ? abi::kWasReset : 0U) |
                     (record.waits == Waits::open ? abi::kWaits : 0U) | (has_work ? abi::kHasWork : 0U));
  policy_.serve_waiting();
}

template <Hal H, template <class> class P>
void RunList<H, P>::enable(std::uint32_t queue) {
  QueueRecord& record = queues_[queue];
  if constexpr (SlotsByHost<P<H>>) {
    if (record.has_slot) return policy_.move_back(queue);
  }
  if (record.state != QueueState::disabled || record.was_reset) return;
  record.state = QueueState::idle;
  record.has_slot = board_.slots.unlimited();
  if constexpr (SlotsByHost<P<H>>) {
    if (!policy_.admit(queue)) return refuse(queue, abi::Refusal::no_slot);
  }
  if (record.waits != Waits::none) record.waits = Waits::over;  // looked at anew
  on_work(queue);
}

template <Hal H, template <class> class P>
void RunList<H, P>::deregister(std::uint32_t queue, std::uint16_t fence) {
  if (queues_[queue].state == QueueState::running || queues_[queue].state == QueueState::disabling) {
    return refuse(queue, abi::Refusal::still_on_engine);
  }
  if (queues_[queue].state != QueueState::unregistered) {
    stop_waiting(queue);
    policy_.withdraw(queue);
    policy_.vacate(queue);
    policy_.leave(queue);
    board_.sets.give_back(queues_[queue].engine_set);
    queues_[queue].state = QueueState::unregistered;
    hal_.note_deregistered(queue);
    policy_.serve_waiting();
  }
  const std::uint32_t words[]{abi::message_header(abi::Action::deregister_queue, 2, abi::MessageType::reply, fence),
                              queue};
  send(words);
}

template <Hal H, template <class> class P>
void RunList<H, P>::reply_disabled(std::uint32_t queue, std::uint32_t read_index, std::uint32_t flags) {
  const QueueRecord& record = queues_[queue];
  const std::uint32_t words[]{
      abi::message_header(record.disable_action, 4, abi::MessageType::reply, record.disable_fence), queue, read_index,
      flags};
  send(words);
}

template <Hal H, template <class> class P>
void RunList<H, P>::send(std::span<const std::uint32_t> words) {
  if (!hal_.sends_message(words[1])) return;
  const auto count = static_cast<std::uint32_t>(words.size());
  const std::uint32_t to_end = abi::kToHostDwords - out_tail_ % abi::kToHostDwords;
  const std::uint32_t padding = to_end < count ? to_end : 0;
  const std::uint32_t head = hal_.read32(channel_ + offsetof(abi::ChannelDescriptor, to_host_head));
  if (abi::kToHostDwords - (out_tail_ - head) < padding + count) {
    hal_.write32(channel_ + offsetof(abi::ChannelDescriptor, to_host_status), abi::kChannelOverflow);
    hal_.raise_reply_interrupt();
    return;
  }
  const auto put = [this](std::uint32_t word) {
    hal_.write32(channel_ + abi::kToHostOffset + std::uint64_t{out_tail_++ % abi::kToHostDwords} * 4, word);
  };
  for (std::uint32_t i = 0; i < padding; ++i) put(abi::message_header(abi::Action::padding, 1));
  for (const std::uint32_t word : words) put(word);
  hal_.write32(channel_ + offsetof(abi::ChannelDescriptor, to_host_tail), out_tail_);
  hal_.raise_reply_interrupt();
}

}  // namespace gpusim::fw
