// SPDX-License-Identifier: MIT
// docs/museum.md and the history in docs/reference/drm_sched.md are tests/mutants/museum.def and bugs.def in words, and
// the figures are those of the bugs that are named there.
#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/docs/marked_block.h"
#include "tests/docs/sources.h"
#include "tests/mutants/museum.h"
#include "tests/support/catch.h"

using namespace gpusim;
using namespace gpusim::test;

namespace {

constexpr const char* kMuseum = "docs/museum.md";
constexpr const char* kHistory = "docs/reference/drm_sched.md";

/// The registry: where a key's source can be read; empty if that is no address.
const std::map<std::string, std::string>& addresses() {
  static const std::map<std::string, std::string> known = [] {
    std::map<std::string, std::string> found;
    for (const std::string& line : read_lines(kRepository / "docs/reference/README.md")) {
      const std::vector<std::string> cells = cells_of(line);
      if (cells.size() != 3 || cells[0].size() < 3 || cells[0].front() != '`') continue;
      const bool is_address = cells[2].starts_with("https://");
      found[cells[0].substr(1, cells[0].size() - 2)] = is_address ? cells[2].substr(0, cells[2].find(' ')) : "";
    }
    return found;
  }();
  return known;
}

std::vector<std::string> parts_of(std::string_view text) {
  std::vector<std::string> parts;
  std::istringstream in{std::string{text}};
  for (std::string part; std::getline(in, part, ',');) parts.push_back(part.substr(part.find_first_not_of(' ')));
  return parts;
}

std::string links_of(std::string_view keys) {
  std::string links;
  for (const std::string& key : parts_of(keys)) {
    const std::string& address = addresses().at(key);
    links += (links.empty() ? "" : ", ") + ("[" + key + "](") +
             (address.empty() ? "reference/README.md#registry-of-public-sources" : address) + ")";
  }
  return links;
}

std::string keys_of(std::string_view keys) {
  std::string quoted;
  for (const std::string& key : parts_of(keys)) quoted += (quoted.empty() ? "`" : ", `") + key + "`";
  return quoted;
}

/// Where a bug is looked for, and what speaks there.
std::string place_of(const Bug& bug) {
  const Exploration& explore = bug.found.explore;
  if (explore.scenario.empty()) return bug.found.script ? "a script" : "a test";
  std::string place{explore.scenario};
  if (!explore.changed.empty()) place += ", " + std::string{explore.changed};
  return place;
}

std::string finder_of(const Bug& bug) {
  const Exploration& explore = bug.found.explore;
  if (!explore.harmless.empty()) return "no oracle: " + std::string{explore.harmless};
  if (!explore.scenario.empty()) return "`" + std::string{explore.oracle} + "`";
  if (!bug.found.script) return std::string{unit_case(bug)};
  const auto& script = *bug.found.script;
  return (script.oracle.empty() ? "`" + std::string{script.events} + "` events differ"
                                : "`" + std::string{script.oracle} + "`") +
         ", and no oracle speaks: " + std::string{explore.unseen};
}

void check_wing(Wing wing, const char* block) {
  std::ostringstream out;
  out << "| | what was wrong | mended | source | planted bug | looked for in | found by "
         "|\n|---|---|---|---|---|---|---|\n";
  for (const Exhibit& exhibit : exhibits()) {
    if (exhibit.wing != wing) continue;
    std::string names;
    std::string places;
    std::string finders;
    for (const std::optional<Mutation>& planted : exhibit.planted) {
      if (!planted) continue;
      const Bug& shown = bug(*planted);
      const char* const then = names.empty() ? "" : "; ";
      names += then + ("`" + std::string{shown.name} + "`");
      places += then + place_of(shown);
      finders += then + finder_of(shown);
    }
    if (names.empty()) finders = exhibit.absent;
    out << "| " << exhibit.number << " | " << exhibit.what << " | " << exhibit.mended << " | "
        << links_of(exhibit.sources) << " | " << (names.empty() ? "-" : names) << " | "
        << (places.empty() ? "-" : places) << " | " << finders << " |\n";
  }
  check_marked_block(kMuseum, block, out.str());
}

/// The rule that forgives or forbids a mistake; null if none does.
const Rule* rule_of(const Transplant& transplant) {
  const std::span<const Rule> rules = drm_dep_rules();
  const auto rule =
      std::find_if(rules.begin(), rules.end(), [&](const Rule& one) { return one.text == transplant.rule; });
  return rule == rules.end() ? nullptr : &*rule;
}

/// The rows between the marks, as cells; without the two of the head.
std::vector<std::vector<std::string>> rows_of_block(const char* block) {
  std::vector<std::vector<std::string>> rows;
  for (const std::string& line : lines_of_block(kMuseum, block)) rows.push_back(cells_of(line));
  if (rows.size() >= 2) rows.erase(rows.begin(), rows.begin() + 2);
  return rows;
}

}  // namespace

