// SPDX-License-Identifier: MIT
// docs/plug-in.md shows the files of tests/plug_in/example/, which tests/plug_in/out_of_tree.sh builds and runs.
#include <string>

#include "base/read_file.h"
#include "tests/docs/marked_block.h"
#include "tests/docs/repository.h"
#include "tests/support/catch.h"

using namespace gpusim;

TEST_CASE("docs/plug-in.md shows the examples that are built and run", "[docs]") {
  const std::string page = "docs/plug-in.md";
  const auto check = [&](const std::string& block, const std::string& language, const std::string& file) {
    const auto text = read_file(test::kRepository / "tests/plug_in/example" / file);
    REQUIRE(text);
    test::check_marked_block(page, block, "```" + language + "\n" + *text + "```\n");
  };
  check("project", "cmake", "CMakeLists.txt");
  check("scenario", "toml", "scenario.toml");
  check("engine", "cpp", "slow_engine.cpp");
  check("memory", "cpp", "slow_memory.cpp");
}

TEST_CASE("the engine of docs/plug-in.md has at most 100 lines", "[docs]") {
  CHECK(test::read_lines(test::kRepository / "tests/plug_in/example/slow_engine.cpp").size() <= 100);
}
