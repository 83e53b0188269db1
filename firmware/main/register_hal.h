// SPDX-License-Identifier: MIT
// The machine as the firmware meets it: everything through the registers of firmware/abi/firmware_registers.h.
// `Registers` is how they are reached: pointers on the core, a model of the device where the firmware is compiled for
// the host.
#pragma once

#include <concepts>
#include <cstdint>

#include "firmware/abi/firmware_registers.h"
#include "firmware/main/main.h"

namespace gpusim::fw {

template <class R>
concept RegisterFile = requires(R registers, std::uint32_t offset, std::uint32_t word) {
  { registers.load(offset) } -> std::same_as<std::uint32_t>;
  registers.store(offset, word);
};

template <RegisterFile R>
class RegisterHal {
 public:
  explicit RegisterHal(R& registers) : registers_{registers} {}

  [[gnu::always_inline]] std::uint32_t read32(std::uint64_t address) {
    point_to(address);
    return registers_.load(abi::kFwHostData);
  }
  void write32(std::uint64_t address, std::uint32_t value) {
    point_to(address);
    registers_.store(abi::kFwHostData, value);
  }
  void watch(std::uint32_t queue, std::uint64_t address, std::uint32_t value) {
    point_to(address);
    registers_.store(abi::kFwWatchValue, value);
    registers_.store(abi::kFwWatch, queue);
  }
  void unwatch(std::uint32_t queue) { registers_.store(abi::kFwUnwatch, queue); }
  void start_idle_timer(std::uint32_t queue) { registers_.store(abi::kFwIdleTimer, queue); }
  void stop_idle_timer(std::uint32_t queue) { registers_.store(abi::kFwStopIdleTimer, queue); }
  void raise_reply_interrupt() { registers_.store(abi::kFwInterrupt, abi::kVectorReply); }

  void engine_run(std::uint32_t engine, const RunRequest& request) {
    set(engine, abi::kFwEngineQueue, request.queue);
    set(engine, abi::kFwEngineTag, request.tag);
    set(engine, abi::kFwEngineRun, request.run);
    set(engine, abi::kFwEngineReadIndex, request.read_index);
    set(engine, abi::kFwEngineWriteIndex, request.write_index);
    set(engine, abi::kFwEngineRingEntries, request.ring_entries);
    set(engine, abi::kFwEngineRingLow, low(request.ring_address));
    set(engine, abi::kFwEngineRingHigh, high(request.ring_address));
    set(engine, abi::kFwEngineContextLow, low(request.context_address));
    set(engine, abi::kFwEngineContextHigh, high(request.context_address));
    order(engine, abi::EngineCommand::run);
  }
  void engine_extend(std::uint32_t engine, std::uint32_t write_index) {
    set(engine, abi::kFwEngineWriteIndex, write_index);
    order(engine, abi::EngineCommand::extend);
  }
  void engine_preempt(std::uint32_t engine) { order(engine, abi::EngineCommand::preempt); }
  void engine_reset(std::uint32_t engine) { order(engine, abi::EngineCommand::reset); }
  void engine_renew(std::uint32_t engine) { order(engine, abi::EngineCommand::renew); }
  void renew_limits(std::uint32_t queue) { registers_.store(abi::kFwNewLimits, queue); }
  void run_tick(bool runs) { registers_.store(abi::kFwTick, runs ? 1 : 0); }
  std::uint32_t outer_quantum() { return registers_.load(abi::kFwOuterQuantum); }
  void start_preempt_timer(std::uint32_t engine, std::uint32_t queue, std::uint32_t run) {
    set(engine, abi::kFwEngineTimerQueue, queue);
    set(engine, abi::kFwEngineTimerRun, run);
    set(engine, abi::kFwEngineTimer, 1);
  }
  void stop_preempt_timer(std::uint32_t engine) { set(engine, abi::kFwEngineTimer, 0); }

  bool next_event(Event& event) {
    const std::uint32_t word = registers_.load(abi::kFwEvent);
    if (word == 0) return false;
    event.step = static_cast<Step>(abi::event_step(word));
    if (event.step == Step::message) return true;
    event.queue = registers_.load(abi::kFwEventQueue);
    if (is_of_queue(event.step)) return true;
    event.report = {abi::event_engine(word), event.queue, registers_.load(abi::kFwEventRun),
                    registers_.load(abi::kFwEventReadIndex), abi::event_begun(word)};
    return true;
  }
  void clear_doorbell(std::uint32_t queue) { registers_.store(abi::doorbell_word(queue), abi::doorbell_bit(queue)); }
  void clear_notification() { registers_.store(abi::kFwNotification, 1); }
  void notify_again() { registers_.store(abi::kFwNotifyAgain, 1); }
  std::uint64_t channel_address() {
    return registers_.load(abi::kFwChannelLow) | std::uint64_t{registers_.load(abi::kFwChannelHigh)} << 32;
  }

