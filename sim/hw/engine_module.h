// SPDX-License-Identifier: MIT
// The outside of an engine: its sockets, the orders that come in, and what it says to the firmware, to memory and to
// traces. Engine is ours; a plug-in has others (docs/plug-in.md).
//
// An engine is ordered to run a queue. From then on it fetches entries from read_index to write_index, executes each,
// writes its fence value, raises an interrupt if the entry asks for one, and reports that it is empty; or that it has
// given the queue up, if it was asked to. It is called from the Timeline, or, by orders of a foreign initiator, in that
// one's process. Nothing here waits.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/cost.h"
#include "base/timeline.h"
#include "firmware/abi/ring.h"
#include "firmware/runlist/records.h"
#include "sim/fault/injector.h"
#include "sim/hw/bus_port.h"
#include "sim/hw/context_image.h"
#include "sim/hw/spec.h"
#include "sim/hw/systemc.h"
#include "sim/hw/transfers.h"
#include "traces/event/recorder.h"

namespace gpusim::hw {

struct EngineParts {
  Timeline& timeline;
  trace::Recorder& recorder;
  CostLedger& ledger;  ///< what parameters charge: causes are told what part of them is an estimate
  const DeviceSpec& device;
  std::uint32_t index;  ///< into DeviceDescriptor::engines
  fault::Injector& faults;
};

class EngineModule : public sc_core::sc_module {
 public:
  /// Orders of the firmware, doorbells and kills of the host, words that are watched: bus::kRun and those behind it.
  tlm_utils::multi_passthrough_target_socket<EngineModule> from_device{"from_device"};

  EngineModule(sc_core::sc_module_name name, const EngineParts& parts);

  /// Ring entries, fence values.
  [[nodiscard]] auto& to_link() { return link_.socket; }
  [[nodiscard]] auto& to_firmware() { return firmware_.socket; }
  [[nodiscard]] auto& to_interrupts() { return interrupts_.socket; }
  /// The queue's context and stop words, whose flight is in what they cost: no link between.
  [[nodiscard]] auto& to_memory() { return memory_.socket; }

  /// It executes a job that ends by itself.
  [[nodiscard]] virtual bool is_at_work() const = 0;
  /// Drops everything at once and reports nothing; traces are told, if it has a queue, by engine_reset and
  /// engine_release. `under`: the queue that the firmware took it to have; none when the whole device is reset.
  virtual void reset(QueueId under) = 0;
  /// One table for all engines, which outlives them: what is saved of queues. An engine that never saves needs it not.
  void bind_contexts(ContextImages& contexts) { contexts_ = &contexts; }
  /// What it moves bytes with; one for all engines, which outlives them.
  void bind_transfers(Transfers& transfers);

 protected:
  // Orders, each at the moment when it takes effect.

  /// Never while it has a queue that it has not reported as empty or saved.
  virtual void run(const fw::RunRequest& request) = 0;
  /// There are more entries, for the queue that it has, or had last if its report is still under way.
  virtual void extend(std::uint32_t write_index) = 0;
  /// Is to give its queue up. If it has none, its report is the answer.
  virtual void preempt() = 0;
  /// Its queue has the engine for another quantum from now on. For engines that report the end of one.
  virtual void renew() {}
  /// A queue, by its firmware id, has other abi::ContextLimits. For engines that read them.
  virtual void renew_limits(std::uint32_t /*queue*/) {}
  /// abi::DoorbellRoute::direct: the queue whose doorbells it takes, by its firmware id; fw::kNil: none. For engines
  /// that take some.
  [[nodiscard]] virtual std::uint32_t rung_queue() const { return fw::kNil; }
  /// One of that queue: what was written to it.
  virtual void ring(std::uint32_t /*value*/) {}
  /// Of the host, abi::kill_work(): the waves of a shader are ended.
  virtual void kill_work(std::uint32_t word) = 0;
  /// One that it asked for may have changed; see watch().
  virtual void on_watched_word(std::uint64_t address) = 0;
  /// What begin_fetch() asked for.
  virtual void on_fetched(std::span<const std::byte> bytes) = 0;
  /// What it began with transfers() is over. For engines that move bytes.
  virtual void on_transferred() {}

  [[nodiscard]] Timeline& timeline() const { return parts_.timeline; }
  [[nodiscard]] trace::Recorder& recorder() const { return parts_.recorder; }
  [[nodiscard]] CostLedger& ledger() const { return parts_.ledger; }
  [[nodiscard]] fault::Injector& faults() const { return parts_.faults; }
  [[nodiscard]] std::uint32_t index() const { return parts_.index; }
  [[nodiscard]] std::uint32_t vector() const { return vector_; }  ///< of its interrupt
  /// Of what it schedules on the Timeline.
  [[nodiscard]] Timeline::Component component() const { return component_; }
  [[nodiscard]] ContextImages& contexts() const { return *contexts_; }
  [[nodiscard]] Transfers& transfers() const { return *transfers_; }
  [[nodiscard]] BusPort& memory() { return memory_; }

  /// Emits fetch_begin. `read`: on_fetched() is called unless abort_fetch() is before.
  [[nodiscard]] std::uint32_t begin_fetch(const fw::RunRequest& run, std::uint32_t index);
  void abort_fetch(std::uint32_t read) { link_.abort(read); }
  /// Violates "stale_ring_entry" if the bytes are not those of entry `index`.
  [[nodiscard]] abi::RingEntry entry_of(const fw::RunRequest& run, std::uint32_t index,
                                        std::span<const std::byte> bytes) const;
  /// What the context says of the entry begun, which a host that judges a timeout reads: that it has run for `done`;
  /// when it begins, its number, too.
  void note_run_time(const fw::RunRequest& run, const abi::RingEntry& entry, Picoseconds done, abi::ContextPlace place,
                     bool begins);
  /// Emits fence_write, and fence_visible when the value has crossed the link. `completion`: of the entry's work.
  void post_fence(const fw::RunRequest& run, const abi::RingEntry& entry, std::uint64_t address, std::uint64_t value,
                  bool completion);
  void raise_interrupt() { interrupts_.write_value(bus::kRaise, vector_); }
  /// Steps engine_empty and engine_saved are reports and end a run, behind an engine_release; quantum does not, nor
  /// does page_fault, behind which the engine waits for its reset. `begun`: the entry at read_index was cut off in the
  /// middle, and saved.
  void tell_firmware(fw::Step event, const fw::RunRequest& run, std::uint32_t read_index, bool begun = false);
  /// From now on on_watched_word() is called for what is written there, of 8 bytes.
  void watch(std::uint64_t address) { memory_.write_value(bus::kWatch, address); }
  void unwatch(std::uint64_t address) { memory_.write_value(bus::kUnwatch, address); }

 private:
  void b_transport(int port, tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);

  EngineParts parts_;
  std::uint32_t vector_;
  Timeline::Component component_;
  ContextImages* contexts_ = nullptr;
  Transfers* transfers_ = nullptr;
  ReadingPort link_;
  BusPort firmware_;
  BusPort interrupts_;
  BusPort memory_;
};

}  // namespace gpusim::hw
