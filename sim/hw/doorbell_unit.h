// SPDX-License-Identifier: MIT
// The device's registers behind BAR 0: doorbells, the notify register, the channel's base. It decodes and routes to the
// firmware and engines at once; ringing a pending doorbell changes nothing. With abi::DoorbellRoute::direct it asks the
// engines whose queue it is, and the firmware's processor gets what is nobody's. A write to the reset register sets the
// device back to its start: until that is done it reads as not ready and every write is ignored.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/cost.h"
#include "base/timeline.h"
#include "sim/fault/injector.h"
#include "sim/hw/bus_port.h"
#include "sim/hw/spec.h"
#include "sim/hw/systemc.h"

namespace gpusim::hw {

class DoorbellUnit : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<DoorbellUnit> from_link{"from_link"};

  DoorbellUnit(sc_core::sc_module_name name, Timeline& timeline, CostLedger& ledger, const DeviceSpec& device,
               fault::Injector& faults);
  [[nodiscard]] auto& to_firmware() { return firmware_.socket; }
  [[nodiscard]] auto& to_engine(std::uint32_t engine) { return engines_[engine]->socket; }
  /// The reset wire: sets all other modules back to their start.
  std::function<void()> reset_device;
  /// For faults that are aimed at a queue: the QueueId behind a firmware id, 0 if there is none.
  std::function<std::uint32_t(std::uint32_t)> tag_of;

 private:
  void b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
  [[nodiscard]] bool read(std::uint64_t address, std::uint32_t& value) const;
  [[nodiscard]] bool write(std::uint64_t address, std::uint32_t value);

  unsigned transport_dbg(tlm::tlm_generic_payload& transaction);
  void kill_work(std::uint32_t word);
  void ring(std::uint32_t number, std::uint32_t value);
  void on_delayed_doorbell(std::uint64_t written);
  /// `value` was written to the doorbell.
  void deliver(std::uint32_t number, std::uint32_t value);
  void notify(std::uint32_t value);
  void on_delayed_notification(std::uint64_t value);
  void begin_reset();
  void on_reset_done() { ready_ = true; }

  Timeline& timeline_;
  CostLedger& ledger_;
  Timeline::Component component_;
  std::uint32_t max_queues_;
  abi::DoorbellRoute route_;
  Cost reset_;
  bool ready_ = true;
  Timeline::Handle reset_end_;
  fault::Injector& faults_;
  std::uint64_t channel_base_ = 0;
  BusPort firmware_;
  std::vector<std::unique_ptr<BusPort>> engines_;
};

}  // namespace gpusim::hw
