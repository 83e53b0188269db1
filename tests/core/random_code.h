// SPDX-License-Identifier: MIT
// Random code for the core that ends: pieces of one to a few instructions, branches and jumps only forward to the
// beginning of a piece or to the end. Memory is touched around three pointers that no instruction overwrites.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/prng.h"

namespace gpusim::test {

/// Instructions that stay together: a pair of LR and SC, AUIPC and JALR.
struct Piece {
  std::vector<std::uint32_t> words;     ///< compressed ones have 2 bytes
  std::optional<std::size_t> target{};  ///< the piece that it jumps to
  std::size_t offset_at = 0;            ///< which word gets the offset

  [[nodiscard]] std::uint32_t size() const;
};

inline constexpr std::uint32_t kPointers[]{2, 8, 9};  ///< sp, s0, s1
inline constexpr std::uint32_t kReach = 2'048;        ///< bytes before and behind a pointer that are touched

[[nodiscard]] std::vector<Piece> random_code(Prng& random, std::size_t pieces);

/// The bytes at address 0 and behind, as code is relative.
[[nodiscard]] std::vector<std::uint16_t> assembled(const std::vector<Piece>& pieces);

/// One word a line, in hexadecimal: for a report.
[[nodiscard]] std::string listed(const std::vector<Piece>& pieces);

}  // namespace gpusim::test
