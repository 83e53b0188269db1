// SPDX-License-Identifier: MIT
// What lives were spent on: their causes added up, and, in memory that does not grow with their number, what the
// slowest of them were spent on. For that, lives are added up by length in buckets 1/16 of an octave wide; of the
// bucket in which "the slowest 1 %" begins, as many count as are needed, each with the bucket's mean.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/wide.h"
#include "traces/event/cause.h"
#include "traces/folds/job_life.h"

namespace gpusim::trace {

struct CauseSums {
  std::uint64_t lives = 0;
  std::array<Wide, kCauseCount> causes{};  ///< ps, by Cause
  Wide own_backlog = 0;                    ///< ps, a part of engine_busy: JobLife::own_backlog

  void add(const JobLife& life);
  void add(const CauseSums& other);
  [[nodiscard]] Wide operator[](Cause cause) const { return causes[static_cast<std::size_t>(cause)]; }
  /// Of all causes together.
  [[nodiscard]] Wide total() const;
};

class CauseProfile {
 public:
  void add(const JobLife& life);
  void add(const CauseProfile& other);

  /// Of all lives. Exact.
  [[nodiscard]] CauseSums all() const;
  /// Of the slowest `permille` of them, at least one if there is any. The number of lives is exact, and so are sums
  /// that end between two buckets.
  [[nodiscard]] CauseSums slowest(std::uint32_t permille) const;

 private:
  static constexpr unsigned kBits = 4;
  static constexpr std::size_t kBuckets = (64 - kBits) << kBits;
  static constexpr std::uint16_t kEmpty = 0xffff;
  static std::size_t bucket_of(std::uint64_t length);
  [[nodiscard]] CauseSums& at(std::size_t bucket);

  std::vector<std::uint16_t> places_;  ///< by bucket: in sums_; none before the first life
  std::vector<CauseSums> sums_;
};

}  // namespace gpusim::trace
