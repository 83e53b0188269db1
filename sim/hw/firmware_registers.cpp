// SPDX-License-Identifier: MIT
#include "sim/hw/firmware_registers.h"

#include <algorithm>
#include <cstddef>

namespace gpusim::hw {

FirmwareRegisters::FirmwareRegisters(trace::Recorder& recorder, fault::Injector& faults,
                                     const abi::DeviceDescriptor& device)
    : recorder_{recorder},
      faults_{faults},
      device_{device},
      doorbells_(device.max_queues / 32 + 1),
      blocks_(device.engine_count),
      told_(device.max_queues + 1) {}

bool FirmwareRegisters::ring(std::uint32_t queue) {
  std::uint32_t& word = doorbells_[queue / 32];
  if ((word & abi::doorbell_bit(queue)) != 0) return false;
  word |= abi::doorbell_bit(queue);
  post({fw::Step::doorbell, queue, {}});
  return true;
}

bool FirmwareRegisters::notify() {
  if (notification_) return false;
  notification_ = true;
  post({fw::Step::message, fw::kNil, {}});
  return true;
}

const order::Reset* FirmwareRegisters::ordered_reset() const {
  const auto found = std::find_if(orders_.begin(), orders_.end(),
                                  [](const FirmwareOrder& each) { return std::holds_alternative<order::Reset>(each); });
  return found == orders_.end() ? nullptr : &std::get<order::Reset>(*found);
}

void FirmwareRegisters::reset() {
  for (const FirmwareOrder& each : orders_) {
    const auto* noted = std::get_if<trace::Event>(&each);
    if (noted != nullptr && noted->kind != trace::EventKind::decision) recorder_.emit(*noted);
  }
  orders_.clear();
  tell_that_queues_are_gone();
  events_ = {};
  event_ = {};
  doorbells_.assign(doorbells_.size(), 0);
  notification_ = false;
  channel_ = 0;
  message_head_ = 0;
  corrupts_message_.reset();
  corrupts_reply_ = false;
  blocks_.assign(blocks_.size(), {});
  use_ = {};
  slot_change_.reset();
  is_in_step_ = false;
}

void FirmwareRegisters::tell_that_queues_are_gone() {
  for (std::uint32_t queue = 1; queue < told_.size(); ++queue) {
    const ToldQueue& told = told_[queue];
    if (!told.is_registered) continue;
    if (told.waits) recorder_.emit(trace::ring_wait_end{.queue = told.queue});
    if (told.has_slot) recorder_.emit(trace::slot_evict{.queue = told.queue, .slot = told.slot});
    recorder_.emit(trace::queue_deregistered{.queue = told.queue, .id = queue});
  }
  told_.assign(told_.size(), {});
  if (picks_) picks_->reset();
}

std::uint32_t FirmwareRegisters::word_of(const fw::Event& event) {
  return abi::event_word(static_cast<std::uint32_t>(event.step), event.report.engine, event.report.begun);
}

std::uint32_t FirmwareRegisters::pop_event() {
  if (events_.empty()) return 0;
  event_ = events_.pop_front();
  return word_of(event_);
}

std::uint32_t FirmwareRegisters::read_host(std::uint64_t address) {
  std::uint32_t value = 0;
  use_.waited += link_->read(address, std::as_writable_bytes(std::span{&value, 1}));
  return value;
}

std::uint32_t FirmwareRegisters::peek_host(std::uint64_t address) {
  std::uint32_t value = 0;
  (void)link_->peek(address, std::as_writable_bytes(std::span{&value, 1}));
  return value;
}

// --- loads -----------------------------------------------------------------------------------------------------------

std::uint32_t FirmwareRegisters::load(std::uint32_t offset) {
  if (abi::is_models(offset)) return load_model(offset);
  ++use_.accesses;
  if (offset == abi::kFwEvent) return pop_event();
  if (offset != abi::kFwHostData) return peek(offset);
  ++use_.host_reads;
  return as_read(host_address(), read_host(host_address()));
}

std::uint32_t FirmwareRegisters::peek(std::uint32_t offset) const {
  if (abi::is_models(offset) || offset == abi::kFwHostData) return 0;
  switch (offset) {
    case abi::kFwEngineCount:
      return device_.engine_count;
    case abi::kFwMaxQueues:
      return device_.max_queues;
    case abi::kFwSlots:
      return device_.slots;
    case abi::kFwPreemption:
      return abi::has_preempt_timeout(device_) ? 1 + static_cast<std::uint32_t>(device_.preempt_miss) : 0;
    case abi::kFwOuterQuantum:
      return device_.outer_quantum;
    case abi::kFwDoorbellRoute:
      return static_cast<std::uint32_t>(abi::rings_engines(device_) ? device_.doorbell_route
                                                                    : abi::DoorbellRoute::firmware);
    case abi::kFwIdleTimer:
      return device_.idle_hysteresis_ps != 0 ? 1 : 0;
    case abi::kFwChannelLow:
      return static_cast<std::uint32_t>(channel_);
    case abi::kFwChannelHigh:
      return static_cast<std::uint32_t>(channel_ >> 32);
    case abi::kFwEvent:
      return events_.empty() ? 0 : word_of(events_.front());
    case abi::kFwEventQueue:
      return fw::is_of_queue(event_.step) ? event_.queue : event_.report.queue;
    case abi::kFwEventRun:
      return event_.report.run;
    case abi::kFwEventReadIndex:
      return event_.report.read_index;
    case abi::kFwNotification:
      return notification_ ? 1 : 0;
    default:
      break;
  }
  if (offset >= abi::kFwDoorbells) {
    const std::uint32_t word = (offset - abi::kFwDoorbells) / 4;
    return word < doorbells_.size() ? doorbells_[word] : 0;
  }
  if (offset < abi::kFwEngineBase) return 0;
  const std::uint32_t engine = (offset - abi::kFwEngineBase) / abi::kFwEngineStride;
  if (engine >= blocks_.size()) return 0;
  const std::uint32_t within = offset % abi::kFwEngineStride;
  if (within == abi::kFwEngineClass) return static_cast<std::uint32_t>(device_.engines[engine].engine_class);
  return blocks_[engine][within / 4];
}

std::uint32_t FirmwareRegisters::load_model(std::uint32_t offset) {
  if (offset == abi::kFwTakesMessage) return takes_message() ? 1 : 0;
  if (offset == abi::kFwSendsReply) return sends_reply() ? 1 : 0;
  return 0;
}

bool FirmwareRegisters::takes_message() {
  return !faults_.drops_message(tag_in(ask_low_ | std::uint64_t{ask_high_} << 32, ask_queue_));
}

bool FirmwareRegisters::sends_reply() {
  if (faults_.drops_reply(tag_of(ask_queue_))) return false;
  corrupts_reply_ = faults_.corrupts_reply(tag_of(ask_queue_));
  return true;
}

std::uint32_t FirmwareRegisters::tag_in(std::uint64_t message, std::uint32_t queue) {
  // What makes a queue known says whose it is.
  const bool is_new = abi::message_action(peek_host(message)) == abi::Action::register_queue;
  return is_new ? peek_host(message + offsetof(abi::RegisterQueue, tag)) : tag_of(queue);
}

// --- headers that are wrong ------------------------------------------------------------------------------------------

namespace {

/// All bits of the length: no message is that long.
constexpr std::uint32_t kWrongLength = 0x3fU << 10;

[[nodiscard]] bool is_padding(std::uint32_t header) { return abi::message_action(header) == abi::Action::padding; }

}  // namespace

/// The firmware reads a header twice: at the look for a message, and when it takes it.
std::uint32_t FirmwareRegisters::as_read(std::uint64_t address, std::uint32_t word) {
  if (!faults_.may_corrupt_messages() || is_padding(word) || !is_next_header(address)) return word;
  if (!corrupts_message_) corrupts_message_ = faults_.corrupts_message(tag_in(address, peek_host(address + 4)));
  return *corrupts_message_ ? word ^ kWrongLength : word;
}

bool FirmwareRegisters::is_next_header(std::uint64_t address) {
  const std::uint64_t ring = channel_ + abi::kToFirmwareOffset;
  const std::uint64_t next = ring + std::uint64_t{message_head_ % abi::kToFirmwareDwords} * 4;
  return address == next || (address == ring && is_padding(peek_host(next)));
}

std::uint32_t FirmwareRegisters::as_written(std::uint64_t address, std::uint32_t word) {
  if (address == channel_ + offsetof(abi::ChannelDescriptor, to_firmware_head)) {
    message_head_ = word;
    corrupts_message_.reset();
  }
  if (!corrupts_reply_ || address < channel_ + abi::kToHostOffset || is_padding(word)) return word;
  corrupts_reply_ = false;
  return word ^ kWrongLength;
}

// --- stores ----------------------------------------------------------------------------------------------------------

void FirmwareRegisters::store(std::uint32_t offset, std::uint32_t value) {
  if (abi::is_models(offset)) return store_model(offset, value);
  ++use_.accesses;
  switch (offset) {
    case abi::kFwNotification:
      if ((value & 1) != 0) notification_ = false;
      return;
    case abi::kFwNotifyAgain:
      (void)notify();
      return;
    case abi::kFwHostLow:
      host_low_ = value;
      return;
    case abi::kFwHostHigh:
      host_high_ = value;
      return;
    case abi::kFwHostData:
      orders_.push_back(order::Write{host_address(), as_written(host_address(), value)});
      return;
    case abi::kFwWatchValue:
      watch_value_ = value;
      return;
    case abi::kFwWatch:
      orders_.push_back(order::Watch{value, host_address(), watch_value_});
      return;
    case abi::kFwUnwatch:
      orders_.push_back(order::Unwatch{value});
      return;
    case abi::kFwIdleTimer:
      orders_.push_back(order::StartIdleTimer{value});
      return;
    case abi::kFwStopIdleTimer:
      orders_.push_back(order::StopIdleTimer{value});
      return;
    case abi::kFwNewLimits:
      if (value < told_.size()) orders_.push_back(order::RenewLimits{value});
      return;
    case abi::kFwTick:
      orders_.push_back(order::RunTick{value != 0});
      return;
    case abi::kFwInterrupt:
      if (value < abi::kVectors) orders_.push_back(order::Interrupt{value});
      return;
    default:
      break;
  }
  if (offset >= abi::kFwDoorbells) {
    const std::uint32_t word = (offset - abi::kFwDoorbells) / 4;
    if (word < doorbells_.size()) doorbells_[word] &= ~value;
    return;
  }
  if (offset < abi::kFwEngineBase) return;
  const std::uint32_t engine = (offset - abi::kFwEngineBase) / abi::kFwEngineStride;
  if (engine < blocks_.size()) store_engine(engine, offset % abi::kFwEngineStride, value);
}

void FirmwareRegisters::store_engine(std::uint32_t engine, std::uint32_t offset, std::uint32_t value) {
  EngineBlock& block = blocks_[engine];
  block[offset / 4] = value;
  if (offset == abi::kFwEngineCommand) return command(engine, static_cast<abi::EngineCommand>(value));
  if (offset != abi::kFwEngineTimer) return;
  if (value == 0) {
    orders_.push_back(order::StopTimer{engine});
  } else {
    orders_.push_back(
        order::StartTimer{engine, block[abi::kFwEngineTimerQueue / 4], block[abi::kFwEngineTimerRun / 4]});
  }
}

void FirmwareRegisters::command(std::uint32_t engine, abi::EngineCommand command) {
  const EngineBlock& block = blocks_[engine];
  const auto at = [&](std::uint32_t offset) { return block[offset / 4]; };
  const auto address = [&](std::uint32_t low, std::uint32_t high) { return at(low) | std::uint64_t{at(high)} << 32; };
  switch (command) {
    case abi::EngineCommand::run:
      if (picks_ && at(abi::kFwEngineQueue) < queues_.size()) {
        orders_.emplace_back(trace::Event{picks_->decide(queues_, engine, at(abi::kFwEngineQueue))});
      }
      orders_.push_back(order::Run{engine,
                                   {.queue = at(abi::kFwEngineQueue),
                                    .tag = at(abi::kFwEngineTag),
                                    .run = at(abi::kFwEngineRun),
                                    .read_index = at(abi::kFwEngineReadIndex),
                                    .write_index = at(abi::kFwEngineWriteIndex),
                                    .ring_entries = at(abi::kFwEngineRingEntries),
                                    .ring_address = address(abi::kFwEngineRingLow, abi::kFwEngineRingHigh),
                                    .context_address = address(abi::kFwEngineContextLow, abi::kFwEngineContextHigh)}});
      return;
    case abi::EngineCommand::extend:
      orders_.push_back(order::Extend{engine, at(abi::kFwEngineWriteIndex)});
      return;
    case abi::EngineCommand::preempt:
      orders_.push_back(order::Preempt{engine});
      return;
    case abi::EngineCommand::renew:
      orders_.push_back(order::Renew{engine});
      return;
    case abi::EngineCommand::reset:
      orders_.push_back(order::Reset{engine, id_of(engines_[engine].queue)});
      return;
  }
}

void FirmwareRegisters::store_model(std::uint32_t offset, std::uint32_t value) {
  switch (offset) {
    case abi::kFwStepQueue:
      step_queue_ = value;
      return;
    case abi::kFwStep:
      step_ = {static_cast<fw::Step>(abi::word_step(value)), step_queue_, abi::step_engine(value)};
      is_in_step_ = true;
      recorder_.emit(trace::firmware_begin{.queue = id_of(step_.queue), .engine = step_.engine, .event = step_.step});
      return;
    case abi::kFwNoteQueue:
      note_queue_ = value;
      return;
    case abi::kFwNoteWord:
      note_word_ = value;
      return;
    case abi::kFwNote:
      return note(static_cast<abi::FirmwareNote>(value));
    case abi::kFwAskQueue:
      ask_queue_ = value;
      return;
    case abi::kFwAskLow:
      ask_low_ = value;
      return;
    case abi::kFwAskHigh:
      ask_high_ = value;
      return;
    default:
      return;
  }
}

void FirmwareRegisters::remember(abi::FirmwareNote note) {
  if (note_queue_ >= told_.size()) return;
  ToldQueue& told = told_[note_queue_];
  if (note == abi::FirmwareNote::registered) told = {.queue = QueueId{tag_of(note_queue_)}, .is_registered = true};
  if (note == abi::FirmwareNote::deregistered) told = {};
  if (note == abi::FirmwareNote::granted || note == abi::FirmwareNote::evicted) {
    told.has_slot = note == abi::FirmwareNote::granted;
    slot_change_ = told.has_slot;
    told.slot = note_word_;
  }
  if (note == abi::FirmwareNote::waits || note == abi::FirmwareNote::goes_on) {
    told.waits = note == abi::FirmwareNote::waits;
  }
}

/// The message that registers it is the last that the firmware has asked about.
void FirmwareRegisters::note_candidate(abi::FirmwareNote note) {
  if (note == abi::FirmwareNote::deregistered) picks_->leave(note_queue_);
  if (note != abi::FirmwareNote::registered || note_queue_ >= queues_.size()) return;
  const std::uint64_t message = ask_low_ | std::uint64_t{ask_high_} << 32;
  picks_->enter(note_queue_, peek_host(message + offsetof(abi::RegisterQueue, engine_mask)));
}

void FirmwareRegisters::note(abi::FirmwareNote note) {
  remember(note);
  if (picks_) note_candidate(note);
  // Traces use the QueueId; the firmware uses an id that is reused.
  const QueueId queue = id_of(note_queue_);
  const auto add = [&](const trace::Event& event) { orders_.emplace_back(event); };
  switch (note) {
    case abi::FirmwareNote::registered:
      return add(trace::queue_registered{.queue = queue, .id = note_queue_});
    case abi::FirmwareNote::deregistered:
      return add(trace::queue_deregistered{.queue = queue, .id = note_queue_});
    case abi::FirmwareNote::ready:
    case abi::FirmwareNote::resident:
      return add(trace::queue_ready{
          .queue = queue, .write_index = note_word_, .resident = note == abi::FirmwareNote::resident});
    case abi::FirmwareNote::granted:
      return add(trace::slot_grant{.queue = queue, .slot = note_word_});
    case abi::FirmwareNote::evicted:
      return add(trace::slot_evict{.queue = queue, .slot = note_word_});
    case abi::FirmwareNote::waits:
      return add(trace::ring_wait_begin{.queue = queue});
    case abi::FirmwareNote::goes_on:
      return add(trace::ring_wait_end{.queue = queue});
    case abi::FirmwareNote::reset_notify:
      return add(trace::reset_notify{.queue = queue, .id = note_queue_});
    case abi::FirmwareNote::refused:
      return add(
          trace::message_refused{.queue = queue, .id = note_queue_, .reason = static_cast<abi::Refusal>(note_word_)});
  }
}

}  // namespace gpusim::hw
