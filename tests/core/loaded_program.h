// SPDX-License-Identifier: MIT
// A program of tests/core/programs in a core: its functions are called by name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/read_file.h"
#include "core/core.h"
#include "core/elf.h"

namespace gpusim::test {

class LoadedProgram {
 public:
  static constexpr std::uint32_t kTcmBase = 0x8000'0000;
  static constexpr std::uint32_t kTcmSize = 0x8'0000;
  static constexpr std::uint32_t kStackSize = 0x1000;

  [[nodiscard]] static std::filesystem::path path_of(std::string_view name) {
    return std::filesystem::path{GPUSIM_RV32_PROGRAMS} / (std::string{name} + ".elf");
  }
  /// Without a compiler for RV32 there are no programs.
  [[nodiscard]] static bool is_there(std::string_view name) { return std::filesystem::exists(path_of(name)); }

  explicit LoadedProgram(std::string_view name, const rv32::Costs& costs = {})
      : text_{read_file(path_of(name)).value()}, file_{parsed(text_)}, core_{tcm_, bus_, spec(costs)} {
    if (const auto error = rv32::load(file_, tcm_)) throw std::runtime_error{error->what};
    tcm_.permit(kTcmBase + kTcmSize - kStackSize, kStackSize, rv32::kRead | rv32::kWrite);
    core_.reset(file_.entry());
  }

  /// Calls the function, with up to eight words as arguments, and returns what it returns. Throws if it does not come
  /// back.
  std::uint32_t call(std::string_view function, std::initializer_list<std::uint32_t> arguments = {}) {
    std::uint32_t number = 10;
    for (const std::uint32_t argument : arguments) core_.set_x(number++, argument);
    const std::uint32_t halt = address("halt");
    core_.set_x(1, halt);
    core_.set_x(2, kTcmBase + kTcmSize);
    core_.set_pc(address(function));
    const rv32::Stop stop = core_.run(std::uint64_t{1} << 40);
    const rv32::Trap& trap = core_.trap();
    if (stop != rv32::Stop::trap || trap.cause != rv32::Cause::breakpoint || file_.function_at(trap.pc) != "halt") {
      throw std::runtime_error{std::string{function} + " has stopped in " + std::string{file_.function_at(trap.pc)} +
                               ", cause " + std::to_string(static_cast<int>(trap.cause))};
    }
    return core_.x(10);
  }
  [[nodiscard]] std::uint32_t address(std::string_view symbol) const { return file_.symbol(symbol).value().address; }
  template <class T>
  [[nodiscard]] T read(std::string_view symbol) const {
    return tcm_.peek<T>(checked(symbol, sizeof(T)));
  }
  template <class T>
  void write(std::string_view symbol, const T& value) {
    tcm_.poke(checked(symbol, sizeof(T)), value);
  }

  [[nodiscard]] const rv32::ElfFile& file() const { return file_; }
  [[nodiscard]] const rv32::Core& core() const { return core_; }

 private:
  [[nodiscard]] static rv32::ElfFile parsed(const std::string& text) {
    auto file = rv32::ElfFile::read(std::as_bytes(std::span{text}));
    if (!file) throw std::runtime_error{file.error().what};
    return std::move(file).value();
  }
  [[nodiscard]] static rv32::CoreSpec spec(const rv32::Costs& costs) {
    rv32::CoreSpec spec;
    spec.costs = costs;
    spec.reported_traps = ~0U;
    return spec;
  }
  /// The address, if the symbol is as large as it is taken for.
  [[nodiscard]] std::uint32_t checked(std::string_view symbol, std::size_t size) const {
    const rv32::ElfSymbol found = file_.symbol(symbol).value();
    if (found.size != size) throw std::runtime_error{std::string{symbol} + " has another size"};
    return found.address;
  }

  std::string text_;
  rv32::ElfFile file_;
  std::vector<std::byte> bytes_ = std::vector<std::byte>(kTcmSize);
  rv32::Tcm tcm_{kTcmBase, bytes_};
  rv32::NoBus bus_;
  rv32::Core core_;
};

}  // namespace gpusim::test
