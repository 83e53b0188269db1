// SPDX-License-Identifier: MIT
// The firmware as a program for the RV32 core: the reset vector, and the main loop on the device's registers. The
// memory is zeros but for what the image brings along; interrupts stay off, their line only ends the sleep.
#include <cstddef>
#include <new>
#include <span>

#include "firmware/main/register_hal.h"
#include "firmware/runlist/host_slots.h"
#include "firmware/runlist/list_walk.h"
#include "firmware/runlist/tick_rotation.h"

using namespace gpusim;

extern "C" std::byte firmware_records[];  // image.ld

namespace {

struct Registers {
  // The model looks at the records when it is told something, and a register says nothing of memory to a compiler.
  [[nodiscard]] std::uint32_t load(std::uint32_t offset) const {
    asm volatile("" ::: "memory");
    const std::uint32_t value = *at(offset);
    asm volatile("" ::: "memory");
    return value;
  }
  void store(std::uint32_t offset, std::uint32_t value) const {
    asm volatile("" ::: "memory");
    *at(offset) = value;
    asm volatile("" ::: "memory");
  }
  static volatile std::uint32_t* at(std::uint32_t offset) {
    return reinterpret_cast<volatile std::uint32_t*>(abi::kFirmwareRegisters + offset);
  }
};

// The build says which policy.
#ifndef GPUSIM_POLICY
#define GPUSIM_POLICY RoundRobin
#endif
using Firmware = fw::Main<fw::RegisterHal<Registers>, fw::GPUSIM_POLICY>;

Registers g_registers;
fw::RegisterHal<Registers> g_hal{g_registers};
alignas(Firmware) std::byte g_place[sizeof(Firmware)];

}  // namespace

extern "C" [[noreturn]] void run_firmware() {
  const abi::DeviceDescriptor device = fw::read_device(g_registers);
  auto* const engines = reinterpret_cast<fw::EngineRecord*>(firmware_records);
  auto* const queues = reinterpret_cast<fw::QueueRecord*>(engines + abi::kMaxEngines);
  auto* const firmware = new (g_place)
      Firmware{g_hal, device, std::span{queues, device.max_queues + 1}, std::span{engines, device.engine_count}};
  for (;;) {
    if (const auto turn = firmware->turn()) {
      g_registers.store(abi::kFwTurn, abi::turn_word(static_cast<std::uint32_t>(turn->step), turn->action));
    } else {
      asm volatile("wfi");
    }
  }
}

// The core starts here. `gp` lets the linker reach data with one instruction (image.ld). `wfi` ends when the external
// line is up, which has to be enabled for that.
asm(R"(
    .option push
    .option arch, +zicsr
    .section .text.reset, "ax", @progbits
    .globl reset_vector
    .type reset_vector, @function
reset_vector:
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    la sp, firmware_records
    li t0, 1 << 11
    csrw mie, t0
    j run_firmware
    .size reset_vector, . - reset_vector
    .option pop
    .text
)");
