// SPDX-License-Identifier: MIT
// What the discovery of tests asks of their names. Where a name has a semicolon, the script cuts it there: ctest then
// asks for two names that no case has, which runs nothing and passes.
#include <string>

#include "tests/docs/test_names.h"
#include "tests/support/catch.h"

using namespace gpusim;

TEST_CASE("no test case has a semicolon in its name, at which ctest would cut it", "[docs]") {
  const auto names = test::test_names("tests");
  CHECK(names.size() > 1'000);
  for (const std::string& name : names) {
    if (name.find(';') != std::string::npos) FAIL_CHECK(name);
  }
}
