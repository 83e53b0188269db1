// SPDX-License-Identifier: MIT
// A trace hash as it is printed everywhere: 16 hexadecimal digits.
#pragma once

#include <cstdint>
#include <string>

namespace gpusim::app {

[[nodiscard]] inline std::string hash_text(std::uint64_t hash) {
  std::string text(16, '0');
  for (std::size_t i = 16; i-- > 0; hash >>= 4) text[i] = "0123456789abcdef"[hash & 15];
  return text;
}

}  // namespace gpusim::app
