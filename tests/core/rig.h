// SPDX-License-Identifier: MIT
// A core with 64 KiB of TCM at 2 GiB, readable, writable and executable at first, and a bus that notes what it is asked
// for. Code begins at kCode; a trap handler that ends the run stands at kHandler.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "core/core.h"
#include "tests/core/assembler.h"

namespace gpusim::test {

inline constexpr std::uint32_t kBase = 0x8000'0000;
inline constexpr std::uint32_t kSize = 0x1'0000;
inline constexpr std::uint32_t kCode = kBase + 0x1000;
inline constexpr std::uint32_t kData = kBase + 0x8000;
inline constexpr std::uint32_t kHandler = kBase + 0x400;
inline constexpr std::uint32_t kDevice = 0x1000'0000;  ///< on the bus

struct NotingBus final : rv32::Bus {
  rv32::BusReply load(std::uint32_t address, std::uint32_t size) override {
    return answer("load" + std::to_string(size) + " " + std::to_string(address - kDevice));
  }
  rv32::BusReply store(std::uint32_t address, std::uint32_t size, std::uint32_t value) override {
    return answer("store" + std::to_string(size) + " " + std::to_string(address - kDevice) + " " +
                  std::to_string(value));
  }
  rv32::BusReply answer(std::string what) {
    if (core != nullptr) cycles.push_back(core->counts().cycles);
    if (core != nullptr && raises) core->set_line(rv32::Line::external, true);
    accesses.push_back(std::move(what));
    return reply;
  }

  rv32::BusReply reply{rv32::BusReply::Kind::done, 0x8899aabb};
  bool raises = false;  ///< the external line, at each access
  std::vector<std::string> accesses;
  std::vector<std::uint64_t> cycles;  ///< of the core, at each
  rv32::Core* core = nullptr;
};

struct Rig {
  explicit Rig(const rv32::CoreSpec& spec = stopping_at_traps()) : core{tcm, bus, spec} {
    tcm.protect(kBase, kSize, rv32::kRead | rv32::kWrite | rv32::kExecute);
    bus.core = &core;
    core.reset(kCode);
    core.set_csr(rv32::Csr::mtvec, kHandler);
    code(kHandler, {rv::jal(0, 0)});
  }
  /// Every exception ends the run.
  static rv32::CoreSpec stopping_at_traps() {
    rv32::CoreSpec spec;
    spec.reported_traps = ~0U;
    return spec;
  }

  /// Puts instructions there, compressed ones in 2 bytes; returns the address behind them.
  std::uint32_t code(std::uint32_t at, std::initializer_list<rv::Word> words) {
    const std::uint32_t begin = at;
    for (const rv::Word word : words) {
      tcm.poke(at, static_cast<std::uint16_t>(word));
      at += 2;
      if ((word & 3) != 3) continue;
      tcm.poke(at, static_cast<std::uint16_t>(word >> 16));
      at += 2;
    }
    core.note_write(begin, at - begin);
    return at;
  }
  /// The same at kCode, and runs all of it, or until a trap.
  rv32::Stop run(std::initializer_list<rv::Word> words) {
    code(kCode, words);
    core.set_pc(kCode);
    return core.run(words.size());
  }
  [[nodiscard]] std::uint32_t csr(rv32::Csr number) const { return core.csr(number).value_or(0xdead'dead); }

  std::vector<std::byte> bytes = std::vector<std::byte>(kSize);
  rv32::Tcm tcm{kBase, bytes};
  NotingBus bus;
  rv32::Core core;
};

}  // namespace gpusim::test
