// SPDX-License-Identifier: MIT
// The device's registers behind BAR 0: doorbells, the notify register, the channel's base. It decodes and routes to the
// firmware at once; ringing a pending doorbell changes nothing. A write to the reset register sets the device back to
// its start: until that is done it reads as not ready and every write is ignored.
#pragma once

#include <cstdint>
#include <functional>

#include "base/timeline.h"
#include "sim/fault/injector.h"
#include "sim/hw/firmware_processor.h"
#include "sim/hw/systemc.h"

namespace gpusim::hw {

class DoorbellUnit : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<DoorbellUnit> from_link{"from_link"};

  DoorbellUnit(sc_core::sc_module_name name, Timeline& timeline, CostLedger& ledger, const DeviceSpec& device,
               fault::Injector& faults);
  void bind_firmware(FirmwareProcessor& firmware) { firmware_ = &firmware; }
  /// Sets all other modules back to their start.
  std::function<void()> reset_device;
  /// With the word that was written (abi::kill_work()).
  std::function<void(std::uint32_t)> kill_work;

 private:
  void b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
  [[nodiscard]] bool read(std::uint64_t address, std::uint32_t& value) const;
  [[nodiscard]] bool write(std::uint64_t address, std::uint32_t value);

  void ring(std::uint32_t number);
  void on_delayed_doorbell(std::uint64_t number);
  void begin_reset();
  void on_reset_done() { ready_ = true; }

  Timeline& timeline_;
  CostLedger& ledger_;
  Timeline::Component component_;
  std::uint32_t max_queues_;
  Cost reset_;
  bool ready_ = true;
  Timeline::Handle reset_end_;
  fault::Injector& faults_;
  std::uint64_t channel_base_ = 0;
  FirmwareProcessor* firmware_ = nullptr;
};

}  // namespace gpusim::hw
