// SPDX-License-Identifier: MIT
// What a comparison says of the range of the estimates: which of them turn a verdict round, which contradict each other
// where the scenario's own verdict is undecided, and by which rule a difference leaves what it is at the ends.
#include <cstdint>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "sim/experiment/report_parts.h"
#include "tests/support/catch.h"
#include "tests/support/text.h"

using namespace gpusim;
using namespace gpusim::experiment;
using test::has;

namespace {

/// A run of each seed with these values of the metric "m".
Cell runs_of(const std::vector<std::int64_t>& values) {
  Cell made;
  for (const std::int64_t value : values) {
    Measurement run;
    run.trace_hash = static_cast<std::uint64_t>(value);
    run.values = {{.name = "m", .value = value}};
    made.runs.push_back(run);
  }
  return made;
}

/// Five points, each with its judgement and the mean of its difference, all with the same half interval.
Variation row_of(const std::string& parameter, const std::vector<Judgement>& judgements,
                 const std::vector<std::int64_t>& means = {0, 0, 0, 0, 0}, std::int64_t half = 0) {
  Variation row;
  row.parameter = parameter;
  row.range = "1 ns .. 4 ns";
  for (std::size_t i = 0; i < judgements.size(); ++i) {
    trace::Interval by;
    by.mean = means[i];
    by.half = half;
    row.at.push_back({.is_possible = true, .differences = {by}, .judgements = {judgements[i]}});
  }
  return row;
}

/// The page about variants "a" and "b", lower is better; `b` has these values where "a" has 100, 120 and 140.
std::string estimates_page(const std::vector<std::int64_t>& b, const std::vector<Variation>& rows) {
  Experiment experiment;
  experiment.variants = {{"a", {}, {}}, {"b", {}, {}}};
  experiment.verdict = {{"m", {}}, true};
  Comparison comparison;
  comparison.tables = {{"", {{"", {runs_of({100, 120, 140}), runs_of(b)}}}}};
  comparison.variations = rows;
  comparison.has_estimates = true;
  std::ostringstream out;
  write_estimates(out, {.is_markdown = true}, experiment, comparison, Unit::count);
  return out.str();
}

constexpr Judgement kWorse = Judgement::worse;
constexpr Judgement kBetter = Judgement::better;
constexpr Judgement kUndecided = Judgement::undecided;

const std::vector<std::int64_t> kNoDifference = {90, 121, 150};  // by -10, +1 and +10: undecided
const std::vector<std::int64_t> kLess = {90, 110, 131};          // better

}  // namespace

TEST_CASE("estimates decide an undecided verdict if decided points of a row contradict each other", "[compare]") {
  const std::string page =
      estimates_page(kNoDifference, {row_of("put", {kUndecided, kUndecided, kUndecided, kUndecided, kUndecided}),
                                     row_of("all", {kWorse, kWorse, kUndecided, kBetter, kBetter})});
  INFO(page);
  CHECK(has(page,
            "The estimates decide what b is against a: undecided as they are, and worse at points of all; better at "
            "points of all."));
  CHECK_FALSE(has(page, "turned round"));
}

TEST_CASE("points of two rows contradict each other, too", "[compare]") {
  const std::string page =
      estimates_page(kNoDifference, {row_of("put", {kBetter, kUndecided, kUndecided, kUndecided, kUndecided}),
                                     row_of("exec", {kUndecided, kUndecided, kUndecided, kUndecided, kWorse})});
  INFO(page);
  CHECK(has(page, "and worse at points of exec; better at points of put."));
}

TEST_CASE("an undecided verdict whose decided points agree is not said to be settled", "[compare]") {
  const std::string page =
      estimates_page(kNoDifference, {row_of("put", {kBetter, kUndecided, kUndecided, kUndecided, kBetter})});
  INFO(page);
  CHECK(has(page, "The verdict is undecided as the estimates are, so that nothing can turn it round"));
  CHECK_FALSE(has(page, "at none of"));
}

TEST_CASE("a decided verdict changes with an estimate or is turned round at none", "[compare]") {
  const std::vector<Judgement> all_better(5, kBetter);
  CHECK(has(estimates_page(kLess, {row_of("put", all_better)}), "The verdict is turned round at none of 5 points"));
  const std::string page =
      estimates_page(kLess, {row_of("put", all_better), row_of("all", {kBetter, kBetter, kBetter, kBetter, kWorse})});
  INFO(page);
  CHECK(has(page, "The verdict changes with: all."));
  CHECK_FALSE(has(page, "The estimates decide"));
}

TEST_CASE("a difference leaves its ends only beyond their confidence intervals, and the page says so", "[compare]") {
  const std::vector<Judgement> all(5, kBetter);
  // Between -30 and -10 at the ends, give or take 5: -34 in the middle is no more than that, -36 is.
  const std::string page =
      estimates_page(kLess, {row_of("near", all, {-30'000, -34'000, -20'000, -20'000, -10'000}, 5'000),
                             row_of("far", all, {-30'000, -36'000, -20'000, -20'000, -10'000}, 5'000)});
  INFO(page);
  CHECK(has(page,
            "Within the range the difference leaves what it is at the ends, confidence intervals of the ends included: "
            "far."));
}
