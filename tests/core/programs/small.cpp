// SPDX-License-Identifier: MIT
#include "tests/core/programs/small.h"

extern "C" {

gpusim::test::SmallInput input;
gpusim::test::SmallOutput output;

void run();
void run() {
  output = {};
  gpusim::test::work(input, output);
}

// For the benchmark: no memory at all, and nothing else.
std::uint32_t plain(std::uint32_t rounds);
std::uint32_t plain(std::uint32_t rounds) {
  std::uint32_t x = 123'456'789;
  std::uint32_t sum = 0;
  for (std::uint32_t i = 0; i < rounds; ++i) {
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    sum = (x & 1) != 0 ? sum + x : sum ^ i;
  }
  return sum;
}

std::uint32_t copy(std::uint32_t rounds);
std::uint32_t copy(std::uint32_t rounds) {
  static std::uint32_t from[1024];
  static std::uint32_t to[1024];
  for (std::uint32_t i = 0; i < rounds; ++i) {
    for (std::uint32_t j = 0; j < 1024; ++j) to[j] = from[j] + i;
    from[i % 1024] += to[(i + 1) % 1024];
  }
  return from[0];
}

}  // extern "C"
