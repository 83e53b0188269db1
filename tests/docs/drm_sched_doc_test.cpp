// SPDX-License-Identifier: MIT
// docs/drm_sched.md: the tests that it names exist, and the figures of the kernel's own cases are those of today.
#include <set>
#include <sstream>
#include <string>

#include "tests/docs/marked_block.h"
#include "tests/docs/test_names.h"
#include "tests/support/catch.h"
#include "tests/support/drm_truth/kunit.h"
#include "tests/support/drm_truth/player.h"

using namespace gpusim;
using sched::drm::Policy;
using test::kRepository;
using test::read_lines;
using namespace test::truth;

namespace {

constexpr const char* kPage = "docs/drm_sched.md";

std::string in_ms(std::int64_t us) {
  std::ostringstream out;
  out << us / 1000 << "." << us % 1000 / 100;
  return out.str();
}

std::string figures(const QualityCase& each, const std::string& script, Policy policy) {
  const Log log = play(script, policy);
  if (each.clients == 0) return in_ms(overhead_us(log));
  const std::vector<ClientFigures> clients = client_figures(log);
  if (each.clients > 2) return std::to_string(mean_delta_x100(log, each.clients));
  return in_ms(clients[0].elapsed) + ", " + in_ms(clients[1].elapsed) + "; " + in_ms(clients[1].mean_latency) + ", " +
         in_ms(clients[1].worst_latency);
}

}  // namespace

TEST_CASE("docs/drm_sched.md names tests that exist", "[docs]") {
  std::set<std::string> names = test::test_names("tests/scheduler");
  names.merge(test::test_names("tests/machine"));  // what the driver makes of it
  names.merge(test::test_names("tests/sim"));
  std::size_t rows = 0;
  bool in_rules = false;
  for (const std::string& line : read_lines(kRepository / kPage)) {
    if (line.starts_with("| rule |")) in_rules = true;
    if (line.empty()) in_rules = false;
    if (!in_rules || line.starts_with("| rule |") || line.starts_with("|---")) continue;
    std::istringstream cells{line};
    std::string cell;
    for (int i = 0; i < 4; ++i) std::getline(cells, cell, '|');
    cell = cell.substr(1, cell.size() - 2);
    INFO(line);
    CHECK((cell == "logs" || names.count(cell) == 1));
    ++rows;
  }
  CHECK(rows >= 40);
}

TEST_CASE("docs/drm_sched.md has the figures of the kernel's scheduling-quality cases", "[docs]") {
  std::ostringstream out;
  out << "| case | credits | RR | FIFO | FAIR | FAIR, running minimum |\n|---|---|---|---|---|---|\n";
  for (const QualityCase& each : quality_cases()) {
    out << "| " << each.name << " | " << each.credits;
    for (const Policy policy : {Policy::rr, Policy::fifo, Policy::fair}) {
      out << " | " << figures(each, each.script, policy);
    }
    out << " | " << figures(each, with_running_minimum(each.script), Policy::fair) << " |\n";
  }
  test::check_marked_block(kPage, "quality", out.str());
}
