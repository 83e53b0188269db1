// SPDX-License-Identifier: MIT
#include "traces/folds/cause_profile.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace gpusim::trace {

void CauseSums::add(const JobLife& life) {
  ++lives;
  for (std::size_t i = 0; i < kCauseCount; ++i) causes[i] += static_cast<std::uint64_t>(life.causes[i].count());
  own_backlog += static_cast<std::uint64_t>(life.own_backlog.count());
}

void CauseSums::add(const CauseSums& other) {
  lives += other.lives;
  for (std::size_t i = 0; i < kCauseCount; ++i) causes[i] += other.causes[i];
  own_backlog += other.own_backlog;
}

Wide CauseSums::total() const { return std::accumulate(causes.begin(), causes.end(), Wide{0}); }

void CauseProfile::add(const JobLife& life) {
  at(bucket_of(static_cast<std::uint64_t>(life.length().count()))).add(life);
}

void CauseProfile::add(const CauseProfile& other) {
  for (std::size_t bucket = 0; bucket < other.places_.size(); ++bucket) {
    if (other.places_[bucket] != kEmpty) at(bucket).add(other.sums_[other.places_[bucket]]);
  }
}

CauseSums CauseProfile::all() const {
  CauseSums sum;
  for (const CauseSums& bucket : sums_) sum.add(bucket);
  return sum;
}

CauseSums CauseProfile::slowest(std::uint32_t permille) const {
  Wide lives = 0;
  for (const CauseSums& bucket : sums_) lives += bucket.lives;
  auto wanted = static_cast<std::uint64_t>((lives * permille + 999) / 1'000);
  CauseSums sum;
  for (std::size_t bucket = places_.size(); bucket-- > 0 && wanted > 0;) {
    if (places_[bucket] == kEmpty) continue;
    CauseSums part = sums_[places_[bucket]];
    if (part.lives > wanted) {
      const auto share = [&](Wide whole) { return divide_rounded(whole * wanted, part.lives); };
      for (Wide& cause : part.causes) cause = share(cause);
      part.own_backlog = std::min(share(part.own_backlog), part[Cause::engine_busy]);
      part.lives = wanted;
    }
    wanted -= part.lives;
    sum.add(part);
  }
  return sum;
}

/// Below 32 each length has its own bucket.
std::size_t CauseProfile::bucket_of(std::uint64_t length) {
  const auto width = static_cast<unsigned>(std::bit_width(length));
  const unsigned shift = width > kBits + 1 ? width - kBits - 1 : 0;
  return (static_cast<std::size_t>(shift) << kBits) + static_cast<std::size_t>(length >> shift);
}

CauseSums& CauseProfile::at(std::size_t bucket) {
  if (places_.empty()) places_.assign(kBuckets, kEmpty);
  std::uint16_t& place = places_[bucket];
  if (place == kEmpty) {
    place = static_cast<std::uint16_t>(sums_.size());
    sums_.emplace_back();
  }
  return sums_[place];
}

}  // namespace gpusim::trace
