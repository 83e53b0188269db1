// SPDX-License-Identifier: MIT
// What a comparison says of a difference, and what it must not say: that two variants are the same because the seeds
// are too few to tell them apart.
#include <cstdint>
#include <string>
#include <vector>

#include "sim/experiment/comparison.h"
#include "sim/experiment/report_parts.h"
#include "tests/support/catch.h"

using namespace gpusim::experiment;

namespace {

/// A run of each seed with these values of the metric "m", each known to `off`.
Cell cell_of(const std::vector<std::int64_t>& values, std::int64_t off = 0) {
  Cell made;
  for (const std::int64_t value : values) {
    Measurement run;
    run.trace_hash = static_cast<std::uint64_t>(value);
    run.values = {{.name = "m", .value = value, .off = off}};
    made.runs.push_back(run);
  }
  return made;
}

/// The difference in the metric, as a table shows it.
std::string shown(Unit unit, const Cell& of, const Cell& baseline) {
  return difference_text(unit, difference(of, baseline, "m"), baseline.interval("m"));
}

Judgement judged(const Cell& of, const Cell& baseline) { return judge({{"m", {}}, true}, of, baseline); }

}  // namespace

TEST_CASE("a difference that the seeds do not tell from none is undecided, and none is the same", "[compare]") {
  const Cell base = cell_of({100, 120, 140});
  CHECK(judged(cell_of({90, 110, 131}), base) == Judgement::better);
  CHECK(judged(cell_of({110, 130, 149}), base) == Judgement::worse);
  CHECK(judged(cell_of({100, 120, 140}), base) == Judgement::same);
  // By -10, 0 and +10: the mean is nothing.
  CHECK(judged(cell_of({90, 120, 150}), base) == Judgement::undecided);
  CHECK(judged(cell_of({90, 121, 150}), base) == Judgement::undecided);
  CHECK(judged(Cell{}, base) == Judgement::unknown);
}

TEST_CASE("a difference below what is known of the values is the same, and with one seed the sign decides",
          "[compare]") {
  CHECK(judged(cell_of({101, 121, 139}, 8), cell_of({100, 120, 140}, 8)) == Judgement::same);
  CHECK(judged(cell_of({101, 121, 103}, 8), cell_of({100, 120, 140}, 8)) == Judgement::undecided);
  CHECK(judged(cell_of({110}, 8), cell_of({100}, 8)) == Judgement::same);
  CHECK(judged(cell_of({120}, 8), cell_of({100}, 8)) == Judgement::worse);
}

TEST_CASE("a verdict is turned round by a decided one alone", "[compare]") {
  CHECK(contradicts(Judgement::better, Judgement::worse));
  CHECK(contradicts(Judgement::better, Judgement::same));
  CHECK(contradicts(Judgement::unknown, Judgement::same));
  CHECK_FALSE(contradicts(Judgement::better, Judgement::better));
  CHECK_FALSE(contradicts(Judgement::better, Judgement::undecided));
  CHECK_FALSE(contradicts(Judgement::undecided, Judgement::worse));
}

TEST_CASE("a verdict is made with all digits, and the figures are shown with those that it needs", "[compare]") {
  const Cell base = cell_of({100, 100, 100, 100, 100, 100, 100, 100, 100, 100});
  const Cell two = cell_of({99, 101, 99, 100, 100, 100, 100, 100, 100, 99});  // by -0.2 give or take 0.45
  CHECK(judged(two, base) == Judgement::undecided);
  const Cell half = cell_of({99, 99, 99, 99, 100, 100, 100, 100, 100, 100});  // by -0.4 give or take 0.37
  CHECK(judged(half, base) == Judgement::better);
  CHECK(shown(Unit::count, half, base) == "-0.0004 ± 0.00037 (-0.4%) *");
  CHECK(shown(Unit::time, half, base) == "-0.00000040 us ± 0.00000037 us (-0.4%) *");
}

TEST_CASE("a difference has the digits of its columns, and none shown as zero has a sign or a share", "[compare]") {
  constexpr std::int64_t kUs = 1'000'000;
  // Columns known to 30 us each are shown to 10 us.
  const Cell from = cell_of({26'620 * kUs, 26'600 * kUs, 26'640 * kUs}, 30 * kUs);
  const Cell to = cell_of({26'650 * kUs, 26'630 * kUs, 26'670 * kUs}, 30 * kUs);
  CHECK(shown(Unit::time, to, from) == "+30 us ± 60.000 us (+0.1%)");
  const Cell near = cell_of({26'622 * kUs, 26'602 * kUs, 26'642 * kUs}, 30 * kUs);
  CHECK(shown(Unit::time, near, from) == "0 us ± 60.000 us");
}
