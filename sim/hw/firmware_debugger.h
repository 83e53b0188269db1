// SPDX-License-Identifier: MIT
// What a debugger sees of the firmware's core, and how it stops it. Simulated time stands while the core does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>

namespace gpusim::hw {

/// A core that stands still.
class FirmwareTarget {
 public:
  static constexpr std::uint32_t kRegisters = 33;  ///< x0 to x31, pc
  static constexpr std::uint32_t kPc = 32;

  virtual ~FirmwareTarget() = default;
  [[nodiscard]] virtual std::uint32_t reg(std::uint32_t number) const = 0;
  virtual void set_reg(std::uint32_t number, std::uint32_t value) = 0;
  /// Its memory, past all rights, and words of the device's registers, without their side effects: what a load would
  /// take out of the event FIFO stays there, and host memory is not read. False: not all of it is there.
  [[nodiscard]] virtual bool read(std::uint32_t address, std::span<std::byte> to) const = 0;
  /// Its memory alone.
  [[nodiscard]] virtual bool write(std::uint32_t address, std::span<const std::byte> from) = 0;
  virtual void set_breakpoint(std::uint32_t pc) = 0;
  virtual void clear_breakpoint(std::uint32_t pc) = 0;
};

enum class DebugStop : std::uint8_t { reset, breakpoint, step, interrupt, illegal, fault };

enum class DebugResume : std::uint8_t { go_on, step, kill };

/// DebugResume::kill: the run ends where the core stands. TimelinePump takes it for an interruption.
class FirmwareKilled final : public std::exception {
 public:
  [[nodiscard]] const char* what() const noexcept override { return "the debugger has ended the run"; }
};

class FirmwareDebugger {
 public:
  virtual ~FirmwareDebugger() = default;
  /// The core goes on when it returns, if it is to step for one instruction; after a kill it does not.
  [[nodiscard]] virtual DebugResume on_stop(FirmwareTarget& target, DebugStop stop) = 0;
  /// Asked now and then while the core executes.
  [[nodiscard]] virtual bool wants_stop() = 0;
};

}  // namespace gpusim::hw
