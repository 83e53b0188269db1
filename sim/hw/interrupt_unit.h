// SPDX-License-Identifier: MIT
// Raises MSI-X: a posted write of the vector number to the message address, behind all writes issued before. With a
// coalescing window one message stands for everything that happened within the window after the first event.
#pragma once

#include <array>
#include <cstdint>

#include "base/cost.h"
#include "base/timeline.h"
#include "firmware/abi/device.h"
#include "sim/fault/injector.h"
#include "sim/hw/bus_port.h"
#include "sim/hw/spec.h"
#include "sim/hw/systemc.h"

namespace gpusim::hw {

class InterruptUnit : public sc_core::sc_module {
 public:
  /// Registers: bus::kRaise.
  tlm_utils::multi_passthrough_target_socket<InterruptUnit> from_device{"from_device"};

  InterruptUnit(sc_core::sc_module_name name, Timeline& timeline, trace::Recorder& recorder, CostLedger& ledger,
                const InterruptSpec& spec, fault::Injector& faults);

  [[nodiscard]] auto& to_link() { return port_.socket; }
  /// Windows that are open close without a message.
  void reset();

 private:
  void b_transport(int port, tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
  void raise(std::uint32_t vector);
  void send(std::uint64_t vector);
  void post(std::uint64_t vector);

  Timeline& timeline_;
  trace::Recorder& recorder_;
  CostLedger& ledger_;
  InterruptSpec spec_;
  fault::Injector& faults_;
  Timeline::Component component_;
  std::array<bool, abi::kVectors> window_open_{};
  std::array<Timeline::Handle, abi::kVectors> window_end_{};
  BusPort port_;
};

}  // namespace gpusim::hw
