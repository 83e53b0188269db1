// SPDX-License-Identifier: MIT
// Figures in the prose of a page are those of the tables that an experiment wrote. A page that wants to be held to that
// has a table `| figure | table | part | row | column |`, in sight or in a comment: what is said, and the cell that it
// stands in. Then the page may say no number with a unit, and no number of jobs, locks and the like, that is not in it.
// In place of a block of docs/results/, `table` may be `set` (a line of the file in `part`), `test` (the name in `part`
// is a test case's, and says it), or `theory` (computed beforehand, not compared).
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tests/docs/markdown.h"
#include "tests/docs/marked_block.h"
#include "tests/docs/repository.h"
#include "tests/docs/sources.h"
#include "tests/docs/test_names.h"
#include "tests/support/catch.h"

using namespace gpusim::test;

namespace {

using Row = std::vector<std::string>;

constexpr const char* kHeader = "| figure | table | part | row | column |";

[[nodiscard]] bool is_row(const std::string& line) { return line.starts_with("| "); }

struct Number {
  double value = 0;
  int decimals = 0;
  std::string unit;
};

[[nodiscard]] std::optional<Number> number_in(const std::string& text, const std::string& pattern) {
  std::smatch match;
  if (!std::regex_search(text, match, std::regex{pattern + R"((\d+(?:\.(\d+))?) ?(ns|us|ms|s|%|/s)?)"})) return {};
  return Number{std::strtod(match[1].str().c_str(), nullptr), static_cast<int>(match[2].length()), match[3]};
}

/// In one unit for all of its kind.
[[nodiscard]] double scale_of(const std::string& unit) {
  static const std::map<std::string, double> kScales{{"ns", 1e-3}, {"us", 1}, {"ms", 1e3}, {"s", 1e6}};
  const auto found = kScales.find(unit);
  return found == kScales.end() ? 1 : found->second;
}
[[nodiscard]] bool is_time(const std::string& unit) { return scale_of(unit) != 1 || unit == "us"; }

/// Whether `said` is what stands in a cell, in as many digits as are said and without its sign. A percentage of a
/// figure that is none is the one in its parentheses.
[[nodiscard]] bool says(const std::string& said, const std::string& cell) {
  const std::optional<Number> left = number_in(said, "^");
  std::optional<Number> right = number_in(cell, "^[+-]?");
  if (left && right && left->unit == "%" && right->unit != "%") right = number_in(cell, R"(\([+-]?)");
  if (!left || !right || (left->unit != right->unit && !(is_time(left->unit) && is_time(right->unit)))) return false;
  const double value = right->value * scale_of(right->unit) / scale_of(left->unit);
  return std::abs(value - left->value) <= 0.5 * std::pow(10, -left->decimals) + 1e-9;
}

/// The cell of a block of a results page; nothing if there is none.
[[nodiscard]] std::optional<std::string> find_cell(const Row& figure) {
  const std::string page = "docs/results/" + figure[1].substr(0, figure[1].find('_')) + ".md";
  const Row keys = cells_of("|" + std::regex_replace(figure[3], std::regex{" / "}, "|") + "|");
  bool in_part = false;
  Row columns;
  for (const std::string& line : lines_of_block(page, figure[1])) {
    if (line.starts_with("### ")) {
      in_part = line == "### " + figure[2];
      columns.clear();
    }
    if (!in_part || !is_row(line)) continue;
    const Row cells = cells_of(line);
    if (columns.empty()) {
      columns = cells;
      continue;
    }
    const auto column = std::find(columns.begin(), columns.end(), figure[4]);
    if (column == columns.end() || !std::equal(keys.begin(), keys.end(), cells.begin())) continue;
    return cells.at(static_cast<std::size_t>(column - columns.begin()));
  }
  return std::nullopt;
}

[[nodiscard]] bool stands_in_file(const Row& figure) {
  for (const std::string& line : read_lines(kRepository / figure[2])) {
    if (line == figure[3]) return true;
  }
  return false;
}

/// Whether there is such a test case, and its name has the figure as a word.
[[nodiscard]] bool is_counted_by_test(const Row& figure) {
  static const std::set<std::string> kNames = test_names("tests");
  return kNames.contains(figure[2]) && (" " + figure[2]).find(" " + figure[0] + " ") != std::string::npos;
}

struct Page {
  std::string prose;  ///< without tables that were generated, and that of figures
  std::vector<Row> figures;
};

[[nodiscard]] Page read_page(const std::string& file) {
  static const std::regex kMark{"<!-- (\\w+): (begin|end) -->"};
  Page page;
  bool generated = false;
  bool figures = false;
  for (const std::string& line : read_lines(kRepository / file)) {
    std::smatch mark;
    if (std::regex_match(line, mark, kMark)) generated = mark[2] == "begin";
    if (line == kHeader) figures = true;
    if (!is_row(line) && !line.starts_with("|---")) figures = false;
    if (generated) continue;
    if (!figures) page.prose += line + " ";
    if (figures && is_row(line) && line != kHeader) page.figures.push_back(cells_of(line));
  }
  return page;
}

}  // namespace

