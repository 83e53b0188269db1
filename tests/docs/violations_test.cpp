// SPDX-License-Identifier: MIT
// docs/checks.md, "Invariant": whoever calls a thing can read in a header by which name it is violated.
#include <regex>
#include <set>
#include <string>

#include "tests/docs/repository.h"
#include "tests/support/catch.h"

namespace gpusim::test {
namespace {

/// All lines joined, comment marks taken out, so that a sentence may be broken anywhere.
[[nodiscard]] std::string joined(const std::string& file) {
  std::string text;
  for (const std::string& line : read_lines(kRepository / file)) {
    text += std::regex_replace(line, std::regex{"^ *///? ?"}, "") + ' ';
  }
  return text;
}

[[nodiscard]] bool is_of_a_room(const std::string& file) {
  return file.compare(0, 6, "tests/") != 0 && file.compare(0, 6, "bench/") != 0;
}

}  // namespace

TEST_CASE("each name that a room violates stands in a header", "[docs]") {
  const std::regex promise{"Violates ((?:(?:, | or |,? and )?\"[a-z_]+\"[^\".]*)+)"};
  const std::regex name{"\"([a-z_]+)\""};
  const std::regex use{"violate\\( *\"([a-z_]+)\""};
  std::set<std::string> promised;
  for (const std::string& file : files_below("", {".h"})) {
    if (!is_of_a_room(file)) continue;
    const std::string text = joined(file);
    for (std::sregex_iterator found{text.begin(), text.end(), promise}, end; found != end; ++found) {
      const std::string names = (*found)[1];
      for (std::sregex_iterator each{names.begin(), names.end(), name}; each != end; ++each) {
        promised.insert((*each)[1]);
      }
    }
  }
  std::size_t seen = 0;
  for (const std::string& file : files_below("", {".h", ".cpp"})) {
    if (!is_of_a_room(file)) continue;
    const std::string text = joined(file);
    for (std::sregex_iterator found{text.begin(), text.end(), use}, end; found != end; ++found, ++seen) {
      INFO(file << " violates \"" << (*found)[1] << "\", and no header says so");
      CHECK(promised.contains((*found)[1]));
    }
  }
  CHECK(seen > 40);
}

}  // namespace gpusim::test
