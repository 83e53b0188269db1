// SPDX-License-Identifier: MIT
// A command streamer with its engine: restores a queue's context if another is loaded, fetches ring entries by DMA,
// executes each for its time, writes the fence value, raises the interrupt. When ordered to give a queue up, it stops
// at the next arbitration point and saves the context; a reset drops the work and the context. Time is computed, never
// ticked.
//
// Convention on saves: only a preemption with work left saves. A queue whose ring is empty leaves nothing to save; its
// context stays loaded, and running it again before another queue costs no restore.
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
#include "sim/hw/bus_port.h"
#include "sim/hw/spec.h"
#include "sim/hw/systemc.h"

namespace gpusim::hw {

/// What a saved context holds of a job that was cut off.
struct SavedJob {
  abi::RingEntry entry;
  Picoseconds done;
  std::uint64_t image;  ///< QueueContext::image when it was saved
};

/// A queue's context image in memory, as far as the model needs it. One table for all engines.
struct ContextImage {
  std::uint32_t tag = 0;  ///< the QueueId it belongs to; a reused id gets a new image
  std::optional<SavedJob> job;
  std::uint32_t last_engine = fw::kNoEngine;  ///< a copy loaded on any other engine is stale
};
using ContextImages = std::vector<ContextImage>;  // by queue

/// Violates "engine_orders" if it gets a queue while it has one, "stale_ring_entry" for an entry that is not valid.
class Engine : public sc_core::sc_module {
 public:
  /// Orders of the firmware, kills of the host, words that are watched: bus::kRun and those behind it.
  tlm_utils::multi_passthrough_target_socket<Engine> from_device{"from_device"};

  Engine(sc_core::sc_module_name name, Timeline& timeline, trace::Recorder& recorder, CostLedger& ledger,
         const DeviceSpec& device, std::uint32_t index, fault::Injector& faults);

  /// Ring entries, fence values.
  [[nodiscard]] auto& to_link() { return link_.socket; }
  [[nodiscard]] auto& to_firmware() { return firmware_.socket; }
  [[nodiscard]] auto& to_interrupts() { return interrupts_.socket; }
  /// The queue's context and stop words, whose flight is in what they cost: no link between.
  [[nodiscard]] auto& to_memory() { return memory_.socket; }
  /// It executes a job that ends by itself.
  [[nodiscard]] bool is_at_work() const { return state_ == State::executing && !hung_ && !is_endless(); }
  void bind_contexts(ContextImages& contexts) { contexts_ = &contexts; }

  /// Drops everything at once and reports nothing. `under`: the queue that the firmware took it to have; none when the
  /// whole device is reset.
  void reset(QueueId under);

 private:
  enum class State : std::uint8_t { idle, restoring, fetching, executing, saving };

  void b_transport(int port, tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);

  // Orders of the firmware.
  void run(const fw::RunRequest& request);
  void extend(std::uint32_t write_index);
  void preempt();
  /// Order of the host (abi::kill_work()): the waves of a shader are ended. What hangs, hangs on.
  void kill_work(std::uint32_t word);

  void on_fetched(std::span<const std::byte> bytes);
  void on_stop_word(std::uint64_t address);

  void on_restored();
  void next_entry();
  void start(const abi::RingEntry& entry);
  void execute();
  void on_work_end();
  void complete();
  void plan_preemption();
  void on_arbitration_point();
  void begin_save();
  void on_saved();
  [[nodiscard]] std::uint64_t read_word(std::uint64_t address);
  [[nodiscard]] std::uint64_t read_image();
  void note_run_time(abi::ContextPlace place, bool begins = false);
  void start_quantum();
  void on_quantum();
  void report_empty();
  void raise_interrupt() { interrupts_.write_value(bus::kRaise, vector_); }
  void tell_firmware(fw::Step event, bool begun = false);
  void stop_watching();
  void charge_work();
  void charge_part();
  void lose_context();

  [[nodiscard]] QueueId queue_id() const { return QueueId{request_.tag}; }
  [[nodiscard]] bool is_endless() const { return entry_.work_ps == abi::kEndless; }
  [[nodiscard]] Picoseconds done_now() const { return done_ + (timeline_.now() - piece_start_); }
  [[nodiscard]] std::uint64_t entry_address(std::uint32_t index) const;
  void post_value(std::uint64_t address, std::uint64_t value, bool completion);

  Timeline& timeline_;
  trace::Recorder& recorder_;
  CostLedger& ledger_;
  EngineSpec spec_;
  std::uint16_t estimated_work_;
  Picoseconds quantum_;
  Cost poll_latency_;  // a stop word written by the host is seen after a DMA read
  fault::Injector& faults_;
  std::uint32_t index_;
  std::uint32_t vector_;
  Timeline::Component component_;
  ContextImages* contexts_ = nullptr;
  ReadingPort link_;
  BusPort firmware_;
  BusPort interrupts_;
  BusPort memory_;

  State state_ = State::idle;
  bool assigned_ = false;
  bool preempt_asked_ = false;
  std::uint32_t loaded_queue_ = fw::kNil;
  fw::RunRequest request_{};
  std::uint32_t read_index_ = 0;
  abi::RingEntry entry_{};
  Picoseconds done_{0};
  SimTime piece_start_{};
  bool watching_ = false;
  bool hung_ = false;
  std::optional<std::uint32_t> fetch_;  // in flight
  SimTime switch_begin_{};
  Timeline::Handle switch_;  // the end of a restore or save
  Timeline::Handle work_end_;
  Timeline::Handle arbitration_;
  Timeline::Handle quantum_end_;
};

}  // namespace gpusim::hw
