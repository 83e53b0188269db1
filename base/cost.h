// SPDX-License-Identifier: MIT
// A duration from the configuration that remembers which parameter it is, and the ledger that adds up what each
// parameter was charged for. The summary derives from it what share of a reported time rests on estimates.
#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"

namespace gpusim {

struct Cost {
  Picoseconds value{0};
  std::uint16_t parameter = 0;  ///< index in the scenario's parameter table; 0: not from a parameter

  [[nodiscard]] constexpr bool is_zero() const { return value.count() == 0; }
};

class CostLedger {
 public:
  void charge(const Cost& cost) { charge(cost.parameter, cost.value); }
  void charge(std::uint16_t parameter, Picoseconds amount) {
    if (parameter >= totals_.size()) totals_.resize(std::size_t{parameter} + 1);
    // Threads are charged side by side, so a total can outgrow the longest run; then it stays at the most.
    std::int64_t total = 0;
    const bool too_much = __builtin_add_overflow(totals_[parameter].count(), amount.count(), &total);
    totals_[parameter] = too_much ? Picoseconds::max() : Picoseconds{total};
  }
  /// Picoseconds charged so far to each parameter; parameters past the end were never charged.
  [[nodiscard]] const std::vector<Picoseconds>& totals() const { return totals_; }

 private:
  std::vector<Picoseconds> totals_;
};

}  // namespace gpusim
