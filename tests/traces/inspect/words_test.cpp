// SPDX-License-Identifier: MIT
#include "traces/inspect/words.h"

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
