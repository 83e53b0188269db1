// SPDX-License-Identifier: MIT
#include "traces/inspect/words.h"

#include <string>
#include <vector>

#include "tests/support/catch.h"

namespace gpusim::trace {

TEST_CASE("words: a duration is exact, in the largest unit that keeps its whole part, with a sign if asked",
          "[inspect]") {
  CHECK(exact(ps(0)) == "0 ps");
  CHECK(exact(ps(59'000)) == "59 ns");
  CHECK(exact(ps(12'345'678)) == "12.345678 us");
  CHECK(exact(ps(-1'500)) == "-1.5 ns");
  CHECK(exact(at(ms(2))) == "2 ms");
  CHECK(difference(ps(10'000)) == "+10 ns");
  CHECK(difference(ps(-10'000)) == "-10 ns");
  CHECK(difference(ps(0)) == "0");
}

TEST_CASE("words: times of a column have one unit and as many decimals as one of them needs", "[inspect]") {
  using Texts = std::vector<std::string>;
  CHECK(exact_column({300'000, 145'348'478, 0}) == Texts{"0.300000 us", "145.348478 us", "0.000000 us"});
  CHECK(exact_column({1'000'000, 5'000'000}) == Texts{"1 us", "5 us"});
  CHECK(exact_column({1'500'000, 5'000'000}) == Texts{"1.5 us", "5.0 us"});
  CHECK(exact_column({999}) == Texts{"999 ps"});
  CHECK(exact_column({1'000}) == Texts{"1 ns"});
  CHECK(exact_column({-59'000, 0, 11'741'000}, true) == Texts{"-0.059 us", "0", "+11.741 us"});
  CHECK(exact_column({SignedWide{3'600'000} * 1'000'000'000'000}) == Texts{"3600000 s"});
  CHECK(exact_column({}).empty());
}

TEST_CASE("words: counts and ordinals are English", "[inspect]") {
  CHECK(counted(1, "job") == "1 job");
  CHECK(counted(0, "job") == "0 jobs");
  CHECK(ordinal(1) == "1st");
  CHECK(ordinal(2) == "2nd");
  CHECK(ordinal(11) == "11th");
  CHECK(ordinal(23) == "23rd");
  CHECK(ordinal(112) == "112th");
}

}  // namespace gpusim::trace
