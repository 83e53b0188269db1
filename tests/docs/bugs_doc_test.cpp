// SPDX-License-Identifier: MIT
// What documents say of planted bugs and of the rules of components is bugs.def, rules.cpp and jobqueue_rules.cpp of
// tests/mutants/ in words.
#include <algorithm>
#include <array>
#include <span>
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

namespace {

void check_rules(const char* page, const char* block, std::span<const Rule> rules) {
  std::ostringstream out;
  out << "| rule | source | test | whose | mutation |\n|---|---|---|---|---|\n";
  for (const Rule& rule : rules) {
    out << "| " << rule.text << " | " << rule.source << " | " << rule.test << " | " << rule.whose << " | "
        << bug(rule.without).name << " |\n";
  }
  check_marked_block(page, block, out.str());
}

}  // namespace

TEST_CASE("whose a rule is follows from its sources: a text that was read, S3+ alone, or neither", "[docs]") {
  std::size_t reported = 0;
  for (const Rule& rule : all_rules()) {
    std::string whose = "ours";
    std::istringstream sources{std::string{rule.source}};
    for (std::string source; std::getline(sources, source, ',');) {
      source.erase(0, source.find_first_not_of(' '));
      const std::array kRead{"S1", "S2", "S3", "S4", "S12", "S14", "S15", "S16"};
      if (std::find(kRead.begin(), kRead.end(), source) != kRead.end()) whose = "stated";
      if (source == "S3+" && whose == "ours") whose = "reported";
    }
    INFO(rule.text);
    CHECK(rule.whose == whose);
    reported += whose == "reported" ? 1 : 0;
  }
  CHECK(reported >= 10);
}

TEST_CASE("docs/drm_dep.md lists the rules, each with the planted bug that takes it away", "[docs]") {
  check_rules("docs/drm_dep.md", "rules", drm_dep_rules());
}

TEST_CASE("docs/jobqueue.md lists the rules of both shapes, each with the planted bug that takes it away", "[docs]") {
  check_rules("docs/jobqueue.md", "counter", counter_rules());
  check_rules("docs/jobqueue.md", "pipeline", pipeline_rules());
}

TEST_CASE("rules of the orchestrator, of user-mode queues and of shared rings name the planted bugs that break them",
          "[docs]") {
  struct Page {
    const char* file;
    std::string prefix;
  };
  const Page page = GENERATE(Page{"docs/orchestrator.md", "orch_"}, Page{"docs/direct.md", "direct_"},
                             Page{"docs/architecture.md", "ring_"});
  std::string text;
  for (const std::string& line : read_lines(kRepository / page.file)) text += line + '\n';
  std::size_t bugs = 0;
  for (const Bug& bug : all_bugs()) {
    const std::string name{bug.name};
    if (!name.starts_with(page.prefix)) continue;
    INFO(name);
    CHECK(text.find('`' + name + '`') != std::string::npos);
    ++bugs;
  }
  CHECK(bugs >= 8);
}
