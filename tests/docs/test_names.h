// SPDX-License-Identifier: MIT
// The names of test cases, as the documents and ctest know them.
#pragma once

#include <regex>
#include <set>
#include <string>

#include "tests/docs/repository.h"

namespace gpusim::test {

/// Of all test cases below a folder. One that is broken over lines is one again.
[[nodiscard]] inline std::set<std::string> test_names(const std::string& folder) {
  static const std::regex kJoined{R"("\s*\n\s*")"};
  static const std::regex kCase{R"(TEST_CASE\(\s*"([^"]*)\")"};
  std::set<std::string> names;
  for (const std::string& file : files_below(folder, {".cpp"})) {
    std::string text;
    for (const std::string& line : read_lines(kRepository / file)) text += line + "\n";
    text = std::regex_replace(text, kJoined, "");
    for (std::sregex_iterator it{text.begin(), text.end(), kCase}, end; it != end; ++it) names.insert((*it)[1]);
  }
  return names;
}

}  // namespace gpusim::test
