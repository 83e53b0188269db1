// SPDX-License-Identifier: MIT
// The host's end of the link: turns the driver's accesses into transactions, the device's writes into memory contents
// and interrupts. It adds no time; the link does.
#pragma once

#include <functional>

#include "host_driver/device_access.h"
#include "sim/hw/device_port.h"
#include "sim/hw/host_memory.h"
#include "sim/hw/pcie_link.h"
#include "sim/hw/systemc.h"

namespace gpusim::hw {

class RootComplex : public sc_core::sc_module, public drv::DeviceAccess {
 public:
  tlm_utils::simple_target_socket<RootComplex> from_link{"from_link"};

  RootComplex(sc_core::sc_module_name name, Timeline& timeline, Picoseconds store_drain,
              ChoiceSource* choices = nullptr);

  [[nodiscard]] auto& to_link() { return mmio_.socket; }
  void bind_link(PcieLink& link) { link_ = &link; }
  /// Where MSI-X messages go.
  std::function<void(std::uint32_t vector)> deliver_interrupt;
  [[nodiscard]] HostMemory& memory() { return memory_; }

  // drv::DeviceAccess
  void mmio_write32(std::uint64_t address, std::uint32_t value, const trace::Event* on_arrival) override;
  void mmio_read32(std::uint64_t address, drv::ReadCompletion& completion) override;
  [[nodiscard]] std::uint64_t allocate(std::size_t bytes) override { return memory_.allocate(bytes); }
  void free(std::uint64_t address, std::size_t bytes) override { memory_.free(address, bytes); }
  void store(std::uint16_t cpu, std::uint64_t address, std::span<const std::byte> bytes) override {
    memory_.store(cpu, address, bytes);
  }
  void load(std::uint64_t address, std::span<std::byte> bytes) override { memory_.load(address, bytes); }
  void barrier(std::uint16_t cpu) override { memory_.barrier(cpu); }
  void watch_writes(std::uint64_t address, drv::WriteWatcher& watcher) override {
    memory_.watch_writes(address, watcher);
  }
  void unwatch_writes(std::uint64_t address) override { memory_.unwatch_writes(address); }

 private:
  void b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);

  HostMemory memory_;
  DevicePort mmio_{"to_link"};
  PcieLink* link_ = nullptr;
};

}  // namespace gpusim::hw
