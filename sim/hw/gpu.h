// SPDX-License-Identifier: MIT
// The device: its modules and how they are bound. Structure only.
//
//   link.to_device ─► doorbells ─► firmware ◄─► engines ─► link.from_device (ring entries, fence values)
//                         │           │   └───► interrupts ◄─ engines      engines ◄─► root complex (contexts, words
//                         └─► engines └─► link.from_device (messages)   firmware ◄─┘                that are watched)
//                                             interrupts ─► link.from_device (MSI-X)
//
// Each arrow is a pair of TLM-2.0 sockets. Reset and power are wires: function calls. Link and engines may be modules
// of plug-ins (sim/hw/plug_in.h), and a memory of one may stand between link.to_host and the root complex
// (TimedMemory).
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/hw/doorbell_unit.h"
#include "sim/hw/engine_module.h"
#include "sim/hw/firmware_processor.h"
#include "sim/hw/interrupt_unit.h"
#include "sim/hw/link_module.h"
#include "sim/hw/memory_module.h"
#include "sim/hw/root_complex.h"
#include "sim/hw/spec.h"
#include "sim/hw/timed_memory.h"
#include "sim/hw/transfers.h"
#include "sim/hw/wiring.h"

namespace gpusim::hw {

/// 0: as listed, 1: reversed, else shuffled by that seed. For tests that the order of construction does not matter.
[[nodiscard]] std::vector<std::size_t> construction_sequence(std::size_t count, std::uint64_t order);

class Gpu : public sc_core::sc_module {
 public:
  Gpu(sc_core::sc_module_name name, Timeline& timeline, trace::Recorder& recorder, CostLedger& ledger,
      const DeviceSpec& spec, fault::Injector& faults, std::uint64_t construction_order, Wiring& wiring);

  /// Joins the device to the host's end of the link.
  void connect(RootComplex& root_complex);

  /// An engine executes a job that ends by itself.
  [[nodiscard]] bool is_at_work() const;
  [[nodiscard]] bool attach(FirmwareDebugger& debugger) { return firmware_->attach(debugger); }
  void bind_firmware_turns(FirmwareTurnListener& turns) { firmware_->bind_turns(turns); }
  void trace_decisions() { firmware_->trace_decisions(); }
  [[nodiscard]] FirmwareView firmware_view() const { return firmware_->view(); }
  /// The device is pulled: the link is dead and everything stops, for ever.
  void unplug();

 private:
  void reset();

  Wiring& wiring_;
  std::unique_ptr<LinkModule> link_;
  std::unique_ptr<TimedMemory> timed_memory_;  // none without a plug-in's memory, which may hold its transactions
  std::unique_ptr<MemoryModule> memory_;
  std::unique_ptr<DoorbellUnit> doorbells_;
  std::unique_ptr<FirmwareProcessor> firmware_;
  std::unique_ptr<InterruptUnit> interrupts_;
  std::vector<std::unique_ptr<EngineModule>> engines_;
  ContextImages contexts_;
  Transfers transfers_;
};

/// "rcs0", "vcs1": the engine's name in traces and queues.
[[nodiscard]] std::string engine_name(const abi::EngineDescriptor& engine);
[[nodiscard]] std::string engine_class_name(abi::EngineClass engine_class);

}  // namespace gpusim::hw
