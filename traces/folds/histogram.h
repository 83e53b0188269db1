// SPDX-License-Identifier: MIT
// How often values occurred, in buckets that are exact below 512 and then 1/256 of an octave wide: a percentile is off
// by less than 0.2 %. Minimum, maximum, sum and count are exact. Integers only; memory only for octaves that occur (2
// KiB each).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/wide.h"

namespace gpusim::trace {

class Histogram {
 public:
  void add(std::uint64_t value) {
    const std::size_t octave = octave_of(value);
    if (octaves_[octave] == nullptr) octaves_[octave] = std::make_unique<Octave>();
    ++(*octaves_[octave])[static_cast<std::size_t>(value >> octave_shift(octave)) & kMask];
    ++count_;
    sum_ += value;
    if (value < min_) min_ = value;
    if (value > max_) max_ = value;
  }

  /// Adds all that `other` has seen.
  void merge(const Histogram& other);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] Wide sum() const { return sum_; }
  /// 0 if nothing was added.
  [[nodiscard]] std::uint64_t min() const { return count_ == 0 ? 0 : min_; }
  [[nodiscard]] std::uint64_t max() const { return max_; }
  /// Rounded to the nearest integer; 0 if nothing was added.
  [[nodiscard]] std::uint64_t mean() const;

  /// The smallest value that at least `permille` / 1000 of all values do not exceed (nearest rank); permille in
  /// 0..1000, 0 gives min() and 1000 gives max(). 0 if nothing was added.
  [[nodiscard]] std::uint64_t percentile(std::uint32_t permille) const { return quantile(permille).value; }

  /// The same, and how far the value that it stands for may be from it: half a bucket, 0 if it is exact.
  struct Quantile {
    std::uint64_t value = 0;
    std::uint64_t off = 0;
  };
  [[nodiscard]] Quantile quantile(std::uint32_t permille) const;

  struct Bar {
    std::uint64_t low = 0;   ///< the least value that it counts
    std::uint64_t high = 0;  ///< the largest
    std::uint64_t count = 0;
  };
  /// How often values occurred, in bars of 1/2^bits of an octave (bits in 0..8), ascending, without empty ones.
  [[nodiscard]] std::vector<Bar> bars(unsigned bits) const;

  /// Where the median cannot be trusted: among the middle fifth of all values are two neighbours of which one is twice
  /// the other or more, so that a few values more on one side move the median from one to the other.
  struct Gap {
    std::uint64_t below = 0;     ///< the largest value below the gap
    std::uint64_t above = 0;     ///< the smallest above it
    std::uint64_t permille = 0;  ///< of all values, those below
  };
  /// The widest of them; none with fewer than 20 values.
  [[nodiscard]] std::optional<Gap> gap_at_median() const;

 private:
  static constexpr std::size_t kBuckets = 256;
  static constexpr std::uint64_t kMask = kBuckets - 1;
  static constexpr std::size_t kOctaves = 57;  // [0]: below 256, [1]: 256..511, [2]: 512..1023 in steps of 2, ...
  using Octave = std::array<std::uint64_t, kBuckets>;

  static std::size_t octave_of(std::uint64_t value);
  static std::size_t octave_shift(std::size_t octave) { return octave == 0 ? 0 : octave - 1; }
  static std::uint64_t low_end(std::size_t octave, std::size_t bucket);
  static std::uint64_t high_end(std::size_t octave, std::size_t bucket) {
    return low_end(octave, bucket) + ((std::uint64_t{1} << octave_shift(octave)) - 1);
  }

  std::array<std::unique_ptr<Octave>, kOctaves> octaves_;
  std::uint64_t count_ = 0;
  std::uint64_t min_ = ~std::uint64_t{0};
  std::uint64_t max_ = 0;
  Wide sum_ = 0;
};

}  // namespace gpusim::trace
