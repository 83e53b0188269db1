// SPDX-License-Identifier: MIT
// The host's end of the link: turns the driver's accesses into transactions, the device's writes into memory contents
// and interrupts. It adds no time; the link does, and engines add their own to what they ask of it directly.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "host_driver/device_access.h"
#include "sim/hw/bus_port.h"
#include "sim/hw/host_memory.h"
#include "sim/hw/systemc.h"

namespace gpusim::hw {

class RootComplex : public sc_core::sc_module, public drv::DeviceAccess {
 public:
  /// Host memory and, at abi::kMsiAddress, interrupts.
  tlm_utils::simple_target_socket<RootComplex> from_link{"from_link"};
  /// Of each engine, in their order, and of the firmware's processor: a context or fence value in host memory, and
  /// words to watch (bus::kWatch), of which it is told through to_engine() or to_firmware(). Their flight is in what
  /// these accesses cost.
  tlm_utils::multi_passthrough_target_socket<RootComplex, 32, tlm::tlm_base_protocol_types, 0,
                                             sc_core::SC_ZERO_OR_MORE_BOUND>
      from_device{"from_device"};

  RootComplex(sc_core::sc_module_name name, Timeline& timeline, Picoseconds store_drain, std::uint32_t engines = 0,
              ChoiceSource* choices = nullptr);

  [[nodiscard]] auto& to_link() { return mmio_.socket; }
  [[nodiscard]] auto& to_engine(std::uint32_t engine) { return watchers_[engine]->port.socket; }
  /// Pre: there are engines.
  [[nodiscard]] auto& to_firmware() { return watchers_.back()->port.socket; }
  /// Where MSI-X messages go.
  std::function<void(std::uint32_t vector)> deliver_interrupt;

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
  void watch_writes(std::uint64_t line, drv::WriteWatcher& watcher) override { memory_.watch_writes(line, watcher); }
  void unwatch_writes(std::uint64_t line) override { memory_.unwatch_writes(line); }

 private:
  struct DeviceWatcher final : MemoryWatcher {
    DeviceWatcher(const char* socket_name, Timeline& timeline) : port{socket_name, timeline} {}
    void on_memory_written(std::uint64_t address) override { port.write_value(bus::kWatchedWord, address); }
    BusPort port;
  };

  void b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& transaction, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay);
  void serve_device(int port, tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& transaction);
  void access(tlm::tlm_generic_payload& transaction);
  void watch(DeviceWatcher& watcher, tlm::tlm_generic_payload& transaction);
  void on_read(std::uint32_t read, std::span<const std::byte> bytes);

  Timeline& timeline_;
  HostMemory memory_;
  ReadingPort mmio_;
  std::vector<drv::ReadCompletion*> reads_;               // by number
  std::vector<std::unique_ptr<DeviceWatcher>> watchers_;  // of each engine; the last one is the firmware's
};

}  // namespace gpusim::hw
