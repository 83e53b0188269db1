// SPDX-License-Identifier: MIT
// The firmware's image on an RV32IMAC core: its memory, and the bus that joins it to the device's registers.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "core/core.h"
#include "core/elf.h"
#include "sim/hw/debugged_core.h"
#include "sim/hw/firmware_core.h"

namespace gpusim::hw {

/// The core's accesses beside its memory: words of the registers, all else is a fault. The external line says whether
/// there is an event.
class RegisterBus final : public rv32::Bus {
 public:
  /// `stops`: the core waits in front of each access, until it is serve()d; those of the model are served at once.
  RegisterBus(FirmwareRegisters& registers, bool stops) : registers_{registers}, stops_{stops} {}
  void bind_core(rv32::Core& core) { core_ = &core; }

  [[nodiscard]] rv32::BusReply load(std::uint32_t address, std::uint32_t size) override;
  [[nodiscard]] rv32::BusReply store(std::uint32_t address, std::uint32_t size, std::uint32_t value) override;
  /// Pre: the core waits for it.
  [[nodiscard]] rv32::BusReply serve(const rv32::BusAccess& access);
  void update_line();

 private:
  [[nodiscard]] bool waits(std::uint32_t offset) const;
  [[nodiscard]] rv32::BusReply load_now(std::uint32_t offset);
  [[nodiscard]] rv32::BusReply store_now(std::uint32_t offset, std::uint32_t value);

  FirmwareRegisters& registers_;
  bool stops_;
  rv32::Core* core_ = nullptr;
};

class Rv32FirmwareCore final : public FirmwareCore {
 public:
  /// Violates "firmware_fault" if the image is none for this device.
  Rv32FirmwareCore(std::span<const std::byte> image, FirmwareRegisters& registers, const abi::DeviceDescriptor& device,
                   bool stops_at_accesses);

  void reset() override;
  [[nodiscard]] FirmwareStop run() override;
  [[nodiscard]] std::uint64_t cycles() const override { return used_.cycles; }
  [[nodiscard]] std::uint64_t instructions() const override { return used_.instructions; }
  [[nodiscard]] fw::Turn turn() const override { return turn_; }
  [[nodiscard]] bool reads_host() const override;
  void perform() override { core_.complete(bus_.serve(core_.access())); }
  [[nodiscard]] bool attach(FirmwareDebugger& debugger) override;
  [[nodiscard]] std::span<const fw::QueueRecord> queues() const override;
  [[nodiscard]] std::span<const fw::EngineRecord> engines() const override;

 private:
  [[noreturn]] void fail(const std::string& what, std::uint32_t pc) const;
  template <class Record>
  [[nodiscard]] std::span<const Record> records_at(std::uint32_t address, std::uint32_t count) const;

  FirmwareRegisters& registers_;
  rv32::ElfFile file_;
  std::uint32_t records_;  // address of the first engine's
  std::uint32_t engine_count_;
  std::uint32_t queue_count_;
  std::vector<std::byte> bytes_;
  rv32::Tcm tcm_;
  RegisterBus bus_;
  rv32::Core core_;
  std::unique_ptr<DebuggedCore> debugged_;  // none: there is no debugger
  bool ends_turn_ = false;                  // it stands at the store that has ended the last turn
  fw::Turn turn_{};
  rv32::Counts used_;              // in the last run()
  std::uint64_t turn_cycles_ = 0;  // of this turn
};

}  // namespace gpusim::hw
