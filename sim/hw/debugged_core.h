// SPDX-License-Identifier: MIT
// The RV32 core under a debugger: runs it in pieces, which changes nothing but where they end.
#pragma once

#include "core/core.h"
#include "sim/hw/firmware_debugger.h"
#include "sim/hw/firmware_registers.h"

namespace gpusim::hw {

class DebuggedCore final : public FirmwareTarget {
 public:
  /// Stops at once, as after a reset. All of them outlive this object.
  DebuggedCore(rv32::Core& core, rv32::Tcm& tcm, const FirmwareRegisters& registers, FirmwareDebugger& debugger);

  /// As Core::run(), for everything but what the debugger stops at. Throws FirmwareKilled.
  [[nodiscard]] rv32::Stop run(std::uint64_t cycles);

  [[nodiscard]] std::uint32_t reg(std::uint32_t number) const override;
  void set_reg(std::uint32_t number, std::uint32_t value) override;
  [[nodiscard]] bool read(std::uint32_t address, std::span<std::byte> to) const override;
  [[nodiscard]] bool write(std::uint32_t address, std::span<const std::byte> from) override;
  void set_breakpoint(std::uint32_t pc) override { core_.set_breakpoint(pc); }
  void clear_breakpoint(std::uint32_t pc) override { core_.clear_breakpoint(pc); }

 private:
  void stop(DebugStop why);
  void stop_at_trap();

  rv32::Core& core_;
  rv32::Tcm& tcm_;
  const FirmwareRegisters& registers_;
  FirmwareDebugger& debugger_;
  DebugResume resume_{};
};

}  // namespace gpusim::hw
