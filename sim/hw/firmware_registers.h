// SPDX-License-Identifier: MIT
// The hardware behind the registers of the firmware's processor (firmware/abi/firmware_registers.h): the event FIFO,
// pending bits, and what the firmware orders. Reads show what is there now; orders wait until apply().
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "base/fifo.h"
#include "firmware/abi/firmware_registers.h"
#include "firmware/main/register_hal.h"
#include "sim/fault/injector.h"
#include "sim/hw/bus_port.h"
#include "sim/hw/pick_watch.h"
#include "traces/event/recorder.h"

namespace gpusim::hw {

/// What the firmware has ordered, in the order in which it did.
namespace order {
struct Write {
  std::uint64_t address;
  std::uint32_t value;
};
struct Watch {
  std::uint32_t queue;
  std::uint64_t address;
  std::uint32_t value;
};
struct Unwatch {
  std::uint32_t queue;
};
struct Interrupt {
  std::uint32_t vector;
};
struct Run {
  std::uint32_t engine;
  fw::RunRequest request;
};
struct Extend {
  std::uint32_t engine;
  std::uint32_t write_index;
};
struct Preempt {
  std::uint32_t engine;
};
struct Reset {
  std::uint32_t engine;
  QueueId queue;  ///< that the firmware takes it to have
};
struct StartTimer {
  std::uint32_t engine;
  std::uint32_t queue;
  std::uint32_t run;
};
struct StopTimer {
  std::uint32_t engine;
};
struct Renew {
  std::uint32_t engine;
};
struct RunTick {
  bool runs;
};
struct StartIdleTimer {
  std::uint32_t queue;
};
struct StopIdleTimer {
  std::uint32_t queue;
};
struct RenewLimits {
  std::uint32_t queue;
};
}  // namespace order
using FirmwareOrder =
    std::variant<order::Write, order::Interrupt, order::Run, order::Extend, order::Preempt, order::Reset,
                 order::StartTimer, order::StopTimer, order::Watch, order::Unwatch, order::Renew, order::RunTick,
                 order::StartIdleTimer, order::StopIdleTimer, order::RenewLimits, trace::Event>;

/// The step that is under way.
struct FirmwareStep {
  fw::Step step{};
  std::uint32_t queue = fw::kNil;
  std::uint32_t engine = 0;
};

/// How often the firmware has used the registers.
struct RegisterUse {
  std::uint32_t accesses = 0;    ///< the model's own not among them
  std::uint32_t host_reads = 0;  ///< of host memory
  Picoseconds waited{0};         ///< for host memory, as far as it asks for time
};

class FirmwareRegisters {
 public:
  FirmwareRegisters(trace::Recorder& recorder, fault::Injector& faults, const abi::DeviceDescriptor& device);

  /// Leads to host memory.
  void bind_link(BusPort& link) { link_ = &link; }
  /// The firmware's records, which are looked at for traces and faults; they outlive this object.
  void bind_records(std::span<const fw::QueueRecord> queues, std::span<const fw::EngineRecord> engines) {
    queues_ = queues;
    engines_ = engines;
  }
  /// From here on each order to run a queue is told as a decision, too. Pre: no queue is registered; the records are
  /// those of our run-list.
  void trace_decisions() { picks_.emplace(device_.policy); }

  // --- the firmware's side ---

  // Offsets from abi::kFirmwareRegisters. A register that is not there is 0, and keeps nothing.
  [[nodiscard]] std::uint32_t load(std::uint32_t offset);
  void store(std::uint32_t offset, std::uint32_t value);
  /// What a load would give, without its side effects: 0 of host memory and of the model's own.
  [[nodiscard]] std::uint32_t peek(std::uint32_t offset) const;

  // --- the device's side ---

  [[nodiscard]] bool has_event() const { return !events_.empty(); }
  void post(const fw::Event& event) { events_.push_back(event); }
  /// Or there are as many as queues. What the firmware notes for traces stands for its writes to that hardware.
  [[nodiscard]] bool holds_slot(std::uint32_t queue) const { return device_.slots == 0 || told_[queue].has_slot; }
  /// False if it was pending.
  [[nodiscard]] bool ring(std::uint32_t queue);
  [[nodiscard]] bool notify();
  void set_channel(std::uint64_t address) { channel_ = address; }

  [[nodiscard]] const FirmwareStep& step() const { return step_; }
  [[nodiscard]] bool is_in_step() const { return is_in_step_; }
  void end_step() { is_in_step_ = false; }
  /// The QueueId behind a firmware id; 0 if it was never registered.
  [[nodiscard]] std::uint32_t tag_of(std::uint32_t queue) const {
    return queue < queues_.size() ? queues_[queue].tag : 0;
  }
  /// None: no engine's reset is among the orders.
  [[nodiscard]] const order::Reset* ordered_reset() const;
  /// Since the last call.
  [[nodiscard]] RegisterUse take_use() { return std::exchange(use_, {}); }

