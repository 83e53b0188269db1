// SPDX-License-Identifier: MIT
// Integer arithmetic for reports: sums over many jobs and products for shares and rates do not fit in 64 bits of
// picoseconds. Both compilers have 128-bit integers; the standard does not.
#pragma once

#include <cstdint>
#include <string>

namespace gpusim {

__extension__ using Wide = unsigned __int128;
__extension__ using SignedWide = __int128;

/// part / whole to the nearest integer, halves up; 0 if whole is 0.
[[nodiscard]] constexpr Wide divide_rounded(Wide part, Wide whole) {
  return whole == 0 ? Wide{0} : (part + whole / 2) / whole;
}

[[nodiscard]] std::string decimal(Wide value);

/// value / 10^digits in decimals: fixed_point(1234, 1) is "123.4".
[[nodiscard]] std::string fixed_point(Wide value, unsigned digits);

}  // namespace gpusim
