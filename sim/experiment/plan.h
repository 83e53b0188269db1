// SPDX-License-Identifier: MIT
// The runs of a comparison: loads each variant under each condition, then runs what was loaded with all seeds.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "sim/experiment/comparison.h"

namespace gpusim::experiment {

/// Overrides of one condition, by when they are applied: a later one wins.
struct Overrides {
  std::vector<Placed> estimates;  ///< after everything that the user wrote: they are estimates in what it gives
  std::vector<Placed> sweep;
};

struct Point {
  scenario::ScenarioSpec spec;
  scenario::Resolved resolved;
};

class Plan {
 public:
  Plan(const Experiment& experiment, const CompareSettings& settings, std::vector<scenario::Problem>& problems)
      : experiment_{experiment}, settings_{settings}, problems_{problems} {}

  /// Loads a variant under a condition; its number for run(). Problems have the place of what the user wrote.
  std::size_t add(std::size_t variant, const Overrides& overrides);
  /// The same; none, and no problem, if that is no valid scenario.
  std::optional<std::size_t> try_add(std::size_t variant, const Overrides& overrides);
  [[nodiscard]] std::size_t size() const { return points_.size(); }
  [[nodiscard]] const Point& point(std::size_t number) const { return points_[number]; }

  /// Runs all points that were added since the last call with all seeds. By point number from the first of them on.
  [[nodiscard]] std::vector<Cell> run();
  /// True if the last run() was interrupted and left some runs out.
  [[nodiscard]] bool is_interrupted() const { return is_interrupted_; }

 private:
  const Experiment& experiment_;
  const CompareSettings& settings_;
  std::vector<scenario::Problem>& problems_;
  std::vector<Point> points_;
  std::size_t points_run_ = 0;  // those before it
  bool is_interrupted_ = false;
};

}  // namespace gpusim::experiment
