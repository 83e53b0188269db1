// SPDX-License-Identifier: MIT
#include "sim/hw/debugged_core.h"

#include <algorithm>

namespace gpusim::hw {

namespace {

/// After so many cycles the debugger is asked whether it wants to stop.
constexpr std::uint64_t kPiece = 100'000;

}  // namespace

DebuggedCore::DebuggedCore(rv32::Core& core, rv32::Tcm& tcm, const FirmwareRegisters& registers,
                           FirmwareDebugger& debugger)
    : core_{core}, tcm_{tcm}, registers_{registers}, debugger_{debugger} {
  // Not by stop(): there is no run yet that a kill could end. The first run() does.
  resume_ = debugger_.on_stop(*this, DebugStop::reset);
}

rv32::Stop DebuggedCore::run(std::uint64_t cycles) {
  if (resume_ == DebugResume::kill) throw FirmwareKilled{};
  const std::uint64_t limit = core_.counts().cycles + cycles;
  for (;;) {
    if (debugger_.wants_stop()) stop(DebugStop::interrupt);
    const std::uint64_t left = limit - std::min(limit, core_.counts().cycles);
    const std::uint64_t piece = resume_ == DebugResume::step ? 1 : kPiece;
    const rv32::Stop stopped = core_.run(std::min(left, piece));
    if (stopped == rv32::Stop::trap) stop_at_trap();
    if (stopped == rv32::Stop::breakpoint) {
      stop(DebugStop::breakpoint);
      continue;
    }
    if (stopped != rv32::Stop::budget || core_.counts().cycles >= limit) return stopped;
    if (resume_ == DebugResume::step) stop(DebugStop::step);
  }
}

void DebuggedCore::stop(DebugStop why) {
  resume_ = debugger_.on_stop(*this, why);
  if (resume_ == DebugResume::kill) throw FirmwareKilled{};
}

/// It is shown where it happened, not where the core would go on.
void DebuggedCore::stop_at_trap() {
  const rv32::Trap trap = core_.trap();
  core_.set_pc(trap.pc);
  stop(trap.cause == rv32::Cause::illegal_instruction ? DebugStop::illegal : DebugStop::fault);
}

std::uint32_t DebuggedCore::reg(std::uint32_t number) const { return number == kPc ? core_.pc() : core_.x(number); }

void DebuggedCore::set_reg(std::uint32_t number, std::uint32_t value) {
  // An access that has been performed is lost with a new pc.
  if (number != kPc) return core_.set_x(number, value);
  if (value != core_.pc()) core_.set_pc(value & ~1U);
}

bool DebuggedCore::read(std::uint32_t address, std::span<std::byte> to) const {
  const auto size = static_cast<std::uint32_t>(to.size());
  if (tcm_.contains(address, size)) {
    std::copy_n(tcm_.bytes().begin() + (address - tcm_.base()), size, to.begin());
    return true;
  }
  for (std::uint32_t i = 0; i < size; ++i) {
    const std::uint32_t offset = address + i - abi::kFirmwareRegisters;
    if (offset >= abi::kFirmwareRegisterBytes) return false;
    to[i] = static_cast<std::byte>(registers_.peek(offset & ~3U) >> (offset % 4 * 8));
  }
  return true;
}

bool DebuggedCore::write(std::uint32_t address, std::span<const std::byte> from) {
  const auto size = static_cast<std::uint32_t>(from.size());
  if (!tcm_.contains(address, size)) return false;
  std::copy(from.begin(), from.end(), tcm_.bytes().begin() + (address - tcm_.base()));
  core_.note_write(address, size);
  return true;
}

}  // namespace gpusim::hw
