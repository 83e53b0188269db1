// SPDX-License-Identifier: MIT
// A 64-bit hash that depends on nothing but the values fed to it: for trace hashes and random streams, not for
// security.
#pragma once

#include <cstdint>
#include <string_view>

namespace gpusim {

class Hash64 {
 public:
  constexpr void add(std::uint64_t word) {
    state_ = (state_ ^ word) * 0x9fb21c651e98df25U;
    state_ ^= state_ >> 32;
  }
  [[nodiscard]] constexpr std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = 0x243f6a8885a308d3U;
};

[[nodiscard]] constexpr std::uint64_t hash_bytes(std::string_view bytes) {
  Hash64 hash;
  for (const char c : bytes) hash.add(static_cast<std::uint8_t>(c));
  hash.add(bytes.size());
  return hash.value();
}

}  // namespace gpusim
