// SPDX-License-Identifier: MIT
// What the program's commands say of a model that breaks a rule. They run in this process, where a bug can be planted.
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "sim/app/exit_code.h"
#include "sim/app/explore_command.h"
#include "sim/app/run_command.h"
#include "sim/experiment/comparison.h"
#include "tests/mutants/mutation.h"
#include "tests/support/catch.h"
#include "tests/support/configs.h"
#include "tests/support/program.h"

using namespace gpusim;
using namespace gpusim::test;

namespace {

const std::string kScenario = GPUSIM_SOURCE_DIR "/configs/explore/dependencies.toml";

Ended explore_here(const app::ExploreOptions& options) {
  std::ostringstream out;
  std::streambuf* const old = std::cout.rdbuf(out.rdbuf());
  const int code = app::explore_command(options);
  std::cout.rdbuf(old);
  return {code, out.str(), {}};
}

/// The text behind the first `label`, up to the end of the line.
std::string value_of(const std::string& text, const std::string& label) {
  const std::size_t at = text.find(label);
  if (at == std::string::npos) return {};
  return text.substr(at + label.size(), text.find('\n', at) - at - label.size());
}

}  // namespace

TEST_CASE("a broken rule of the model ends a run with 3", "[program][mutation]") {
  app::RunOptions options;
  options.scenario = kQuickstart;
  options.quiet = true;
  const ScopedMutation active{Mutation::sched_double_signal};
  CHECK(app::run_command(options) == app::kInvariantBroken);
}

TEST_CASE("a failure is explained the same with any number of workers, and its schedule replays it",
          "[explore][mutation]") {
  const ScopedMutation active{Mutation::fence_wait_looks_first};
  const Folder folder;
  app::ExploreOptions options;
  options.scenario = kScenario;
  options.seeds = 400;
  options.quiet = true;
  options.out = folder.text();
  const Ended one = explore_here(options);
  options.workers = 3;
  const Ended three = explore_here(options);
  CAPTURE(one.out);
  CHECK(one.code == app::kInvariantBroken);
  CHECK(three.out == one.out);
  CHECK(one.out.find("stopped at the first failure") != std::string::npos);
  CHECK(one.out.find(" fails: stall\nnothing is left to happen at") != std::string::npos);
  const std::string seed = value_of(one.out, "--replay ");
  CHECK(one.out.find("gpusim explore " + kScenario + " --replay ") != std::string::npos);

  options.schedule = (folder / ("seed-" + seed.substr(0, seed.find(' ')) + ".schedule")).string();
  const std::string small_hash = value_of(one.out.substr(one.out.find("the small one")), "  trace hash ");
  options.out.clear();
  const Ended small = explore_here(options);
  CHECK(small.code == app::kInvariantBroken);
  CHECK(value_of(small.out, "trace hash: ") == small_hash);

  options.schedule.clear();
  options.keep_going = true;
  const Ended all = explore_here(options);
  CHECK(all.code == app::kInvariantBroken);
  CHECK(all.out.find(" failed\n  seed " + seed.substr(0, seed.find(' ')) + ": stall\n") != std::string::npos);
}

TEST_CASE("a run that breaks is reported, and the others count", "[compare][mutation]") {
  const ScopedMutation broken{Mutation::driver_complete_all};
  experiment::Experiment experiment;
  experiment.name = "test";
  experiment.scenario = kQuickstart;
  experiment.variants = {{"now", {}, {}}};
  std::vector<scenario::Problem> problems;
  const std::optional<experiment::Comparison> comparison = experiment::compare(experiment, {}, problems);
  REQUIRE(comparison.has_value());
  CHECK(comparison->worst == experiment::Status::broken);
  REQUIRE(comparison->failures.size() == 1);
  CHECK(comparison->failures[0].starts_with("now, seed 1: a rule is broken: "));
  CHECK_FALSE(comparison->tables.at(0).conditions.at(0).cells.at(0).interval("jobs").has_value());
}