TEST_CASE("a figure is what stands in a cell, rounded to what is said of it", "[docs]") {
  CHECK(says("41 us", "41.4 us ± 14.2 us"));
  CHECK(says("41 us", "-41.4 us ± 14.2 us (-3.1%) *"));
  CHECK(says("3.1 %", "-41.4 us ± 14.2 us (-3.1%) *"));
  CHECK(says("1.146 s", "1145907.778 us ± 11.372 us"));
  CHECK(says("0.4 ms", "402.1 us"));
  CHECK(says("99 %", "99.4% ± 0.1%"));
  CHECK(says("2.87", "2.873 ± 0.01"));
  CHECK_FALSE(says("42 us", "41.4 us"));
  CHECK_FALSE(says("41.3 us", "41.4 us"));
  CHECK_FALSE(says("41", "41.4 us"));
  CHECK_FALSE(says("3 %", "41.4 us"));
  CHECK_FALSE(says("41 us", "-"));
}

TEST_CASE("figures that pages say of experiments stand in their tables", "[docs]") {
  static const std::regex kFigure{R"((^|[^\w.])(\d+(\.\d+)? (ns|us|ms|s|%))(?!\w))"};
  static const std::regex kCount{
      R"((^|[^\w.])(\d+(\.\d+)?) (jobs|steps|spinlocks|locks|mutexes|wake-ups|passes|queues|clients)(?!\w))"};
  std::size_t seen = 0;
  for (const std::string& file : documents()) {
    const Page page = read_page(file);
    if (page.figures.empty()) continue;
    ++seen;
    std::set<std::string> known;
    for (const Row& figure : page.figures) {
      INFO(file << ": " << figure.front());
      REQUIRE(figure.size() == 5);
      known.insert(figure[0]);
      CHECK(page.prose.find(figure[0]) != std::string::npos);
      if (figure[1] == "theory") continue;
      INFO(figure[1] << ", " << figure[2] << ", " << figure[3] << ", " << figure[4]);
      if (figure[1] == "set") {
        CHECK(stands_in_file(figure));
        continue;
      }
      if (figure[1] == "test") {
        CHECK(is_counted_by_test(figure));
        continue;
      }
      const std::optional<std::string> cell = find_cell(figure);
      INFO("there: " << cell.value_or("no such cell"));
      CHECK((cell && says(figure[0], *cell)));
    }
    for (const std::regex* said : {&kFigure, &kCount}) {
      for (std::sregex_iterator at{page.prose.begin(), page.prose.end(), *said}; at != std::sregex_iterator{}; ++at) {
        INFO(file << " says " << (*at)[2] << ", which its table of figures does not have");
        CHECK(known.contains((*at)[2]));
      }
    }
  }
  CHECK(seen >= 1);
}
