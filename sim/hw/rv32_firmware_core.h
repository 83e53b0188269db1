// SPDX-License-Identifier: MIT
// The firmware's image on an RV32IMAC core: its memory, and the bus that joins it to the device's registers.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "core/core.h"
#include "core/elf.h"
#include "sim/hw/firmware_core.h"

namespace gpusim::hw {

/// The core's accesses beside its memory: words of the registers, all else is a fault. The external line says whether
/// there is an event.
class RegisterBus final : public rv32::Bus {
 public:
  explicit RegisterBus(FirmwareRegisters& registers) : registers_{registers} {}
  void bind_core(rv32::Core& core) { core_ = &core; }

  [[nodiscard]] rv32::BusReply load(std::uint32_t address, std::uint32_t size) override;
  [[nodiscard]] rv32::BusReply store(std::uint32_t address, std::uint32_t size, std::uint32_t value) override;
  /// The turn that the last store has ended, once.
  [[nodiscard]] std::optional<fw::Turn> take_turn() { return std::exchange(turn_, std::nullopt); }
  void update_line();

 private:
  FirmwareRegisters& registers_;
  rv32::Core* core_ = nullptr;
  std::optional<fw::Turn> turn_;
};

class Rv32FirmwareCore final : public FirmwareCore {
 public:
  /// Violates "firmware_fault" if the image is none for this device.
  Rv32FirmwareCore(std::span<const std::byte> image, FirmwareRegisters& registers, const abi::DeviceDescriptor& device);

  void reset() override;
  [[nodiscard]] std::optional<fw::Turn> turn() override;
  [[nodiscard]] std::uint64_t cycles() const override { return cycles_; }
  [[nodiscard]] std::span<const fw::QueueRecord> queues() const override;
  [[nodiscard]] std::span<const fw::EngineRecord> engines() const override;

 private:
  [[noreturn]] void fail(const std::string& what) const;

  FirmwareRegisters& registers_;
  rv32::ElfFile file_;
  std::uint32_t records_;  // address of the first engine's
  std::uint32_t engine_count_;
  std::uint32_t queue_count_;
  std::vector<std::byte> bytes_;
  rv32::Tcm tcm_;
  RegisterBus bus_;
  rv32::Core core_;
  bool ends_turn_ = false;  // it stands at the store that has ended the last turn
  std::uint64_t cycles_ = 0;
};

}  // namespace gpusim::hw
