// SPDX-License-Identifier: MIT
// Every committed experiment can be run, and says what it asks; the page about experiments has every metric. With
// GPUSIM_UPDATE=1 in the environment the table of metrics is written anew instead of compared.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "base/read_file.h"
#include "sim/experiment/comparison.h"
#include "sim/experiment/experiment.h"
#include "sim/experiment/metrics.h"
#include "tests/support/catch.h"

using namespace gpusim;
using namespace gpusim::experiment;
namespace fs = std::filesystem;

namespace {

const fs::path kRoot{GPUSIM_SOURCE_DIR};

// Loads all that the experiment would run, which needs no run of it.
void check_loads(const Experiment& experiment, const std::vector<Placed>& sets, std::size_t variant) {
  scenario::LoadOptions options;
  for (const auto* part : {&experiment.sets, &sets, &experiment.variants[variant].sets}) {
    for (const Placed& set : *part) options.sets.push_back(set.text);
  }
  const scenario::LoadResult loaded = scenario::load_scenario(experiment.scenario, options);
  for (const scenario::Problem& problem : loaded.problems) UNSCOPED_INFO(problem.to_string());
  CHECK(loaded.ok());
}

}  // namespace

TEST_CASE("every committed experiment and every condition of it loads", "[experiment]") {
  std::size_t seen = 0;
  for (const auto& entry : fs::directory_iterator{kRoot / "configs" / "experiments"}) {
    if (entry.path().extension() != ".toml") continue;
    ++seen;
    INFO(entry.path());
    std::vector<scenario::Problem> problems;
    const Experiment experiment = parse_experiment(*read_file(entry.path()), entry.path(), problems);
    for (const scenario::Problem& problem : problems) UNSCOPED_INFO(problem.to_string());
    REQUIRE(problems.empty());
    CHECK_FALSE(experiment.title.empty());
    CHECK_FALSE(experiment.question.empty());
    CHECK(experiment.seeds >= 5);
    CHECK(experiment.variants.size() >= 2);
    CHECK(experiment.sweeps.size() >= 1);
    for (std::size_t variant = 0; variant < experiment.variants.size(); ++variant) {
      check_loads(experiment, {}, variant);
      for (const Sweep& sweep : experiment.sweeps) {
        for (const Placed& value : sweep.values) {
          std::vector<Placed> sets = sweep.sets;
          for (const Placed& key : sweep.keys) sets.push_back({key.text + "=" + value.text, {}});
          check_loads(experiment, sets, variant);
        }
      }
    }
  }
  CHECK(seen >= 5);
}

TEST_CASE("the page about experiments has the table of metrics", "[experiment]") {
  const fs::path file = kRoot / "docs" / "experiments" / "README.md";
  std::string page = *read_file(file);
  const std::string begin = "<!-- metrics: begin -->\n";
  const std::size_t from = page.find(begin) + begin.size();
  const std::size_t to = page.find("<!-- metrics: end -->");
  REQUIRE(page.find(begin) != std::string::npos);
  REQUIRE(to != std::string::npos);
  std::ostringstream table;
  write_metric_table(table);
  if (std::getenv("GPUSIM_UPDATE") != nullptr) {
    page.replace(from, to - from, table.str());
    std::ofstream{file, std::ios::binary} << page;
    return;
  }
  CHECK(page.substr(from, to - from) == table.str());
}
