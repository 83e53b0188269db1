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

Histogram::Quantile Histogram::quantile(std::uint32_t permille) const {
  if (count_ == 0 || permille == 0) return {min(), 0};
  if (permille >= 1'000) return {max_, 0};
  const auto rank = static_cast<std::uint64_t>((Wide{count_} * permille + 999) / 1'000);  // from 1
  if (rank == 1) return {min_, 0};
  if (rank == count_) return {max_, 0};
  std::uint64_t seen = 0;
  for (std::size_t octave = 0; octave < kOctaves; ++octave) {
    if (octaves_[octave] == nullptr) continue;
    for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
      seen += (*octaves_[octave])[bucket];
      if (seen < rank) continue;
      const std::uint64_t low = low_end(octave, bucket);
      const std::uint64_t high = high_end(octave, bucket);
      const std::uint64_t value = std::clamp(low + (high - low) / 2, min_, max_);
      return {value, std::max(value - std::max(low, min_), std::min(high, max_) - value)};
    }
  }
  return {max_, 0};
}

std::vector<Histogram::Bar> Histogram::bars(unsigned bits) const {
  std::vector<Bar> bars;
  for (std::size_t octave = 0; octave < kOctaves; ++octave) {
    if (octaves_[octave] == nullptr) continue;
    for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
      const std::uint64_t here = (*octaves_[octave])[bucket];
      if (here == 0) continue;
      const std::uint64_t value = low_end(octave, bucket);
      const auto width = static_cast<unsigned>(std::bit_width(value));
      const unsigned shift = width > bits + 1 ? width - bits - 1 : 0;
      const std::uint64_t low = value >> shift << shift;
      if (bars.empty() || bars.back().low != low) bars.push_back({low, low + ((std::uint64_t{1} << shift) - 1), 0});
      bars.back().count += here;
    }
  }
  return bars;
}

std::optional<Histogram::Gap> Histogram::gap_at_median() const {
  if (count_ < 20) return std::nullopt;
  const auto rank_at = [this](std::uint32_t permille) {
    return static_cast<std::uint64_t>((Wide{count_} * permille + 999) / 1'000);
  };
  const std::uint64_t first = rank_at(400);
  const std::uint64_t last = rank_at(600);
  std::optional<Gap> widest;
  std::uint64_t seen = 0;
  std::uint64_t below = 0;  // the bucket before
  for (std::size_t octave = 0; octave < kOctaves; ++octave) {
    if (octaves_[octave] == nullptr) continue;
    for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
      const std::uint64_t here = (*octaves_[octave])[bucket];
      if (here == 0) continue;
      const std::uint64_t above = std::max(low_end(octave, bucket), min_);
      const bool is_gap = seen >= first && seen < last && above / 2 >= below;
      if (is_gap && (!widest || above - below > widest->above - widest->below)) {
        widest = Gap{below, above, static_cast<std::uint64_t>(Wide{seen} * 1'000 / count_)};
      }
      seen += here;
      below = std::min(high_end(octave, bucket), max_);
    }
  }
  return widest;
}

std::size_t Histogram::octave_of(std::uint64_t value) {
  const auto width = static_cast<std::size_t>(std::bit_width(value));
  return width <= 8 ? 0 : width - 8;
}

std::uint64_t Histogram::low_end(std::size_t octave, std::size_t bucket) {
  if (octave == 0) return bucket;
  return (std::uint64_t{kBuckets} + bucket) << octave_shift(octave);
}

}  // namespace gpusim::trace
