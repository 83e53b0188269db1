// SPDX-License-Identifier: MIT
#include "sim/app/moment.h"

#include "tests/support/catch.h"

using namespace gpusim;
using app::read_moment;

TEST_CASE("a moment is a decimal number with a unit of time, to the picosecond", "[inspect]") {
  CHECK(read_moment("1.234ms") == at(us(1'234)));
  CHECK(read_moment("1.234 ms") == at(us(1'234)));
  CHECK(read_moment("0us") == at(ps(0)));
  CHECK(read_moment("12.345678us") == at(ps(12'345'678)));
  CHECK(read_moment("3s") == at(ms(3'000)));
  CHECK(read_moment("17ps") == at(ps(17)));
}

TEST_CASE("what is no moment is refused", "[inspect]") {
  for (const char* text : {"", "5", "ms", ".5ms", "5.ms", "1.2.3ms", "-1ms", "1e3ms", "1  ms", "1min", "1.5ps",
                           "1.0001ns", "99999999999999999999s", "5000000s"}) {
    INFO(text);
    CHECK_FALSE(read_moment(text));
  }
}
