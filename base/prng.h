// SPDX-License-Identifier: MIT
// Random numbers that are the same on every platform: xoshiro256** seeded by SplitMix64. Each named component draws
// from its own stream, so that a new component, or one more draw in another, shifts no other stream. Integers only.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/time.h"

namespace gpusim {

class Prng {
 public:
  /// The stream of the component called `name` in a run with this seed.
  Prng(std::uint64_t seed, std::string_view name);

  [[nodiscard]] std::uint64_t next();

  /// Uniform in [low, high], both ends included; low <= high. Unbiased.
  [[nodiscard]] std::uint64_t uniform(std::uint64_t low, std::uint64_t high);

  /// Exponentially distributed with the given mean (>= 0), for Poisson arrivals. -ln(u) is computed in integers, bit by
  /// bit, exact to 2^-31; values above 45 means do not occur.
  [[nodiscard]] Picoseconds exponential(Picoseconds mean);

 private:
  std::array<std::uint64_t, 4> state_{};
};

/// -ln(u / 2^64) as a fixed-point number with 32 fractional bits, u > 0. Exposed for its test.
[[nodiscard]] std::uint64_t negative_log_q32(std::uint64_t u);

}  // namespace gpusim
