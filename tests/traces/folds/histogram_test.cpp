// SPDX-License-Identifier: MIT
#include "traces/folds/histogram.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/prng.h"
#include "tests/support/catch.h"

using namespace gpusim;
using namespace gpusim::trace;

namespace {

/// The definition of a nearest-rank percentile.
std::uint64_t exact_percentile(std::vector<std::uint64_t> values, std::uint32_t permille) {
  std::sort(values.begin(), values.end());
  const std::size_t rank = (values.size() * permille + 999) / 1'000;
  return values[rank == 0 ? 0 : rank - 1];
}

}  // namespace

TEST_CASE("an empty histogram is all zeros") {
  const Histogram histogram;
  CHECK(histogram.count() == 0);
  CHECK(histogram.min() == 0);
  CHECK(histogram.max() == 0);
  CHECK(histogram.mean() == 0);
  CHECK(histogram.percentile(500) == 0);
}

TEST_CASE("values below 512 are kept exactly") {
  Histogram histogram;
  for (std::uint64_t value = 0; value < 512; ++value) histogram.add(value);
  for (std::uint32_t permille = 1; permille < 1'000; ++permille) {
    CHECK(histogram.percentile(permille) == (512 * permille + 999) / 1'000 - 1);
  }
}

TEST_CASE("percentiles of large values are off by less than 0.4 percent") {
  Prng prng{7, "histogram"};
  Histogram histogram;
  std::vector<std::uint64_t> values;
  for (int i = 0; i < 20'000; ++i) {
    values.push_back(prng.next() >> prng.uniform(0, 63));
    histogram.add(values.back());
  }
  for (const std::uint32_t permille : {0U, 1U, 10U, 250U, 500U, 900U, 990U, 999U, 1'000U}) {
    const std::uint64_t exact = exact_percentile(values, permille);
    const std::uint64_t found = histogram.percentile(permille);
    const std::uint64_t error = std::max(exact, found) - std::min(exact, found);
    INFO("permille " << permille << ": " << found << " for " << exact);
    CHECK(error <= exact / 250);
  }
}

TEST_CASE("minimum, maximum, count, sum and mean are exact") {
  Histogram histogram;
  for (const std::uint64_t value : {1'000'003U, 7U, 999'999'937U}) histogram.add(value);
  CHECK(histogram.min() == 7);
  CHECK(histogram.max() == 999'999'937);
  CHECK(histogram.count() == 3);
  CHECK(decimal(histogram.sum()) == "1000999947");
  CHECK(histogram.mean() == 333'666'649);
  CHECK(histogram.percentile(0) == 7);
  CHECK(histogram.percentile(1'000) == 999'999'937);
  CHECK(histogram.percentile(999) == 999'999'937);
}

TEST_CASE("a sum does not overflow") {
  Histogram histogram;
  for (int i = 0; i < 3; ++i) histogram.add(~std::uint64_t{0});
  CHECK(decimal(histogram.sum()) == "55340232221128654845");
  CHECK(histogram.mean() == ~std::uint64_t{0});
  CHECK(histogram.percentile(500) == ~std::uint64_t{0});
}

TEST_CASE("merging is the same as adding everything to one") {
  Prng prng{3, "merge"};
  Histogram one;
  Histogram two;
  Histogram both;
  for (int i = 0; i < 5'000; ++i) {
    const std::uint64_t value = prng.uniform(1, 50'000'000);
    (i % 3 == 0 ? one : two).add(value);
    both.add(value);
  }
  one.merge(two);
  one.merge(Histogram{});
  CHECK(one.count() == both.count());
  CHECK(one.mean() == both.mean());
  CHECK(one.min() == both.min());
  CHECK(one.max() == both.max());
  for (std::uint32_t permille = 0; permille <= 1'000; permille += 50) {
    CHECK(one.percentile(permille) == both.percentile(permille));
  }
}

TEST_CASE("integers are rounded and printed as decimals without floating point") {
  CHECK(divide_rounded(7, 2) == 4);
  CHECK(divide_rounded(6, 4) == 2);
  CHECK(divide_rounded(5, 4) == 1);
  CHECK(divide_rounded(5, 0) == 0);
  CHECK(fixed_point(1'234, 1) == "123.4");
  CHECK(fixed_point(5, 3) == "0.005");
  CHECK(fixed_point(0, 1) == "0.0");
  CHECK(fixed_point(12, 0) == "12");
}

TEST_CASE("a percentile is never further from the true one than it says") {
  Prng prng{11, "quantile"};
  Histogram histogram;
  std::vector<std::uint64_t> values;
  for (int i = 0; i < 5'000; ++i) {
    values.push_back(prng.uniform(100'000'000, 900'000'000));
    histogram.add(values.back());
  }
  for (const std::uint32_t permille : {1U, 10U, 250U, 500U, 900U, 990U, 999U}) {
    const std::uint64_t exact = exact_percentile(values, permille);
    const Histogram::Quantile found = histogram.quantile(permille);
    CHECK(std::max(exact, found.value) - std::min(exact, found.value) <= found.off);
    CHECK(found.off <= found.value / 500);
  }
  CHECK(histogram.quantile(0).off == 0);
  CHECK(histogram.quantile(1'000).off == 0);
  Histogram same;
  for (int i = 0; i < 100; ++i) same.add(3'970'000);
  CHECK(same.quantile(500).off == 0);  // between the least and the greatest there is nothing else
}

TEST_CASE("a median between two groups of values is noticed, and one inside of a group is not") {
  Histogram two;
  for (std::uint64_t i = 0; i < 45; ++i) two.add(4'000'000 + i * 10'000);
  for (std::uint64_t i = 0; i < 55; ++i) two.add(1'003'000'000 + i * 10'000);
  const auto gap = two.gap_at_median();
  REQUIRE(gap.has_value());
  CHECK(gap->permille == 450);
  CHECK(gap->below >= 4'440'000);
  CHECK(gap->below < 4'460'000);
  CHECK(gap->above > 1'000'000'000);
  CHECK(gap->above <= 1'003'000'000);
  for (int i = 0; i < 60; ++i) two.add(4'000'000);  // now 105 of 160 are below
  CHECK_FALSE(two.gap_at_median().has_value());

  Prng prng{3, "waits"};
  Histogram waits;
  for (int i = 0; i < 200; ++i) waits.add(static_cast<std::uint64_t>(prng.exponential(us(100)).count()));
  CHECK_FALSE(waits.gap_at_median().has_value());
  Histogram few;
  for (const std::uint64_t value : {1'000, 1'000'000}) few.add(value);
  CHECK_FALSE(few.gap_at_median().has_value());
}