  bool takes_message(std::uint32_t queue, std::uint64_t message) {
    registers_.store(abi::kFwAskQueue, queue);
    registers_.store(abi::kFwAskLow, low(message));
    registers_.store(abi::kFwAskHigh, high(message));
    return registers_.load(abi::kFwTakesMessage) != 0;
  }
  bool sends_message(std::uint32_t queue) {
    registers_.store(abi::kFwAskQueue, queue);
    return registers_.load(abi::kFwSendsReply) != 0;
  }

  void note_step(Step step, std::uint32_t queue, std::uint32_t engine) {
    registers_.store(abi::kFwStepQueue, queue);
    registers_.store(abi::kFwStep, abi::step_word(static_cast<std::uint32_t>(step), engine));
  }
  void note_registered(std::uint32_t queue) { note(abi::FirmwareNote::registered, queue); }
  void note_deregistered(std::uint32_t queue) { note(abi::FirmwareNote::deregistered, queue); }
  void note_ready(std::uint32_t queue, std::uint32_t write_index, bool has_slot) {
    note(has_slot ? abi::FirmwareNote::resident : abi::FirmwareNote::ready, queue, write_index);
  }
  void note_slot(std::uint32_t queue, std::uint32_t slot, bool granted) {
    note(granted ? abi::FirmwareNote::granted : abi::FirmwareNote::evicted, queue, slot);
  }
  void note_wait(std::uint32_t queue, bool waits) {
    note(waits ? abi::FirmwareNote::waits : abi::FirmwareNote::goes_on, queue);
  }
  void note_reset_notify(std::uint32_t queue) { note(abi::FirmwareNote::reset_notify, queue); }
  void note_refused(std::uint32_t queue, abi::Refusal reason) {
    note(abi::FirmwareNote::refused, queue, static_cast<std::uint32_t>(reason));
  }

 private:
  [[nodiscard]] static constexpr std::uint32_t low(std::uint64_t address) {
    return static_cast<std::uint32_t>(address);
  }
  [[nodiscard]] static constexpr std::uint32_t high(std::uint64_t address) {
    return static_cast<std::uint32_t>(address >> 32);
  }
  [[gnu::always_inline]] void point_to(std::uint64_t address) {
    registers_.store(abi::kFwHostLow, low(address));
    registers_.store(abi::kFwHostHigh, high(address));
  }
  void set(std::uint32_t engine, std::uint32_t offset, std::uint32_t value) {
    registers_.store(abi::engine_register(engine, offset), value);
  }
  void order(std::uint32_t engine, abi::EngineCommand command) {
    set(engine, abi::kFwEngineCommand, static_cast<std::uint32_t>(command));
  }
  void note(abi::FirmwareNote note, std::uint32_t queue, std::uint32_t word = 0) {
    registers_.store(abi::kFwNoteQueue, queue);
    registers_.store(abi::kFwNoteWord, word);
    registers_.store(abi::kFwNote, static_cast<std::uint32_t>(note));
  }

  R& registers_;
};

/// What the firmware has to know of the device; it does not know times.
template <RegisterFile R>
[[nodiscard]] abi::DeviceDescriptor read_device(R& registers) {
  abi::DeviceDescriptor device;
  device.engine_count = registers.load(abi::kFwEngineCount);
  for (std::uint32_t engine = 0; engine < device.engine_count && engine < abi::kMaxEngines; ++engine) {
    const std::uint32_t engine_class = registers.load(abi::engine_register(engine, abi::kFwEngineClass));
    device.engines[engine].engine_class = static_cast<abi::EngineClass>(engine_class);
  }
  device.max_queues = registers.load(abi::kFwMaxQueues);
  device.slots = registers.load(abi::kFwSlots);
  const std::uint32_t preemption = registers.load(abi::kFwPreemption);
  device.preempt_timeout_ps = preemption == 0 ? 0 : 1;  // there is one
  if (preemption != 0) device.preempt_miss = static_cast<abi::PreemptMiss>(preemption - 1);
  device.doorbell_route = static_cast<abi::DoorbellRoute>(registers.load(abi::kFwDoorbellRoute));
  device.idle_hysteresis_ps = registers.load(abi::kFwIdleTimer);  // whether there is one
  return device;
}

}  // namespace gpusim::fw