TEST_CASE("the museum's exhibits are numbered, and each has sources of the registry and a bug or the reason why not",
          "[docs]") {
  std::size_t number = 0;
  for (const Exhibit& exhibit : exhibits()) {
    CAPTURE(std::string{exhibit.number});
    CHECK(exhibit.number == std::to_string(++number));
    CHECK(exhibit.planted[0].has_value() == exhibit.absent.empty());
    CHECK_FALSE(parts_of(exhibit.sources).empty());
    for (const std::string& key : parts_of(exhibit.sources)) {
      CAPTURE(key);
      CHECK(addresses().count(key) == 1);
    }
  }
  CHECK(number >= 30);
}

TEST_CASE("a mistake made in drm_dep belongs to an exhibit, and a rule says why it does no harm", "[docs]") {
  for (const Transplant& transplant : transplants()) {
    CAPTURE(std::string{transplant.what});
    for (const std::string& number : parts_of(transplant.number)) {
      CHECK(
          std::any_of(exhibits().begin(), exhibits().end(), [&](const Exhibit& one) { return one.number == number; }));
    }
    const Rule* const rule = rule_of(transplant);
    CHECK((rule != nullptr) == !transplant.rule.empty());
    const bool is_harmless = !bug(transplant.planted).found.explore.harmless.empty();
    // Without a rule it is possible and found; with one it does no harm, or it is the rule that was taken away.
    if (rule == nullptr) {
      CHECK_FALSE(is_harmless);
    } else {
      CHECK((is_harmless || rule->without == transplant.planted));
    }
  }
}

TEST_CASE("docs/museum.md lists the exhibits", "[docs]") {
  check_wing(Wing::drm_sched, "drm_sched");
  check_wing(Wing::drivers, "drivers");
  check_wing(Wing::jobqueue, "jobqueue");
}

TEST_CASE("docs/museum.md says what becomes of each mistake about lifetimes in drm_dep", "[docs]") {
  std::ostringstream out;
  out << "| | the mistake | planted bug | looked for in | found by | in drm_dep | rule | its test |\n"
         "|---|---|---|---|---|---|---|---|\n";
  for (const Transplant& transplant : transplants()) {
    const Bug& shown = bug(transplant.planted);
    const bool is_harmless = !shown.found.explore.harmless.empty();
    const Rule* const rule = rule_of(transplant);
    out << "| " << transplant.number << " | " << transplant.what << " | `" << shown.name << "` | " << place_of(shown)
        << " | " << finder_of(shown) << " | "
        << (is_harmless       ? "harmless"
            : rule == nullptr ? "possible"
                              : "impossible by the rule")
        << " | ";
    if (rule == nullptr) {
      out << "- | - |\n";
    } else {
      out << rule->text << " (" << rule->whose << ") | " << rule->test << " |\n";
    }
  }
  check_marked_block(kMuseum, "drm_dep", out.str());
}

TEST_CASE("docs/reference/drm_sched.md has the history of drm_sched and its drivers", "[docs]") {
  std::ostringstream out;
  out << "| bug | mended | source |\n|---|---|---|\n";
  for (const Exhibit& exhibit : exhibits()) {
    if (exhibit.wing == Wing::jobqueue) continue;
    out << "| " << exhibit.what << " | " << exhibit.mended << " | " << keys_of(exhibit.sources) << " |\n";
  }
  check_marked_block(kHistory, "history", out.str());
}

TEST_CASE("docs/museum.md has figures for each bug that an exploration looks for: found, and none without it",
          "[docs]") {
  const std::vector<std::vector<std::string>> rows = rows_of_block("figures");
  std::size_t searched = 0;
  for (const Mutation shown : shown_bugs()) {
    const Exploration& explore = bug(shown).found.explore;
    if (explore.scenario.empty()) continue;
    INFO(bug(shown).name << ": run ./dev mutants --museum --seeds 10000");
    REQUIRE(rows.size() > searched);
    const std::vector<std::string>& row = rows[searched++];
    REQUIRE(row.size() == 7);
    CHECK(row[0] == "`" + std::string{bug(shown).name} + "`");
    CHECK(row[1] == explore.scenario);
    CHECK(row[2] == explore.changed);
    CHECK(row[3] == (explore.harmless.empty() ? "`" + std::string{explore.oracle} + "`" : "`none`"));
    CHECK(row[4].empty() == !explore.harmless.empty());
    const std::string kNone = "none in ";
    REQUIRE(row[6].starts_with(kNone));
    const unsigned long survived = std::stoul(row[6].substr(kNone.size()));
    CHECK(survived <= 10'000);
    if (!row[4].empty()) CHECK(std::stoul(row[4]) < survived);
  }
  CHECK(rows.size() == searched);
}
