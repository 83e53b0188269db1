// SPDX-License-Identifier: MIT
// Unicorn as a core of RV32 with the memory of the Rig: a second implementation of the ISA to compare with.
#pragma once

#if __has_include(<unicorn/unicorn.h>)
#define GPUSIM_HAS_UNICORN 1

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

struct uc_struct;

namespace gpusim::test {

/// What a piece of code begins with, and what it makes of it.
struct CoreState {
  std::array<std::uint32_t, 32> x{};
  std::uint32_t mscratch = 0;
  std::uint32_t pc = 0;
  std::array<std::uint32_t, 2'048> data{};  ///< at kData

  friend bool operator==(const CoreState&, const CoreState&) = default;
};

class UnicornMachine {
 public:
  UnicornMachine();

  /// Executes the code from its beginning, put at kCode, until it comes to its end, or at most `limit` instructions if
  /// that is not 0. None if Unicorn takes exception to it.
  [[nodiscard]] std::optional<CoreState> run(std::span<const std::uint16_t> code, const CoreState& before,
                                             std::size_t limit = 0);

 private:
  struct Close {
    void operator()(uc_struct* unicorn) const;
  };
  std::unique_ptr<uc_struct, Close> unicorn_;
};

}  // namespace gpusim::test

#endif
