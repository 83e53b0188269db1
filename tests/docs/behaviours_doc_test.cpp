// SPDX-License-Identifier: MIT
// docs/behaviours.md names tests that exist, or says what is missing; and each test of a behaviour stands in its row.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/docs/markdown.h"
#include "tests/docs/repository.h"
#include "tests/docs/sources.h"
#include "tests/docs/test_names.h"
#include "tests/support/catch.h"

using namespace gpusim::test;

namespace {

constexpr const char* kBehavioursPage = "docs/behaviours.md";
constexpr std::size_t kBehaviours = 18;

struct Behaviour {
  std::string result;
  std::vector<std::string> tests;
  std::string missing;
};

std::vector<std::string> tests_in(const std::string& cell) {
  static const std::string kBreak = "<br>";
  std::vector<std::string> names;
  if (cell == "-") return names;
  std::size_t begin = 0;
  for (std::size_t end = cell.find(kBreak); end != std::string::npos; end = cell.find(kBreak, begin)) {
    names.push_back(cell.substr(begin, end - begin));
    begin = end + kBreak.size();
  }
  names.push_back(cell.substr(begin));
  return names;
}

/// By number.
std::map<std::string, Behaviour> behaviours() {
  std::map<std::string, Behaviour> rows;
  for (const std::string& line : read_lines(kRepository / kBehavioursPage)) {
    const std::vector<std::string> cells = cells_of(line);
    if (cells.size() != 5 || cells[0].find_first_not_of("0123456789") != std::string::npos || cells[0].empty())
      continue;
    rows[cells[0]] = {cells[2], tests_in(cells[3]), cells[4]};
  }
  return rows;
}

}  // namespace

TEST_CASE(
    "docs/behaviours.md has a row for each behaviour, with a result and tests that exist, or with what is missing",
    "[docs]") {
  const std::map<std::string, Behaviour> rows = behaviours();
  const std::set<std::string> names = test_names("tests");
  CHECK(rows.size() == kBehaviours);
  for (std::size_t number = 1; number <= kBehaviours; ++number) {
    CAPTURE(number);
    REQUIRE(rows.contains(std::to_string(number)));
    const Behaviour& row = rows.at(std::to_string(number));
    CHECK((row.result == "-") == row.tests.empty());
    CHECK((row.missing != "-" || !row.tests.empty()));
    for (const std::string& test : row.tests) {
      INFO("no such test: " << test);
      CHECK(names.contains(test));
    }
  }
}

TEST_CASE("docs/behaviours.md names each test of a behaviour in its row", "[docs]") {
  const std::map<std::string, Behaviour> rows = behaviours();
  const std::string kBegin = "behaviour ";
  std::size_t seen = 0;
  for (const std::string& name : test_names("tests/machine")) {
    if (!name.starts_with(kBegin)) continue;
    CAPTURE(name);
    ++seen;
    const std::string number = name.substr(kBegin.size(), name.find(':') - kBegin.size());
    REQUIRE(rows.contains(number));
    const std::vector<std::string>& tests = rows.at(number).tests;
    CHECK(std::find(tests.begin(), tests.end(), name) != tests.end());
  }
  CHECK(seen >= 10);
}
