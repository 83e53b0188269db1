// SPDX-License-Identifier: MIT
// docs/questions.md: each of its commands runs, in a folder in which there is nothing.
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>

#include "tests/support/catch.h"
#include "tests/support/program.h"

using namespace gpusim::test;

TEST_CASE("each command of the page of questions runs in an empty folder", "[questions]") {
  const Folder folder;
  const std::string path = std::filesystem::path{GPUSIM_PROGRAM}.parent_path().string();
  std::istringstream page{slurp(GPUSIM_SOURCE_DIR "/docs/questions.md")};
  std::size_t commands = 0;
  bool is_code = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("```")) {
      is_code = !is_code;
    } else if (is_code) {
      CAPTURE(line);
      REQUIRE(line.starts_with("gpusim "));
      const std::string shell =
          "cd '" + folder.text() + "' && PATH='" + path + "':\"$PATH\" && " + line + " > out 2>&1";
      CHECK(std::system(shell.c_str()) == 0);
      ++commands;
    }
  }
  CHECK(commands >= 25);
}
