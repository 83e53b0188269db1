// SPDX-License-Identifier: MIT
#include "tests/core/unicorn_machine.h"

#ifdef GPUSIM_HAS_UNICORN

#include <stdexcept>
#include <string>

#include <unicorn/unicorn.h>

#include "tests/core/rig.h"

// Its uc_open() keeps 512 bytes that uc_close() does not give back.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libunicorn"; }

namespace gpusim::test {
namespace {

void must(uc_err error) {
  if (error != UC_ERR_OK) throw std::runtime_error{std::string{"Unicorn: "} + uc_strerror(error)};
}

/// x0 to x31, mscratch, pc, and where their values are.
struct Registers {
  static constexpr std::size_t kCount = 34;
  explicit Registers(CoreState& state) {
    for (std::size_t i = 0; i < 32; ++i) {
      numbers[i] = UC_RISCV_REG_X0 + static_cast<int>(i);
      values[i] = &state.x[i];
    }
    numbers[32] = UC_RISCV_REG_MSCRATCH;
    values[32] = &state.mscratch;
    numbers[33] = UC_RISCV_REG_PC;
    values[33] = &state.pc;
  }
  std::array<int, kCount> numbers{};
  std::array<void*, kCount> values{};
};

}  // namespace

void UnicornMachine::Close::operator()(uc_struct* unicorn) const { uc_close(unicorn); }

UnicornMachine::UnicornMachine() {
  uc_engine* made = nullptr;
  must(uc_open(UC_ARCH_RISCV, UC_MODE_RISCV32, &made));
  unicorn_.reset(made);
  must(uc_mem_map(made, kBase, kSize, UC_PROT_ALL));
}

std::optional<CoreState> UnicornMachine::run(std::span<const std::uint16_t> code, const CoreState& before,
                                             std::size_t limit) {
  uc_engine* const unicorn = unicorn_.get();
  CoreState state = before;
  Registers registers{state};
  must(uc_reg_write_batch(unicorn, registers.numbers.data(), registers.values.data(), 33));
  must(uc_mem_write(unicorn, kData, state.data.data(), sizeof state.data));
  must(uc_mem_write(unicorn, kCode, code.data(), code.size_bytes()));
  // A longer piece of code may have been translated here before: what is left of it behind the new end would be run
  // into.
  must(uc_ctl_remove_cache(unicorn, std::uint64_t{kCode}, std::uint64_t{kCode} + 0x1000));
  const uc_err error = uc_emu_start(unicorn, kCode, std::uint64_t{kCode} + code.size_bytes(), 0, limit);
  if (error != UC_ERR_OK) return std::nullopt;
  must(uc_reg_read_batch(unicorn, registers.numbers.data(), registers.values.data(), Registers::kCount));
  must(uc_mem_read(unicorn, kData, state.data.data(), sizeof state.data));
  return state;
}

}  // namespace gpusim::test

#endif
