// SPDX-License-Identifier: MIT
#include "base/prng.h"

#include <bit>

#include "base/hash.h"
#include "base/wide.h"

namespace gpusim {
namespace {

std::uint64_t split_mix(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15U);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

/// log2(x) for x in [1, 2) given as 1.63 fixed point, result with 32 fractional bits: one squaring yields one bit.
std::uint32_t log2_fraction(std::uint64_t mantissa) {
  std::uint32_t bits = 0;
  for (int i = 0; i < 32; ++i) {
    const Wide square = static_cast<Wide>(mantissa) * mantissa;  // 2.126 fixed point
    bits <<= 1;
    if ((square >> 127) != 0) {
      bits |= 1;
      mantissa = static_cast<std::uint64_t>(square >> 64);
    } else {
      mantissa = static_cast<std::uint64_t>(square >> 63);
    }
  }
  return bits;
}

}  // namespace

Prng::Prng(std::uint64_t seed, std::string_view name) {
  std::uint64_t mix = seed ^ hash_bytes(name);
  for (std::uint64_t& word : state_) word = split_mix(mix);
}

std::uint64_t Prng::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t Prng::uniform(std::uint64_t low, std::uint64_t high) {
  const std::uint64_t span = high - low + 1;
  if (span == 0) return next();  // the whole range
  Wide product = static_cast<Wide>(next()) * span;
  if (static_cast<std::uint64_t>(product) < span) {
    const std::uint64_t threshold = (0 - span) % span;
    while (static_cast<std::uint64_t>(product) < threshold) product = static_cast<Wide>(next()) * span;
  }
  return low + static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t negative_log_q32(std::uint64_t u) {
  const int shift = std::countl_zero(u);
  const std::uint64_t mantissa = u << shift;  // 1.63 fixed point
  // -log2(u / 2^64) = (shift + 1) - log2(mantissa)
  const std::uint64_t log2_q32 = (static_cast<std::uint64_t>(shift + 1) << 32) - log2_fraction(mantissa);
  constexpr std::uint64_t kLn2Q64 = 0xb17217f7d1cf79abU;  // ln 2 * 2^64
  return static_cast<std::uint64_t>((static_cast<Wide>(log2_q32) * kLn2Q64) >> 64);
}

Picoseconds Prng::exponential(Picoseconds mean) {
  std::uint64_t u = next();
  if (u == 0) u = 1;
  const Wide scaled = static_cast<Wide>(static_cast<std::uint64_t>(mean.count())) * negative_log_q32(u);
  return Picoseconds{static_cast<std::int64_t>(scaled >> 32)};
}

}  // namespace gpusim