  /// Since the last call: whether a slot was granted or, false, given up; none: neither.
  [[nodiscard]] std::optional<bool> take_slot_change() { return std::exchange(slot_change_, std::nullopt); }

  /// The turn is over: gives each order to `execute`, and forgets it. The firmware may order anew meanwhile.
  template <class Execute>
  void apply(Execute execute) {
    if (orders_.empty()) return;
    applying_.swap(orders_);
    for (const FirmwareOrder& each : applying_) std::visit(execute, each);
    applying_.clear();
  }
  /// Everything starts from nothing, and so do traces: of each queue they are told that it is gone. Orders are dropped,
  /// and decisions with them; what the firmware has noted is still recorded, because its records have already changed.
  void reset();

 private:
  /// What traces have been told of a queue, or will be when the turn is over. The firmware's records may be half
  /// written when a reset comes.
  struct ToldQueue {
    QueueId queue;
    bool is_registered = false;
    bool has_slot = false;
    std::uint32_t slot = 0;
    bool waits = false;
  };
  using EngineBlock = std::array<std::uint32_t, abi::kFwEngineStride / 4>;

  [[nodiscard]] QueueId id_of(std::uint32_t queue) const { return QueueId{tag_of(queue)}; }
  [[nodiscard]] static std::uint32_t word_of(const fw::Event& event);
  [[nodiscard]] std::uint32_t pop_event();
  [[nodiscard]] std::uint32_t load_model(std::uint32_t offset);
  void store_model(std::uint32_t offset, std::uint32_t value);
  void store_engine(std::uint32_t engine, std::uint32_t offset, std::uint32_t value);
  void command(std::uint32_t engine, abi::EngineCommand command);
  void note(abi::FirmwareNote note);
  void remember(abi::FirmwareNote note);
  void note_candidate(abi::FirmwareNote note);
  void tell_that_queues_are_gone();
  [[nodiscard]] bool takes_message();
  [[nodiscard]] bool sends_reply();
  // What a fault makes of headers on their way.
  [[nodiscard]] std::uint32_t as_read(std::uint64_t address, std::uint32_t word);
  [[nodiscard]] std::uint32_t as_written(std::uint64_t address, std::uint32_t word);
  [[nodiscard]] bool is_next_header(std::uint64_t address);
  /// The QueueId of the queue that a message is about.
  [[nodiscard]] std::uint32_t tag_in(std::uint64_t message, std::uint32_t queue);
  [[nodiscard]] std::uint32_t read_host(std::uint64_t address);
  [[nodiscard]] std::uint32_t peek_host(std::uint64_t address);
  [[nodiscard]] std::uint64_t host_address() const { return host_low_ | std::uint64_t{host_high_} << 32; }

  trace::Recorder& recorder_;
  fault::Injector& faults_;
  const abi::DeviceDescriptor& device_;
  BusPort* link_ = nullptr;
  std::span<const fw::QueueRecord> queues_;
  std::span<const fw::EngineRecord> engines_;

  Fifo<fw::Event> events_;
  fw::Event event_{};  // that was read last
  std::vector<std::uint32_t> doorbells_;
  bool notification_ = false;
  std::uint64_t channel_ = 0;
  std::uint32_t message_head_ = 0;        // as the firmware has written it
  std::optional<bool> corrupts_message_;  // the message there; none: its header has not been read
  bool corrupts_reply_ = false;           // that is about to be written
  std::uint32_t host_low_ = 0;
  std::uint32_t host_high_ = 0;
  std::uint32_t watch_value_ = 0;
  std::vector<EngineBlock> blocks_;
  std::uint32_t note_queue_ = 0;
  std::uint32_t note_word_ = 0;
  std::uint32_t ask_queue_ = 0;
  std::uint32_t ask_low_ = 0;
  std::uint32_t ask_high_ = 0;
  std::uint32_t step_queue_ = 0;
  FirmwareStep step_;
  bool is_in_step_ = false;
  std::vector<ToldQueue> told_;     // by queue id
  std::optional<PickWatch> picks_;  // none: decisions are not traced
  RegisterUse use_;
  std::optional<bool> slot_change_;
  std::vector<FirmwareOrder> orders_;
  std::vector<FirmwareOrder> applying_;
};
static_assert(fw::RegisterFile<FirmwareRegisters>);
static_assert(fw::MainHal<fw::RegisterHal<FirmwareRegisters>>);

}  // namespace gpusim::hw
