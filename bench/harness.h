// SPDX-License-Identifier: MIT
// Collects measurements and prints them as a table, each beside its target. The caller repeats and says what one sample
// is. No statistics beyond best and median: on a shared machine more would only look exact.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace gpusim::bench {

struct Target {
  enum class Kind { none, at_least, at_most };
  Kind kind = Kind::none;
  double value = 0;
};

[[nodiscard]] constexpr Target at_least(double value) { return {Target::Kind::at_least, value}; }
[[nodiscard]] constexpr Target at_most(double value) { return {Target::Kind::at_most, value}; }

/// Which sample is compared with the target.
enum class Judge {
  best,    ///< rates and times: disturbance only ever makes them worse
  median,  ///< ratios: it can also make them better
};

struct Description {
  std::string name;  ///< "group.case"
  std::string what;
  std::string unit;
  Target target{};
  Judge judge = Judge::best;
  bool more_is_better = false;  ///< what "best" means without a target
  bool can_be_zero = false;     ///< a count of which none is as it should be, or a difference
};

class Measurement {
 public:
  explicit Measurement(Description description) : description_{std::move(description)} {}

  void add(double sample) { samples_.push_back(sample); }

  [[nodiscard]] const Description& description() const { return description_; }
  [[nodiscard]] bool empty() const { return samples_.empty(); }
  /// There are samples, and each is a number that the quantity can have.
  [[nodiscard]] bool is_made() const;
  [[nodiscard]] double best() const;
  [[nodiscard]] double median() const;
  [[nodiscard]] double judged() const { return description_.judge == Judge::best ? best() : median(); }
  [[nodiscard]] bool passes() const;

 private:
  Description description_;
  std::vector<double> samples_;
};

struct Options {
  bool quick = false;
  bool tiny = false;
  bool cpu_time = false;
  std::string only;  ///< group; empty: all
  std::string json;  ///< file to write; empty: none
};

class Harness {
 public:
  explicit Harness(Options options) : options_{std::move(options)} {}

  [[nodiscard]] int repeats() const { return options_.tiny ? 1 : options_.quick ? 2 : 5; }
  /// A size; a tenth of it when only a quick look is wanted, next to nothing when tiny.
  [[nodiscard]] std::uint64_t scaled(std::uint64_t size) const {
    if (options_.tiny) return std::max<std::uint64_t>(size / 1'000, 1);
    return options_.quick ? size / 10 : size;
  }

  [[nodiscard]] bool is_tiny() const { return options_.tiny; }

  /// The reference stays good.
  [[nodiscard]] Measurement& measure(Description description) {
    return measurements_.emplace_back(std::move(description));
  }

  void print(std::ostream& out) const;
  /// Throws std::runtime_error with the names of measurements that were not made, or if there are none at all.
  void check_made() const;
  void print_json(std::ostream& out) const;

 private:
  Options options_;
  std::deque<Measurement> measurements_;
};

}  // namespace gpusim::bench
