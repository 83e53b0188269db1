// SPDX-License-Identifier: MIT
// What documents say of planted bugs and of drm_dep's rules is tests/mutants/bugs.def and rules.cpp in words.
#include <sstream>
#include <string>

#include "tests/docs/marked_block.h"
#include "tests/mutants/bugs.h"
#include "tests/support/catch.h"

using namespace gpusim;
using namespace gpusim::test;

TEST_CASE("docs/exploration.md lists the planted bugs", "[docs]") {
  std::ostringstream out;
  out << "| planted bug | what the model does wrong | where |\n|---|---|---|\n";
  for (const Bug& bug : all_bugs()) {
    out << "| `" << bug.name << "` | " << bug.what << " | ";
    if (!bug.option.empty()) out << "option: `" << bug.option << '`';
    const char* comma = "";
    for (const std::string& source : patched_sources(bug.name)) {
      out << comma << "[" << source << "](../tests/mutants/patches/" << source << ".patch)";
      comma = ", ";
    }
    out << " |\n";
  }
  check_marked_block("docs/exploration.md", "bugs", out.str());
}

TEST_CASE("whose a rule of drm_dep is follows from its sources: a text that was read, S3+ alone, or neither",
          "[docs]") {
  std::size_t reported = 0;
  for (const Rule& rule : all_rules()) {
    std::string whose = "ours";
    std::istringstream sources{std::string{rule.source}};
    for (std::string source; std::getline(sources, source, ',');) {
      source.erase(0, source.find_first_not_of(' '));
      const bool was_read = source == "S1" || source == "S2" || source == "S3" || source == "S4" || source == "S12";
      if (was_read) whose = "stated";
      if (source == "S3+" && whose == "ours") whose = "reported";
    }
    INFO(rule.text);
    CHECK(rule.whose == whose);
    reported += whose == "reported" ? 1 : 0;
  }
  CHECK(reported >= 10);
}

TEST_CASE("docs/drm_dep.md lists the rules, each with the planted bug that takes it away", "[docs]") {
  std::ostringstream out;
  out << "| rule | source | test | whose | mutation |\n|---|---|---|---|---|\n";
  for (const Rule& rule : all_rules()) {
    out << "| " << rule.text << " | " << rule.source << " | " << rule.test << " | " << rule.whose << " | "
        << bug(rule.without).name << " |\n";
  }
  check_marked_block("docs/drm_dep.md", "rules", out.str());
}
