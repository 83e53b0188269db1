// SPDX-License-Identifier: MIT
// How sure a mean over several seeds is: 95 % confidence by Student's t, in integers only, so that a table is the same
// bits everywhere. It assumes independent runs and a mean that is roughly normal; it says nothing of the model's own
// errors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/wide.h"

namespace gpusim::trace {

struct Interval {
  std::int64_t mean = 0;             ///< to the nearest integer, halves away from zero
  std::optional<std::int64_t> half;  ///< half its width, rounded up; none: from one value nothing can be said
  std::int64_t off = 0;              ///< part of `half`: how far each single value may be from the true one
  std::int32_t mean_rest = 0;        ///< what `mean` lacks, in thousandths: -500..500
  std::int32_t half_rest = 0;        ///< what `half` has too much, in thousandths: 0..999

  /// The mean and half the width (0: none) in thousandths: what decides, for the integers may be too coarse.
  [[nodiscard]] SignedWide fine_mean() const { return SignedWide{mean} * 1'000 + mean_rest; }
  [[nodiscard]] SignedWide fine_half() const { return SignedWide{half.value_or(0)} * 1'000 - half_rest; }
  /// Does it leave zero out? False without a width.
  [[nodiscard]] bool excludes_zero() const { return half && (fine_mean() > fine_half() || -fine_mean() > fine_half()); }
  /// Is all that the seeds give zero, for what is known of single values?
  [[nodiscard]] bool is_within_off() const {
    const std::int64_t spread = half ? *half - off : 0;
    return mean + spread <= off && spread - mean <= off;
  }
  /// Of the integers.
  friend bool operator==(const Interval& a, const Interval& b) {
    return a.mean == b.mean && a.half == b.half && a.off == b.off;
  }
};

/// The interval of the mean of these values, none of which is more than `off` away from the true one. Pre: at least
/// one; each within +-10^17.
[[nodiscard]] Interval confidence(std::span<const std::int64_t> values, std::int64_t off = 0);

/// The two-sided 95 % quantile of Student's t in thousandths; between the rows of the table that of fewer degrees,
/// which is larger. Pre: degrees >= 1.
[[nodiscard]] std::int64_t student_t(std::size_t degrees);

/// The largest integer whose square does not exceed the value.
[[nodiscard]] std::uint64_t integer_sqrt(Wide value);

}  // namespace gpusim::trace
