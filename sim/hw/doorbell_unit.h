// SPDX-License-Identifier: MIT
// The device's registers behind BAR 0: doorbells, the notify register, the channel's base. It decodes and routes to the
// firmware at once; a doorbell that is pending already stays one.
#pragma once

#include <cstdint>

#include "base/timeline.h"
#include "sim/fault/injector.h"
#include "sim/hw/firmware_processor.h"
#include "sim/hw/systemc.h"

namespace gpusim::hw {

class DoorbellUnit : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<DoorbellUnit> from_link{"from_link"};

  DoorbellUnit(sc_core::sc_module_name name, const abi::DeviceDescriptor& device, fault::Injector& faults);
  void bind_firmware(FirmwareProcessor& firmware) { firmware_ = &firmware; }

 private:
  void b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
  [[nodiscard]] bool write(std::uint64_t address, std::uint32_t value);

  std::uint32_t max_queues_;
  fault::Injector& faults_;
  std::uint64_t channel_base_ = 0;
  FirmwareProcessor* firmware_ = nullptr;
};

}  // namespace gpusim::hw
