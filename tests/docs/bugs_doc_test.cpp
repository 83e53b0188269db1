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

TEST_CASE("docs/drm_dep.md lists the rules, each with the planted bug that takes it away", "[docs]") {
  std::ostringstream out;
  out << "| rule | source | test | whose | mutation |\n|---|---|---|---|---|\n";
  for (const Rule& rule : all_rules()) {
    out << "| " << rule.text << " | " << rule.source << " | " << rule.test << " | " << rule.whose << " | "
        << bug(rule.without).name << " |\n";
  }
  check_marked_block("docs/drm_dep.md", "rules", out.str());
}
