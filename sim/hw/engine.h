// SPDX-License-Identifier: MIT
// A command streamer with its engine: restores a queue's context if another is loaded, fetches ring entries by DMA,
// executes each for its time, writes the fence value, raises the interrupt. When ordered to give a queue up, it stops
// at the next arbitration point and saves the context; a reset drops the work and the context. An entry that moves
// bytes ends when its work is done and they are moved (transfers.h); those moved before a preemption stay so. Time is
// computed, never ticked.
//
// A job that touches a page which is not mapped stops there. The engine reports it and does nothing until the firmware
// resets it.
//
// With abi::RunPolicy::host_slots it neither restores nor saves: what holds a slot is on the device, and the firmware
// moves it when the slot changes hands.
//
// With abi::DoorbellRoute::direct doorbells of its queue reach it, from the order to run the queue until it reports
// that it has given it up; it goes on with more entries, and the firmware is not told. One whose value is no index that
// the queue can have is ignored: who takes the queue off reads the index from memory.
//
// Convention on saves: only a preemption with work left saves. A queue whose ring is empty leaves nothing to save; its
// context stays loaded, for DeviceSpec::linger, and running it again before another queue costs no restore.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/cost.h"
#include "base/timeline.h"
#include "firmware/abi/ring.h"
#include "firmware/runlist/records.h"
#include "sim/fault/injector.h"
#include "sim/hw/engine_module.h"
#include "sim/hw/spec.h"
#include "sim/hw/systemc.h"

namespace gpusim::hw {

/// Violates "engine_orders" if it gets a queue while it has one, "stale_ring_entry" for an entry that is not valid.
class Engine final : public EngineModule {
 public:
  Engine(sc_core::sc_module_name name, Timeline& timeline, trace::Recorder& recorder, CostLedger& ledger,
         const DeviceSpec& device, std::uint32_t index, fault::Injector& faults);

  [[nodiscard]] bool is_at_work() const override { return state_ == State::executing && !hung_ && !is_endless(); }
  void reset(QueueId under) override;

 private:
  enum class State : std::uint8_t { idle, restoring, fetching, executing, saving, faulted };

  void run(const fw::RunRequest& request) override;
  void extend(std::uint32_t write_index) override;
  void preempt() override;
  void renew() override { start_quantum(timeline_.now()); }
  void renew_limits(std::uint32_t queue) override;
  [[nodiscard]] std::uint32_t rung_queue() const override { return assigned_ ? request_.queue : fw::kNil; }
  void ring(std::uint32_t value) override;
  /// What hangs, hangs on.
  void kill_work(std::uint32_t word) override;
  void on_watched_word(std::uint64_t address) override { on_stop_word(address); }
  void on_fetched(std::span<const std::byte> bytes) override;
  void on_transferred() override;

  void on_stop_word(std::uint64_t address);
  void on_index_read();
  void take_entries(std::uint32_t write_index);
  void move_context();
  void on_restored();
  void next_entry();
  void start(const abi::RingEntry& entry);
  void execute();
  void on_work_time_over();
  void on_work_end();
  void on_page_fault();
  void begin_transfer();
  void stop_transfer();
  void complete();
  void plan_preemption();
  void on_arbitration_point();
  void begin_save();
  void on_saved();
  void leave();
  [[nodiscard]] std::uint64_t read_word(std::uint64_t address);
  [[nodiscard]] std::uint64_t read_image();
  void note_run_time(abi::ContextPlace place, bool begins = false);
  [[nodiscard]] Picoseconds read_quantum();
  void start_quantum(SimTime from);
  void end_quantum();
  void on_quantum();
  void report_empty();
  void tell_firmware(fw::Step event, bool begun = false);
  void stop_watching();
  void charge_work();
  void charge_part();
  void lose_context();

  [[nodiscard]] QueueId queue_id() const { return QueueId{request_.tag}; }
  [[nodiscard]] bool is_transfer() const { return (entry_.flags & abi::kEntryTransfer) != 0; }
  [[nodiscard]] bool is_endless() const { return entry_.work_ps == abi::kEndless; }
  [[nodiscard]] Picoseconds done_now() const { return done_ + (timeline_.now() - piece_start_); }
  void post_value(std::uint64_t address, std::uint64_t value, bool completion);

  Timeline& timeline_;
  trace::Recorder& recorder_;
  CostLedger& ledger_;
  EngineSpec spec_;
  Picobytes context_size_;
  std::uint16_t estimated_work_;
  bool keeps_contexts_;  // host_slots: those of holders stay on the device, and the firmware moves them
  bool has_quanta_;
  Picoseconds quantum_;
  bool charges_switch_;  // to the quantum
  Picoseconds linger_;   // of a context that has run empty; 0: for ever
  DoorbellValue doorbell_value_;
  Cost poll_latency_;  // what the host has written, a stop word or write index, is seen after a DMA read
  fault::Injector& faults_;
  std::uint32_t index_;
  Timeline::Component component_;

  State state_ = State::idle;
  bool assigned_ = false;
  bool preempt_asked_ = false;
  std::uint32_t loaded_queue_ = fw::kNil;
  fw::RunRequest request_{};
  std::uint32_t read_index_ = 0;
  abi::RingEntry entry_{};
  Picoseconds done_{0};
  Picobytes left_ = 0;                ///< of the entry's bytes, while none are being moved
  std::optional<Picoseconds> fault_;  ///< after so much time the entry touches a page that is not mapped
  SimTime piece_start_{};
  SimTime assigned_at_{};
  SimTime released_at_{};  // empty
  bool watching_ = false;
  bool hung_ = false;
  bool is_moving_ = false;              // the entry's bytes
  std::optional<std::uint32_t> fetch_;  // in flight
  SimTime switch_begin_{};
  Timeline::Handle switch_;  // the end of a restore or save
  Timeline::Handle work_end_;
  Timeline::Handle page_fault_;
  Timeline::Handle arbitration_;
  Timeline::Handle quantum_end_;
  std::optional<SimTime> quantum_since_;  // of one whose end has not been reported
  Timeline::Handle index_read_;           // of the write index, for a doorbell
};

}  // namespace gpusim::hw
