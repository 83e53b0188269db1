// SPDX-License-Identifier: MIT
// Intervals against values worked out by hand.
#include "traces/report/confidence.h"

#include <cmath>
#include <vector>

#include <boost/math/distributions/students_t.hpp>

#include "tests/support/catch.h"

using namespace gpusim;
using namespace gpusim::trace;

namespace {

[[nodiscard]] Interval of(const std::vector<std::int64_t>& values) { return confidence(values); }

}  // namespace

TEST_CASE("the mean of 1..5 is 3, give or take 2.776 standard errors of sqrt(0.5)") {
  // Variance 2.5, standard error sqrt(2.5 / 5) = 0.70711, t with 4 degrees 2.776: 1.96293.
  CHECK(of({1'000, 2'000, 3'000, 4'000, 5'000}) == Interval{3'000, 1'963});
  CHECK(of({5'000, 1'000, 4'000, 2'000, 3'000}) == Interval{3'000, 1'963});
  CHECK(of({-5'000, -1'000, -4'000, -2'000, -3'000}) == Interval{-3'000, 1'963});
}

TEST_CASE("two values: half their distance times 12.706") {
  // Variance 2 (d/2)^2, standard error d/2.
  CHECK(of({10, 12}) == Interval{11, 13});  // 12.706, up
  CHECK(of({1'000'000, 3'000'000}) == Interval{2'000'000, 12'706'000});
  CHECK(of({-1, 1}) == Interval{0, 13});
}

TEST_CASE("the table of Student's t is Boost.Math's, rounded, and beyond its rows never below") {
  for (std::size_t degrees = 1; degrees <= 3'000; ++degrees) {
    CAPTURE(degrees);
    const double exact = 1'000 * quantile(boost::math::students_t{static_cast<double>(degrees)}, 0.975);
    if (degrees <= 30) CHECK(student_t(degrees) == std::lround(exact));
    CHECK(static_cast<double>(student_t(degrees)) >= exact - 0.5);
    CHECK(static_cast<double>(student_t(degrees)) <= exact * 1.02);
  }
}

TEST_CASE("equal values have no width, one value has no interval") {
  CHECK(of({7, 7, 7, 7}) == Interval{7, 0});
  CHECK(of({7}) == Interval{7, std::nullopt});
  CHECK_FALSE(of({7}).excludes_zero());
  CHECK(of({7, 7}).excludes_zero());
  CHECK_FALSE(of({0, 0}).excludes_zero());
}

TEST_CASE("means are rounded to the nearest integer, away from zero") {
  CHECK(of({1, 2}).mean == 2);
  CHECK(of({-1, -2}).mean == -2);
  CHECK(of({1, 1, 2}).mean == 1);
  CHECK(of({0, 0, 1}).mean == 0);
}

TEST_CASE("an interval leaves zero out when its half is less than its mean") {
  CHECK_FALSE(of({1, 25}).excludes_zero());  // 13 +- 153
  CHECK(Interval{14, 13}.excludes_zero());
  CHECK_FALSE(Interval{13, 13}.excludes_zero());
  CHECK(Interval{-14, 13}.excludes_zero());
}

TEST_CASE("values of days in picoseconds do not overflow") {
  constexpr std::int64_t kDay = 86'400'000'000'000'000;
  // Standard error half the distance again; t makes it 12.706 times that.
  const Interval interval = of({-kDay, kDay});
  CHECK(interval.mean == 0);
  CHECK(*interval.half >= 1'097'798'400'000'000'000);
  CHECK(*interval.half <= 1'097'798'400'000'100'000);
}

TEST_CASE("t falls with the degrees of freedom and is never too small") {
  CHECK(student_t(1) == 12'706);
  CHECK(student_t(9) == 2'262);
  CHECK(student_t(30) == 2'042);
  CHECK(student_t(39) == 2'042);  // as with 30
  CHECK(student_t(40) == 2'021);
  CHECK(student_t(1'000'000) == 1'962);
  for (std::size_t degrees = 2; degrees < 1'100; ++degrees) CHECK(student_t(degrees) <= student_t(degrees - 1));
}

TEST_CASE("integer square roots round down") {
  CHECK(integer_sqrt(0) == 0);
  CHECK(integer_sqrt(15) == 3);
  CHECK(integer_sqrt(16) == 4);
  CHECK(integer_sqrt(Wide{0xffffffffffffffff} * 0xffffffffffffffff) == 0xffffffffffffffff);
}

TEST_CASE("an interval is never narrower than what is known of single values") {
  const std::vector<std::int64_t> same(5, 1'000);
  CHECK(confidence(same) == Interval{1'000, 0});
  CHECK(confidence(same, 30) == Interval{1'000, 30, 30});
  const std::vector<std::int64_t> pair{990, 1'010};
  CHECK(*confidence(pair, 30).half == *confidence(pair).half + 30);
  CHECK(confidence(std::vector<std::int64_t>{20}, 30).is_within_off());
  CHECK_FALSE(confidence(std::vector<std::int64_t>{-31}, 30).is_within_off());
}
