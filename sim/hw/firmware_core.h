// SPDX-License-Identifier: MIT
// What the firmware runs on: C++ of this program, or a core that executes its image. Both see the device through the
// same registers.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "firmware/main/main.h"
#include "sim/hw/firmware_debugger.h"
#include "sim/hw/firmware_registers.h"
#include "sim/hw/modules.h"
#include "sim/hw/spec.h"

namespace gpusim::hw {

/// Where a core stands.
enum class FirmwareStop : std::uint8_t {
  turn,    ///< behind a turn of the main loop
  sleep,   ///< nothing to do until there is an event
  access,  ///< in front of an access to a register, which is perform()ed before it goes on
};

class FirmwareCore {
 public:
  virtual ~FirmwareCore() = default;
  /// The firmware starts from nothing.
  virtual void reset() = 0;
  /// Executes up to the next stop. Violates "firmware_fault" if the firmware does what the core does not allow, or does
  /// not come to an end.
  [[nodiscard]] virtual FirmwareStop run() = 0;
  /// Cycles of the last run(); 0 where nobody counts them.
  [[nodiscard]] virtual std::uint64_t cycles() const = 0;
  /// The same of instructions.
  [[nodiscard]] virtual std::uint64_t instructions() const = 0;
  /// After FirmwareStop::turn: what it did.
  [[nodiscard]] virtual fw::Turn turn() const = 0;
  /// After FirmwareStop::access: it reads host memory.
  [[nodiscard]] virtual bool reads_host() const = 0;
  virtual void perform() = 0;

  /// Stops at once and waits for the debugger, which outlives the core. False: it has nothing for a debugger to see.
  [[nodiscard]] virtual bool attach(FirmwareDebugger& /*debugger*/) { return false; }

  /// Its records, by queue id and by engine: always the same memory.
  [[nodiscard]] virtual std::span<const fw::QueueRecord> queues() const = 0;
  [[nodiscard]] virtual std::span<const fw::EngineRecord> engines() const = 0;
};

struct FirmwareCoreParts {
  const FirmwareSpec& spec;      ///< accesses are stops with FirmwareTiming::live alone
  FirmwareRegisters& registers;  ///< what the core loads and stores
  const abi::DeviceDescriptor& device;
};

/// `module`, or ours if it is none. What the parts refer to outlives the core. Violates "plug_in" if a plug-in makes
/// none.
[[nodiscard]] std::unique_ptr<FirmwareCore> make_firmware_core(const Module<MakeFirmwareCore>& module,
                                                               const FirmwareCoreParts& parts);

}  // namespace gpusim::hw
