// SPDX-License-Identifier: MIT
#include "base/time.h"

#include <limits>

#include "tests/support/catch.h"

using namespace gpusim;

TEST_CASE("a duration as text is rounded to its third decimal, and goes on in the next unit") {
  CHECK(format_duration(ps(0)) == "0 ps");
  CHECK(format_duration(ps(999)) == "999 ps");
  CHECK(format_duration(ps(1'234)) == "1.234 ns");
  CHECK(format_duration(ps(731'903'499)) == "731.903 us");
  CHECK(format_duration(ps(731'903'500)) == "731.904 us");
  CHECK(format_duration(ps(-731'903'500)) == "-731.904 us");
  CHECK(format_duration(ps(999'999'499)) == "999.999 us");
  CHECK(format_duration(ps(999'999'500)) == "1.000 ms");
  CHECK(format_duration(ps(999'999'999'999)) == "1.000 s");
  CHECK(format_duration(ps(std::numeric_limits<std::int64_t>::max())) == "9223372.037 s");
  CHECK(format_duration(ps(std::numeric_limits<std::int64_t>::min())) == "-9223372.037 s");
}
