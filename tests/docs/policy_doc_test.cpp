// SPDX-License-Identifier: MIT
// docs/policy.md shows the policy that tests of the firmware and of the core run.
#include <string>

#include "base/read_file.h"
#include "tests/docs/marked_block.h"
#include "tests/docs/repository.h"
#include "tests/support/catch.h"

using namespace gpusim;

TEST_CASE("docs/policy.md shows the policy that is compiled and run", "[docs]") {
  const auto text = read_file(test::kRepository / "tests/firmware/example/fifo.h");
  REQUIRE(text);
  test::check_marked_block("docs/policy.md", "example", "```cpp\n" + *text + "```\n");
}

TEST_CASE("the policy of docs/policy.md, and each that is new in kind, has at most 150 lines", "[docs]") {
  for (const char* file :
       {"tests/firmware/example/fifo.h", "firmware/runlist/tick_rotation.h", "firmware/runlist/list_walk.h"}) {
    CAPTURE(file);
    CHECK(test::read_lines(test::kRepository / file).size() <= 150);
  }
}
