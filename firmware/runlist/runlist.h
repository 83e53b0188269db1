// SPDX-License-Identifier: MIT
// The run-list processor's logic (docs/reference/firmware.md, "What they have in common"): which queue holds a slot,
// which runs next on which engine, and when it has to give way. Freestanding: no heap, no globals, no clock; storage
// comes as spans, the machine as a HAL. Each handler is atomic.
//
// Who decides is the policy, a template of its own: policy.h.
// A queue whose ring is empty leaves its engine; its context stays loaded until another queue is picked.
//
// A queue that does not leave its engine within the preempt timeout is disabled; its engine is
// reset, its context is lost, and the host is notified (xe: CONTEXT_RESET_NOTIFICATION); or only the host is told, and
// the rest is up to it (panthor). A queue whose job had a page fault is given up in the first way, at once (xe:
// NOTIFY_MEMORY_CAT_ERROR).
//
// Doorbells of a queue that is on an engine may reach that engine alone (abi::DoorbellRoute). What they said is in
// memory, and is read when the queue is off its engine (amdgpu: the write pointer that a queue is mapped with). So it
// does not matter here which of them got lost.
//
// An entry may wait for other queues' fence values (abi::EntryWaits). Engines get entries up to one that waits;
// hardware watches the word, and the queue goes on when its value is there. With nothing else to do it counts as idle
// meanwhile: it keeps its slot until another queue needs one, so that what it waits for never lacks a slot for its sake
// (Mali: a group that waits for a sync object; ours is the firmware's watch, where its host looks again).
//
// It trusts nobody: what the host or an engine says is looked at before it is believed. What makes no sense changes
// nothing, and the host is told (abi::Refusal). Behind a message whose length or place is wrong no other can be found.
//
// Not modelled: yield shares, grace periods, groups of queues, waits that a command streamer executes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "firmware/abi/device.h"
#include "firmware/abi/messages.h"
#include "firmware/abi/ring.h"
#include "firmware/runlist/hal.h"
#include "firmware/runlist/policy.h"
#include "firmware/runlist/records.h"
#include "firmware/runlist/round_robin.h"

namespace gpusim::fw {

/// `P`: a Policy.
template <Hal H, template <class> class P = RoundRobin>
class RunList {
 public:
  /// `queues` is indexed by queue id (0 unused), `engines` by engine; both are zeros, and outlive this object.
  RunList(H& hal, const abi::DeviceDescriptor& device, std::span<QueueRecord> queues, std::span<EngineRecord> engines);

  // --- handlers, one per event ---

  void on_doorbell(std::uint32_t queue) { on_work(queue); }

  /// The word that the queue watches has come to its value.
  void on_wait_over(std::uint32_t queue) { on_work(queue); }

  /// Looks at the host-to-firmware buffer: is there a message in it? Reads its descriptor.
  [[nodiscard]] bool has_message();
  /// Takes the first message out of that buffer, handles it and returns its action; padding if it makes no sense. Pre:
  /// has_message().
  abi::Action on_message();
  /// Where the host has put the channel's memory.
  void set_channel(std::uint64_t address) { channel_ = address; }
  [[nodiscard]] bool has_channel() const { return channel_ != 0; }

  /// A holder of a slot has had no work for the device's hysteresis.
  void on_idle_timer(std::uint32_t queue);

  /// The engine has done all entries it knew of.
  void on_engine_empty(const EngineReport& report);

  /// The engine has saved the queue's context after a preemption.
  void on_engine_saved(const EngineReport& report);

  void on_quantum_over(const EngineReport& report);

  /// The device's tick, which the policy runs.
  void on_tick() { policy_.on_tick(); }

  /// The policy has left work for another turn, and does a part of it.
  [[nodiscard]] bool has_more() const { return policy_.has_more(); }
  void go_on() { policy_.go_on(); }

  /// The timer started by start_preempt_timer() has expired; `report.read_index` is meaningless.
  void on_preempt_timeout(const EngineReport& report);

  /// The engine has stopped a job that touched a page which is not mapped; `report.read_index` is meaningless.
  void on_page_fault(const EngineReport& report);

  // --- picking ---

  /// An idle engine for which a runnable queue waits; kNoEngine if there is none.
  [[nodiscard]] std::uint32_t engine_to_serve() const { return policy_.engine_to_serve(); }
  /// Gives the engine the queue whose turn it is.
  void pick(std::uint32_t engine);

