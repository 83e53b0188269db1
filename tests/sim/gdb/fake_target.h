// SPDX-License-Identifier: MIT
// A core that is nothing but registers, 256 bytes of memory at 0x1000, and breakpoints.
#pragma once

#include <algorithm>
#include <array>
#include <set>

#include "sim/hw/firmware_debugger.h"

namespace gpusim::test {

class FakeTarget final : public hw::FirmwareTarget {
 public:
  [[nodiscard]] std::uint32_t reg(std::uint32_t number) const override { return regs.at(number); }
  void set_reg(std::uint32_t number, std::uint32_t value) override { regs.at(number) = value; }
  [[nodiscard]] bool read(std::uint32_t address, std::span<std::byte> to) const override {
    if (!contains(address, to.size())) return false;
    std::copy_n(memory.begin() + (address - kBase), to.size(), to.begin());
    return true;
  }
  [[nodiscard]] bool write(std::uint32_t address, std::span<const std::byte> from) override {
    if (!contains(address, from.size())) return false;
    std::copy(from.begin(), from.end(), memory.begin() + (address - kBase));
    return true;
  }
  void set_breakpoint(std::uint32_t pc) override { breakpoints.insert(pc); }
  void clear_breakpoint(std::uint32_t pc) override { breakpoints.erase(pc); }

  static constexpr std::uint32_t kBase = 0x1000;
  std::array<std::uint32_t, kRegisters> regs{};
  std::array<std::byte, 256> memory{};
  std::set<std::uint32_t> breakpoints;

 private:
  [[nodiscard]] bool contains(std::uint32_t address, std::size_t size) const {
    return address >= kBase && address - kBase <= memory.size() && size <= memory.size() - (address - kBase);
  }
};

}  // namespace gpusim::test
