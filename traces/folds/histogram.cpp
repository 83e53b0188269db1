// SPDX-License-Identifier: MIT
#include "traces/folds/histogram.h"

#include <algorithm>
#include <bit>

namespace gpusim::trace {

void Histogram::merge(const Histogram& other) {
  for (std::size_t octave = 0; octave < kOctaves; ++octave) {
    if (other.octaves_[octave] == nullptr) continue;
    if (octaves_[octave] == nullptr) octaves_[octave] = std::make_unique<Octave>();
    for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
      (*octaves_[octave])[bucket] += (*other.octaves_[octave])[bucket];
    }
  }
  count_ += other.count_;
  sum_ += other.sum_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

std::uint64_t Histogram::mean() const {
  return count_ == 0 ? 0 : static_cast<std::uint64_t>(divide_rounded(sum_, count_));
}

std::uint64_t Histogram::percentile(std::uint32_t permille) const {
  if (count_ == 0 || permille == 0) return min();
  if (permille >= 1'000) return max_;
  const auto rank = static_cast<std::uint64_t>((Wide{count_} * permille + 999) / 1'000);  // from 1
  if (rank == 1) return min_;
  if (rank == count_) return max_;
  std::uint64_t seen = 0;
  for (std::size_t octave = 0; octave < kOctaves; ++octave) {
    if (octaves_[octave] == nullptr) continue;
    for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
      seen += (*octaves_[octave])[bucket];
      if (seen >= rank) return std::clamp(middle(octave, bucket), min_, max_);
    }
  }
  return max_;
}

std::size_t Histogram::octave_of(std::uint64_t value) {
  const auto width = static_cast<std::size_t>(std::bit_width(value));
  return width <= 8 ? 0 : width - 8;
}

std::uint64_t Histogram::middle(std::size_t octave, std::size_t bucket) {
  if (octave == 0) return bucket;
  const std::size_t shift = octave_shift(octave);
  const std::uint64_t low = (std::uint64_t{kBuckets} + bucket) << shift;
  return low + ((std::uint64_t{1} << shift) - 1) / 2;
}

}  // namespace gpusim::trace
