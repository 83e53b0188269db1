// SPDX-License-Identifier: MIT
// A few functions of ordinary code, for the host and for the core: both must come to the same results.
#pragma once

#include <cstdint>

namespace gpusim::test {

struct SmallInput {
  std::uint32_t count = 0;
  std::int32_t numbers[256] = {};
};

struct SmallOutput {
  std::int32_t sorted[256] = {};
  std::uint32_t checksum = 0;
  std::uint64_t quotients = 0;  ///< 64-bit arithmetic: the compiler's library
  std::uint64_t products = 0;
  std::uint32_t bits = 0;
};

inline std::uint32_t checksum(const std::int32_t* numbers, std::uint32_t count) {
  std::uint32_t crc = ~std::uint32_t{0};
  for (std::uint32_t i = 0; i < count * 4; ++i) {
    crc ^= static_cast<std::uint32_t>(numbers[i / 4]) >> (i % 4 * 8) & 0xff;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (0xedb8'8320 & (0 - (crc & 1)));
  }
  return ~crc;
}

inline void sort(std::int32_t* numbers, std::int32_t low, std::int32_t high) {
  while (low < high) {
    const std::int32_t pivot = numbers[(low + high) / 2];
    std::int32_t i = low;
    std::int32_t j = high;
    while (i <= j) {
      while (numbers[i] < pivot) ++i;
      while (numbers[j] > pivot) --j;
      if (i > j) break;
      const std::int32_t kept = numbers[i];
      numbers[i++] = numbers[j];
      numbers[j--] = kept;
    }
    sort(numbers, low, j);
    low = i;
  }
}

inline void work(const SmallInput& input, SmallOutput& output) {
  for (std::uint32_t i = 0; i < input.count; ++i) {
    const std::int32_t number = input.numbers[i];
    const std::int32_t next = input.numbers[(i + 1) % input.count];
    output.sorted[i] = number;
    output.quotients += ~std::uint64_t{0} / (static_cast<std::uint32_t>(number) | 1U) % 1'000'003;
    output.products += static_cast<std::uint64_t>(std::int64_t{number} * next);
    if (next != 0 && next != -1)
      output.products += static_cast<std::uint64_t>(std::int64_t{number / next} + number % next);
    for (auto rest = static_cast<std::uint32_t>(number); rest != 0; rest &= rest - 1) ++output.bits;
  }
  if (input.count != 0) sort(output.sorted, 0, static_cast<std::int32_t>(input.count) - 1);
  output.checksum = checksum(output.sorted, input.count);
}

}  // namespace gpusim::test
