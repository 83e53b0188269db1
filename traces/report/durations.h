// SPDX-License-Identifier: MIT
// Durations as text: alone, each in the unit that suits it; in a column, all in one unit, so that they can be compared
// by looking at them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/wide.h"
#include "traces/folds/histogram.h"

namespace gpusim::trace {

/// Beyond 106 days in whole seconds.
[[nodiscard]] std::string long_duration(Wide picoseconds);

/// A duration with the digits that are known of it: `off` is how far the true one may be away.
[[nodiscard]] std::string known_duration(Wide picoseconds, Wide off);

/// A column of a table: cells are added by value, and read when all are known.
class DurationColumn {
 public:
  void add(Wide picoseconds, Wide off = 0) { cells_.push_back({picoseconds, off, true}); }
  void add(const Histogram::Quantile& quantile) { add(quantile.value, quantile.off); }
  void add_none() { cells_.push_back({}); }
  /// "12.346 us", "-": in the largest unit, up to that of the largest value, in which three decimals are three digits
  /// of the smallest value above zero; rounded, with the digits that are known.
  [[nodiscard]] std::vector<std::string> texts() const;

 private:
  struct Cell {
    Wide picoseconds = 0;
    Wide off = 0;
    bool is_some = false;
  };
  std::vector<Cell> cells_;
};

}  // namespace gpusim::trace
