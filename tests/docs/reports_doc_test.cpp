// SPDX-License-Identifier: MIT
// docs/reports.md is what the scenarios of configs/reports/ say at their top, and a figure of a verdict is one that its
// scenario expects. That it gives what it expects is tests/sim/app/report_scenarios_test.cpp.
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/docs/marked_block.h"
#include "tests/docs/repository.h"
#include "tests/support/catch.h"

using namespace gpusim::test;

namespace {

/// What stands at the top of a scenario of a report.
struct Head {
  std::string link;
  std::string said;
  std::string verdict;
  std::string expectations;  ///< the table [expect], as it stands
};

/// The text that follows `word` in the comment, up to the next one that begins a line.
std::string after(const std::vector<std::string>& comment, const std::string& word) {
  static const std::regex kBegins{"(Said|Modelled|Not modelled|Broken|Mended): .*"};
  std::string text;
  bool inside = false;
  for (const std::string& line : comment) {
    if (std::regex_match(line, kBegins)) inside = line.starts_with(word + ": ");
    if (!inside) continue;
    text += text.empty() ? line.substr(word.size() + 2) : " " + line;
  }
  return text;
}

Head read_head(const std::string& file, const std::string& verdict) {
  Head head;
  std::vector<std::string> comment;
  bool at_top = true;
  bool expects = false;
  for (const std::string& line : read_lines(kRepository / file)) {
    at_top = at_top && line.starts_with("# ");
    if (at_top) comment.push_back(line.substr(2));
    if (expects) head.expectations += line + "\n";
    expects = expects || line == "[expect]";
  }
  if (!comment.empty()) head.link = comment.front();
  head.said = after(comment, "Said");
  head.verdict = after(comment, verdict);
  return head;
}

struct Report {
  Head broken;
  Head mended;
};

/// By name, as in NAME_broken.toml.
const std::map<std::string, Report>& reports() {
  static const std::map<std::string, Report> all = [] {
    std::map<std::string, Report> found;
    static const std::regex kFile{"configs/reports/(.*)_broken.toml"};
    for (const std::string& file : files_below("configs/reports", {".toml"})) {
      std::smatch match;
      if (!std::regex_match(file, match, kFile)) continue;
      const std::string mended = "configs/reports/" + match.str(1) + "_mended.toml";
      found[match.str(1)] = {read_head(file, "Broken"), read_head(mended, "Mended")};
    }
    return found;
  }();
  return all;
}

/// Numbers of a verdict that its scenario does not expect; with their unit, if they have one.
std::vector<std::string> unexpected(const Head& head) {
  static const std::regex kNumber{R"((^|[\s(])(\d+(\.\d+)?( (ns|us|ms|s|%)(?!\w))?))"};
  std::set<std::string> expected;
  static const std::regex kExpected{R"re(\w = "?(== )?(\d+(\.\d+)?( (ns|us|ms|s|%))?)"?\n)re"};
  const std::sregex_iterator end;
  for (std::sregex_iterator at{head.expectations.begin(), head.expectations.end(), kExpected}; at != end; ++at) {
    expected.insert((*at)[2]);
  }
  std::vector<std::string> missing;
  for (std::sregex_iterator at{head.verdict.begin(), head.verdict.end(), kNumber}; at != end; ++at) {
    if (!expected.contains((*at)[2])) missing.push_back((*at)[2]);
  }
  return missing;
}

}  // namespace

TEST_CASE("a figure of a report's verdict that the scenario does not expect is noticed", "[docs]") {
  Head head;
  head.verdict = "after 5.12 s the device is reset, and 3 of 16 jobs fail, 99 % of them";
  head.expectations = "jobs_failed = 3\nclient.a.max_wait = \"== 5.12 s\"\n";
  CHECK(unexpected(head) == std::vector<std::string>{"16", "99 %"});
  head.expectations = "jobs_failed = 16\nclient.a.max_wait = \"<= 5.12 s\"\nengine.rcs0.busy = \"== 99 %\"\n";
  CHECK(unexpected(head) == std::vector<std::string>{"5.12 s", "3"});
}

TEST_CASE("a scenario of a report has the link, what was said, and a verdict with figures that it expects", "[docs]") {
  static const std::regex kLink{"https://[\\w./-]+"};
  for (const auto& [name, report] : reports()) {
    CAPTURE(name);
    CHECK(std::regex_match(report.broken.link, kLink));
    CHECK(report.broken.link == report.mended.link);
    CHECK_FALSE(report.broken.said.empty());
    CHECK(report.broken.said == report.mended.said);
    for (const Head* head : {&report.broken, &report.mended}) {
      CHECK_FALSE(head->verdict.empty());
      for (const std::string& figure : unexpected(*head)) FAIL_CHECK(figure << " in: " << head->verdict);
    }
  }
}

TEST_CASE("docs/reports.md lists the reports, and what the two scenarios of each show", "[docs]") {
  std::ostringstream out;
  out << "| report | what it said | as it was | mended |\n|---|---|---|---|\n";
  for (const auto& [name, report] : reports()) {
    const auto sentence = [](std::string text) {
      if (!text.empty() && text.front() >= 'a' && text.front() <= 'z') text.front() -= 'a' - 'A';
      return text;
    };
    out << "| [`" << name << "`](" << report.broken.link << ") | " << sentence(report.broken.said) << " | "
        << sentence(report.broken.verdict) << " | " << sentence(report.mended.verdict) << " |\n";
  }
  check_marked_block("docs/reports.md", "reports", out.str());
}
