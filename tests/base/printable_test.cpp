// SPDX-License-Identifier: MIT
#include "base/printable.h"

#include "tests/support/catch.h"

using namespace gpusim;

TEST_CASE("printable text keeps what is UTF-8, and nothing that a terminal obeys", "[base]") {
  CHECK(printable("caf\u00e9 \u20ac \U0001f600") == "caf\u00e9 \u20ac \U0001f600");
  CHECK(printable("a\nb\tc\x1b[31m\x7f") == "a\\nb\\u0009c\\u001b[31m\\u007f");
  CHECK(printable("a\nb\tc", "\n") == "a\nb\\u0009c");
  CHECK(printable("\xc2\x9b") == "\\u009b");  // the same as ESC [ where terminals know it
}

TEST_CASE("printable text has an escape for each byte that is no UTF-8", "[base]") {
  CHECK(printable("b\xff.toml") == "b\\xff.toml");
  CHECK(printable("\x9b") == "\\x9b");
  CHECK(printable("\xc3") == "\\xc3");                    // cut off
  CHECK(printable("\xc3(") == "\\xc3(");                  // does not go on
  CHECK(printable("\xc1\xa9") == "\\xc1\\xa9");           // an i in two bytes
  CHECK(printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");  // half of a pair
  CHECK(printable("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");
}
