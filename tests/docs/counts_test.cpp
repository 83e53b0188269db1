// SPDX-License-Identifier: MIT
// What is computed from instruction counts is what its source text says: so many instructions at so many per ns, and
// docs/reference/latency.md knows the count.
#include <cstdint>
#include <regex>
#include <string>
#include <vector>

#include "base/read_file.h"
#include "sim/scenario/parameter_table.h"
#include "tests/docs/repository.h"
#include "tests/support/catch.h"

using namespace gpusim;
using namespace gpusim::test;

namespace {

[[nodiscard]] std::string without_commas(std::string text) {
  std::erase(text, ',');
  return text;
}

/// Rounded to whole nanoseconds. 0: the text does not say.
[[nodiscard]] std::int64_t nanoseconds_of(const std::string& source) {
  static const std::regex kCount{R"(guest-counts: ([\d,]+) instructions in Linux \d+\.\d+ at (\d+) per ns\b.*)"};
  std::smatch match;
  if (!std::regex_match(source, match, kCount)) return 0;
  const std::int64_t count = std::stoll(without_commas(match[1]));
  const std::int64_t rate = std::stoll(match[2]);
  return (2 * count + rate) / (2 * rate);
}

}  // namespace

TEST_CASE("a count of instructions is a duration by its rate", "[docs]") {
  CHECK(nanoseconds_of("guest-counts: 2,997 instructions in Linux 7.3 at 3 per ns, of a push") == 999);
  CHECK(nanoseconds_of("guest-counts: 70 instructions in Linux 7.3 at 3 per ns") == 23);
  CHECK(nanoseconds_of("guest-counts: 71 instructions in Linux 7.3 at 2 per ns") == 36);
  CHECK(nanoseconds_of("guest-counts: some instructions in Linux 7.3 at 3 per ns") == 0);
  CHECK(nanoseconds_of("guest-counts: 70 instructions in Linux 7.3") == 0);
}

TEST_CASE("every default from counts of instructions is its count at the stated rate", "[docs]") {
  std::size_t seen = 0;
  for (const scenario::Parameter& row : scenario::parameters()) {
    if (row.tag != 'C' || !row.source.starts_with("guest-counts:")) continue;
    INFO(row.path << ": " << row.source);
    CHECK(row.fallback.number == ns(nanoseconds_of(std::string{row.source})).count());
    CHECK(row.source.find("in Linux 7.3 at 3 per ns") != std::string::npos);
    ++seen;
  }
  CHECK(seen >= 14);
}

TEST_CASE("every value of a preset from counts of instructions is its count at the stated rate", "[docs]") {
  static const std::regex kValue{R"re((\w+)_ns = \{ v = ([\d_]+), tag = "C", src = "(guest-counts: [^"]*)" \})re"};
  std::size_t seen = 0;
  for (const std::string& file : files_below("configs", {".toml"})) {
    for (const std::string& line : read_lines(kRepository / file)) {
      if (line.find("tag = \"C\", src = \"guest-counts:") == std::string::npos) continue;
      INFO(file << ": " << line);
      std::smatch match;
      REQUIRE(std::regex_match(line, match, kValue));
      CHECK(std::stoll(match[2]) == nanoseconds_of(match[3]));
      ++seen;
    }
  }
  CHECK(seen >= 18);
}
