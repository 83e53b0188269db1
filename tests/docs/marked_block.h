// SPDX-License-Identifier: MIT
// Generated parts of documents, between `<!-- NAME: begin -->` and `<!-- NAME: end -->`. With GPUSIM_UPDATE=1 in the
// environment they are written anew instead of compared.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/docs/repository.h"
#include "tests/support/catch.h"

namespace gpusim::test {

/// The lines of the block `name` of `document`; none if it has no such block.
[[nodiscard]] inline std::vector<std::string> lines_of_block(const std::string& document, const std::string& name) {
  std::vector<std::string> lines;
  bool inside = false;
  for (const std::string& line : read_lines(kRepository / document)) {
    if (line == "<!-- " + name + ": end -->") inside = false;
    if (inside) lines.push_back(line);
    if (line == "<!-- " + name + ": begin -->") inside = true;
  }
  return lines;
}

/// Checks that the block `name` of `document` (a path from the repository's root) is `wanted`, whole lines.
inline void check_marked_block(const std::string& document, const std::string& name, const std::string& wanted) {
  const std::filesystem::path path = kRepository / document;
  std::ifstream file{path, std::ios::binary};
  std::ostringstream read;
  read << file.rdbuf();
  const std::string text = read.str();
  const std::string begin = "<!-- " + name + ": begin -->\n";
  const std::string end = "<!-- " + name + ": end -->\n";
  INFO(document << " has no block " << name);
  const std::size_t from = text.find(begin);
  REQUIRE(from != std::string::npos);
  const std::size_t start = from + begin.size();
  const std::size_t stop = text.find(end, start);
  REQUIRE(stop != std::string::npos);
  if (std::getenv("GPUSIM_UPDATE") != nullptr) {
    std::ofstream{path, std::ios::binary} << text.substr(0, start) << wanted << text.substr(stop);
    return;
  }
  INFO("block " << name << " of " << document
                << " is out of date; run this test once with GPUSIM_UPDATE=1 and look at the diff");
  CHECK((text.substr(start, stop - start) == wanted));
}

}  // namespace gpusim::test