 private:
  [[nodiscard]] bool is_valid(std::uint32_t queue) const { return queue != kNil && queue < queues_.size(); }
  /// The class of all of these engines; kEngineClasses if they are none, not there, or of several.
  [[nodiscard]] std::uint32_t class_of(std::uint32_t engines) const;

  /// It is about what the engine does now. An engine that is not there is refused.
  [[nodiscard]] bool is_current(const EngineReport& report);
  void on_work(std::uint32_t queue);
  [[nodiscard]] std::uint32_t read_write_index(std::uint32_t queue) {
    return hal_.read32(queues_[queue].context_address + offsetof(abi::QueueContext, write_index));
  }
  /// How far the queue may be executed, of entries up to `index`: to the first that waits. Watches what that waits for.
  [[nodiscard]] std::uint32_t look_at_waits(std::uint32_t queue, std::uint32_t index);
  /// False: the entry waits, and what it waits for is watched.
  [[nodiscard]] bool may_begin(std::uint32_t queue, std::uint32_t index);
  /// It has nothing to do because it waits.
  [[nodiscard]] bool is_blocked(std::uint32_t queue) const {
    return queues_[queue].state == QueueState::idle && queues_[queue].waits == Waits::open;
  }
  /// It is not watched any more. Pre: its state is that in which it waited.
  void stop_waiting(std::uint32_t queue);
  /// No more entries than the ring holds are to be done. Pre: it is on no engine.
  void limit_work(std::uint32_t queue);
  /// SlotsByHost: its time until it is reported as idle begins; it is over.
  void begin_idle(std::uint32_t queue);
  void end_idle(std::uint32_t queue);
  /// Off its engine with work left.
  void back_to_line(std::uint32_t queue);
  void take_off_engine(const EngineReport& report);
  /// Resets the engine under the queue that it has.
  void lose_context(std::uint32_t engine);
  /// The same, and the queue is disabled for good; `event` says to the host why.
  void give_up_queue(const EngineReport& report, abi::Action event);

  /// What of the message makes no sense, if something does not.
  [[nodiscard]] std::optional<abi::Refusal> look_at(std::uint32_t header, std::uint32_t queue) const;
  /// `words`: of the message, from words[1] on.
  void handle(std::uint32_t header, const std::uint32_t* words);
  void refuse(std::uint32_t queue, abi::Refusal reason);
  void register_queue(std::uint32_t queue, const std::uint32_t* words);
  void set_priority(std::uint32_t queue, std::uint32_t level);
  /// `words`: those of abi::ContextLimits.
  void set_limits(std::uint32_t queue, const std::uint32_t* words);
  void disable(std::uint32_t queue, std::uint16_t fence, abi::Action action);
  void enable(std::uint32_t queue);
  void finish_disable(std::uint32_t queue);
  void deregister(std::uint32_t queue, std::uint16_t fence);
  void reply_disabled(std::uint32_t queue, std::uint32_t read_index, std::uint32_t flags);
  void send(std::span<const std::uint32_t> words);
  void tell_host(abi::Action event, std::uint32_t queue) {
    const std::uint32_t words[]{abi::message_header(event, 2, abi::MessageType::event), queue};
    send(words);
  }

  H& hal_;
  std::span<QueueRecord> queues_;
  std::span<EngineRecord> engines_;
  abi::PreemptMiss preempt_miss_;
  bool rings_directly_;  // a queue's doorbells reach the engine that it is on: abi::DoorbellRoute
  bool has_hysteresis_;  // SlotsByHost: who is idle is reported when it has been for a time
  Board<H> board_;
  P<H> policy_;
  EngineMask engines_of_class_[abi::kEngineClasses]{};
  void read_header() { header_ = hal_.read32(to_firmware(head_)); }
  [[nodiscard]] std::uint64_t to_firmware(std::uint32_t index) const {
    return channel_ + abi::kToFirmwareOffset + std::uint64_t{index % abi::kToFirmwareDwords} * 4;
  }

  std::uint64_t channel_ = 0;
  bool is_broken_ = false;      // no message can be found behind a bad one
  std::uint32_t head_ = 0;      // of the host-to-firmware ring
  std::uint32_t tail_ = 0;      // as last read
  std::uint32_t header_ = 0;    // of the message at head_
  std::uint32_t out_tail_ = 0;  // of the firmware-to-host ring
};

}  // namespace gpusim::fw

#include "firmware/runlist/runlist_impl.h"      // IWYU pragma: keep
#include "firmware/runlist/runlist_messages.h"  // IWYU pragma: keep
