// SPDX-License-Identifier: MIT
// What the firmware runs on: C++ of this program, or a core that executes its image. Both see the device through the
// same registers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "firmware/main/main.h"
#include "sim/hw/firmware_registers.h"
#include "sim/hw/spec.h"

namespace gpusim::hw {

class FirmwareCore {
 public:
  virtual ~FirmwareCore() = default;
  /// The firmware starts from nothing.
  virtual void reset() = 0;
  /// One turn of its main loop; nothing: it sleeps until there is an event. Violates "firmware_fault" if it does what
  /// the core does not allow, or does not come to an end.
  [[nodiscard]] virtual std::optional<fw::Turn> turn() = 0;
  /// Cycles of the last turn; 0 where nobody counts them.
  [[nodiscard]] virtual std::uint64_t cycles() const = 0;

  /// Its records, by queue id and by engine: always the same memory.
  [[nodiscard]] virtual std::span<const fw::QueueRecord> queues() const = 0;
  [[nodiscard]] virtual std::span<const fw::EngineRecord> engines() const = 0;
};

/// `registers` and `device` outlive the core.
[[nodiscard]] std::unique_ptr<FirmwareCore> make_firmware_core(FirmwareCoreKind kind, FirmwareRegisters& registers,
                                                               const abi::DeviceDescriptor& device);

}  // namespace gpusim::hw
