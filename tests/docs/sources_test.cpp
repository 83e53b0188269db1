// SPDX-License-Identifier: MIT
// Every source that a comment, a parameter or a document names is a public one of the registry in
// docs/reference/README.md, or a page of docs/reference/.
#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "sim/scenario/parameter_table.h"
#include "sim/scenario/values.h"
#include "tests/docs/markdown.h"
#include "tests/docs/repository.h"
#include "tests/docs/sources.h"
#include "tests/support/catch.h"

using namespace gpusim::test;
namespace scenario = gpusim::scenario;

namespace {

const Sources& known() {
  static const Sources sources = read_sources();
  return sources;
}

void check_none(const std::string& where, const std::vector<std::string>& wrong) {
  for (const std::string& problem : wrong) FAIL_CHECK(where << problem);
}

}  // namespace

TEST_CASE("a source that is misspelt is noticed", "[docs]") {
  REQUIRE(known().keys.count("xe") == 1);
  REQUIRE(known().keys.count("panthor") == 1);
  REQUIRE(known().keys.count("linux-6.18") == 1);
  const auto in_tag = [](char tag, const char* text) { return wrong_in_tag(known(), tag, text).size(); };
  CHECK(in_tag('S', "xe, panthor: what fits into the ring") == 0);
  CHECK(in_tag('S', "xe, pantor: what fits into the ring") == 1);
  CHECK(in_tag('S', "what fits into the ring") == 1);
  CHECK(in_tag('C', "half of a round trip") == 1);
  CHECK(in_tag('E', "half of a round trip") == 0);
  CHECK(in_tag('E', "xee: half of a round trip") == 1);
  CHECK(in_tag('S', "xe: a default (xe_hw_engine.c)") == 0);
  CHECK(in_tag('S', "xe: a default (xe_hw_engines.c)") == 1);
  const auto in_text = [](const char* text) { return wrong_in_text(known(), "os/context.h", text).size(); };
  CHECK(in_text("as in docs/reference/firmware.md, \"Reset ladder\"") == 0);
  CHECK(in_text("as in docs/reference/firmware.md, \"Reset leader\"") == 1);
  CHECK(in_text("as in reference/firmwares.md 9.8") == 1);
  CHECK(in_text("fixed by 2fdb8a8f07c2 in Linux 6.18") == 0);
  CHECK(in_text("fixed by 2fdb8a8f07c3") == 1);
  CHECK(in_text("as in Linux 6.81") == 1);
  CHECK(wrong_in_cell(known(), "`xe` xe_guc_ct.c").empty());
  CHECK(wrong_in_cell(known(), "`guc` xe_guc_ct.c").size() == 1);
  CHECK(wrong_in_cell(known(), "xe_guc_ct.c").size() == 1);
}

TEST_CASE("every default with a tag names its source", "[docs]") {
  std::size_t seen = 0;
  for (const auto table : {scenario::parameters(), scenario::client_parameters()}) {
    for (const scenario::Parameter& row : table) {
      if (row.source.empty()) continue;
      ++seen;
      check_none(std::string{row.path} + ": ", wrong_in_tag(known(), row.tag, row.source));
    }
  }
  CHECK(seen >= 50);
}

TEST_CASE("every value with a tag in configs/ names its source", "[docs]") {
  static const std::regex kTagged{R"re(tag = "(.)", src = "([^"]*)")re"};
  std::size_t seen = 0;
  for (const std::string& file : files_below("configs", {".toml"})) {
    for (const std::string& line : read_lines(kRepository / file)) {
      std::smatch match;
      if (!std::regex_search(line, match, kTagged)) continue;
      ++seen;
      check_none(file + ": ", wrong_in_tag(known(), match.str(1).front(), match.str(2)));
    }
  }
  CHECK(seen >= 80);
}

TEST_CASE("every comment and every document names sources that exist", "[docs]") {
  std::vector<std::string> files = files_below("", {".h", ".cpp", ".def", ".toml", ".wsim", ".cmake", ".txt", ".sh"});
  const std::vector<std::string> pages = documents();
  files.insert(files.end(), pages.begin(), pages.end());
  files.insert(files.end(), "dev");
  for (const std::string& file : files) {
    // The examples of what is wrong.
    if (file == "tests/docs/sources_test.cpp") continue;
    for (const Block& block : blocks_of(file)) check_none(block.where, wrong_in_text(known(), file, block.text));
  }
}

TEST_CASE("every fact of docs/reference/ names its source", "[docs]") {
  std::size_t facts = 0;
  for (const std::string& file : files_below("docs/reference", {".md"})) {
    bool inside = false;
    for (const std::string& line : read_lines(kRepository / file)) {
      const std::vector<std::string> cells = cells_of(line);
      if (cells.empty()) {
        inside = false;
      } else if (cells.back() == "source") {
        inside = true;
      } else if (inside && cells.back().find("---") == std::string::npos) {
        ++facts;
        INFO(line);
        check_none(file + ": ", wrong_in_cell(known(), cells.back()));
      }
    }
  }
  CHECK(facts >= 100);
}

TEST_CASE("docs/reference/latency.md has the defaults that are used, and every duration that is no estimate",
          "[docs]") {
  std::set<std::string> listed;
  for (const std::string& line : read_lines(kRepository / "docs/reference/latency.md")) {
    const std::vector<std::string> cells = cells_of(line);
    if (cells.size() != 5 || cells[1].size() < 3 || cells[1].front() != '`') continue;
    const std::string path = cells[1].substr(1, cells[1].size() - 2);
    INFO(line);
    const auto table = scenario::parameters();
    const auto row = std::find_if(table.begin(), table.end(), [&](const auto& one) { return one.path == path; });
    REQUIRE(row != table.end());
    CHECK(cells[2] == scenario::value_text(*row, row->fallback));
    listed.insert(path);
  }
  for (const scenario::Parameter& row : scenario::parameters()) {
    const bool is_fact = row.tag != 'E' && row.tag != 'U';
    if (!row.has_unit() || !is_fact) continue;
    INFO(row.path);
    CHECK(listed.count(std::string{row.path}) == 1);
  }
  CHECK(listed.size() >= 20);
}

TEST_CASE("every link to a section of a document leads to it", "[docs]") {
  static const std::regex kLink{R"(\]\(([^)#:]*)#([^)]+)\))"};
  for (const std::string& file : documents()) {
    const std::filesystem::path folder = std::filesystem::path{file}.parent_path();
    for (const std::string& line : read_lines(kRepository / file)) {
      for (std::sregex_iterator match{line.begin(), line.end(), kLink}; match != std::sregex_iterator{}; ++match) {
        const std::string page = (*match)[1];
        const std::string target = page.empty() ? file : (folder / page).lexically_normal().generic_string();
        INFO(file << ": " << match->str());
        const auto headings = known().headings.find(target);
        REQUIRE(headings != known().headings.end());
        const auto leads = [&](const std::string& heading) { return anchor_of(heading) == (*match)[2]; };
        CHECK(std::any_of(headings->second.begin(), headings->second.end(), leads));
      }
    }
  }
}
