// SPDX-License-Identifier: MIT
// A duration of the host that differs from time to time: how long a wake-up takes, or an interrupt to its CPU. Either a
// constant, or a distribution by its quantiles, between which it is linear. Each thread and each interrupt vector draws
// from a stream of its own, named after it: one more of them shifts no other's draws.
#pragma once

#include <cstdint>
#include <vector>

#include "base/cost.h"
#include "base/prng.h"

namespace gpusim::os {

/// In `share` of 10,000 draws the value is at most `value`.
struct Quantile {
  std::uint16_t share = 0;
  Picoseconds value{0};

  friend bool operator==(const Quantile&, const Quantile&) = default;
};
inline constexpr std::uint16_t kAllDraws = 10'000;

struct Latency : Cost {
  Latency() = default;
  Latency(const Cost& constant) : Cost{constant} {}
  /// Pre: a quantile of 0, of 5,000 and of 10,000; shares rise, values do not fall.
  Latency(std::vector<Quantile> distribution, std::uint16_t parameter);

  /// Empty: always `value`. Otherwise `value` is the median.
  std::vector<Quantile> quantiles;

  [[nodiscard]] Picoseconds draw(Prng& draws) const { return quantiles.empty() ? value : at(draws.next()); }
  /// The value below which `position` of 2^64 draws lie.
  [[nodiscard]] Picoseconds at(std::uint64_t position) const;
};

}  // namespace gpusim::os
