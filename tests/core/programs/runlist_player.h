// SPDX-License-Identifier: MIT
// The firmware's run-list with a machine that only notes what it is told, fed with events from a list: the same source
// for the host and for the core. What differs between them is a fault of the core, or of a compiler.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "firmware/main/null_hal.h"

namespace gpusim::test {

inline constexpr std::uint32_t kPlayedQueues = 64;  ///< ids 1..63
inline constexpr std::uint32_t kPlayedEngines = 3;  ///< two of one class, one of another

enum class Played : std::uint32_t { message, doorbell, empty, saved, quantum_over, preempt_timeout, page_fault };

struct PlayedEvent {
  Played kind = Played::message;
  std::uint32_t length = 0;               ///< of a message
  std::array<std::uint32_t, 11> words{};  ///< message; queue and write index; or engine, queue, run, read index, begun
};

inline constexpr std::uint32_t kPlayedBatch = 100;
inline constexpr std::uint32_t kNotes = 8'192;

/// Notes of orders: a letter, engine or queue, and what comes with it.
struct PlayedNotes {
  std::uint32_t count = 0;  ///< may be more than there is room for
  std::array<std::uint32_t, kNotes> words{};
};

class PlayedMachine : public fw::NullHal {
 public:
  // --- the HAL: host memory begins at 0 with the channel; contexts of the queues follow ---
  std::uint32_t read32(std::uint64_t address) { return memory_[address / 4 % memory_.size()]; }
  void write32(std::uint64_t address, std::uint32_t word) {
    memory_[address / 4 % memory_.size()] = word;
    note('w', static_cast<std::uint32_t>(address), word);
  }
  void raise_reply_interrupt() { note('i', 0, 0); }
  void engine_run(std::uint32_t engine, const fw::RunRequest& request) {
    runs[engine] = request;
    note('r', engine, request.queue);
    note('r', request.run, request.read_index);
    note('r', request.write_index, request.tag);
  }
  void engine_extend(std::uint32_t engine, std::uint32_t index) { note('e', engine, index); }
  void engine_preempt(std::uint32_t engine) { note('p', engine, 0); }
  void engine_reset(std::uint32_t engine) { note('x', engine, 0); }
  void renew_limits(std::uint32_t queue) { note('q', queue, 0); }
  void start_preempt_timer(std::uint32_t engine, std::uint32_t queue, std::uint32_t run) {
    note('t', engine, queue);
    note('t', run, 0);
  }
  void stop_preempt_timer(std::uint32_t engine) { note('s', engine, 0); }
  void note_registered(std::uint32_t queue) { note('g', queue, 0); }
  void note_deregistered(std::uint32_t queue) { note('d', queue, 0); }
  void note_ready(std::uint32_t queue, std::uint32_t index, bool has_slot) { note('y', queue, index << 1 | has_slot); }
  void note_slot(std::uint32_t queue, std::uint32_t slot, bool granted) { note('l', queue, slot << 1 | granted); }
  void note_reset_notify(std::uint32_t queue) { note('n', queue, 0); }
  void note_refused(std::uint32_t queue, abi::Refusal reason) { note('f', queue, static_cast<std::uint32_t>(reason)); }

  // --- the host ---
  static constexpr std::uint64_t context_address(std::uint32_t queue) {
    return abi::kChannelBytes + std::uint64_t{queue} * sizeof(abi::QueueContext);
  }
  [[nodiscard]] std::uint32_t& word(std::uint64_t address) { return memory_[address / 4]; }

  std::array<fw::RunRequest, kPlayedEngines> runs{};  ///< the last order of each engine
  PlayedNotes* notes = nullptr;

 private:
  /// Not part of what is measured: the text of RunList.
  [[gnu::noinline]] void note(char letter, std::uint32_t first, std::uint32_t second) {
    for (const std::uint32_t word : {static_cast<std::uint32_t>(letter), first, second}) {
      if (notes->count < kNotes) notes->words[notes->count] = word;
      ++notes->count;
    }
  }

  // The last one's limits stand behind its context; those of others in the next context, where nobody looks.
  std::array<std::uint32_t, (abi::kChannelBytes + (kPlayedQueues + 1) * sizeof(abi::QueueContext)) / 4> memory_{};
};

/// What the player's run-list and its machine have come to.
class PlayedState {
 public:
  [[nodiscard]] const fw::QueueRecord& queue(std::uint32_t id) const { return queues_[id]; }
  [[nodiscard]] const fw::EngineRecord& engine(std::uint32_t index) const { return engines_[index]; }
  [[nodiscard]] const fw::RunRequest& order(std::uint32_t engine) const { return machine_.runs[engine]; }

 protected:
  std::array<fw::QueueRecord, kPlayedQueues> queues_{};
  std::array<fw::EngineRecord, kPlayedEngines> engines_{};
  PlayedMachine machine_;
};

/// `P`: a fw::Policy.
template <template <class> class P>
class RunListPlayerOf : public PlayedState {
 public:
  RunListPlayerOf(std::uint32_t slots, PlayedNotes& notes) : runlist_{machine_, make_device(slots), queues_, engines_} {
    machine_.notes = &notes;
    runlist_.set_channel(0);
  }

  void play(const PlayedEvent& event) {
    const auto& words = event.words;
    const fw::EngineReport report{words[0], words[1], words[2], words[3], words[4] != 0};
    switch (event.kind) {
      case Played::message:
        send(std::span{words}.first(event.length));
        while (runlist_.has_message()) (void)runlist_.on_message();
        break;
      case Played::doorbell:
        machine_.word(PlayedMachine::context_address(words[0]) + offsetof(abi::QueueContext, write_index)) = words[1];
        runlist_.on_doorbell(words[0]);
        break;
      case Played::empty:
        runlist_.on_engine_empty(report);
        break;
      case Played::saved:
        runlist_.on_engine_saved(report);
        break;
      case Played::quantum_over:
        runlist_.on_quantum_over(report);
        break;
      case Played::preempt_timeout:
        runlist_.on_preempt_timeout(report);
        break;
      case Played::page_fault:
        runlist_.on_page_fault(report);
        break;
    }
    for (;;) {
      const std::uint32_t engine = runlist_.engine_to_serve();
      if (engine != fw::kNoEngine) {
        runlist_.pick(engine);
      } else if (runlist_.has_more()) {
        runlist_.go_on();
      } else {
        break;
      }
    }
    // The host takes all answers out at once.
    machine_.word(offsetof(abi::ChannelDescriptor, to_host_head)) =
        machine_.word(offsetof(abi::ChannelDescriptor, to_host_tail));
  }

 private:
  static abi::DeviceDescriptor make_device(std::uint32_t slots) {
    abi::DeviceDescriptor device;
    device.engine_count = kPlayedEngines;
    for (std::uint8_t i = 0; i < 2; ++i) device.engines[i] = {abi::EngineClass::compute, i};
    device.engines[2] = {abi::EngineClass::copy, 0};
    device.slots = slots;
    device.max_queues = kPlayedQueues - 1;
    device.quantum_ps = 1;
    device.preempt_timeout_ps = 1;
    return device;
  }
  /// A message does not go over the end of the ring.
  void send(std::span<const std::uint32_t> words) {
    std::uint32_t& tail = machine_.word(offsetof(abi::ChannelDescriptor, to_firmware_tail));
    const auto put = [&](std::uint32_t word) {
      machine_.word(abi::kToFirmwareOffset + std::uint64_t{tail++ % abi::kToFirmwareDwords} * 4) = word;
    };
    while (tail % abi::kToFirmwareDwords + words.size() > abi::kToFirmwareDwords) {
      put(abi::message_header(abi::Action::padding, 1));
    }
    for (const std::uint32_t word : words) put(word);
  }

  fw::RunList<PlayedMachine, P> runlist_;
};
using RunListPlayer = RunListPlayerOf<fw::RoundRobin>;

}  // namespace gpusim::test
