// SPDX-License-Identifier: MIT
// How a scenario's text is loaded: without a problem, or with which.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/scenario/loader.h"
#include "tests/support/catch.h"
#include "tests/support/configs.h"

namespace gpusim::test {

/// A good client; what follows it begins in line 6.
inline const std::string kClient = "[[client]]\nname = \"c\"\nworkload = \"loop\"\nwork_us = 10\n\n";

[[nodiscard]] inline scenario::LoadResult good(scenario::LoadResult result) {
  for (const scenario::Problem& problem : result.problems) UNSCOPED_INFO(problem.to_string());
  REQUIRE(result.ok());
  return result;
}

[[nodiscard]] inline scenario::LoadResult good_text(const std::string& text,
                                                    const scenario::LoadOptions& options = {}) {
  return good(scenario::load_scenario_text(text, kConfigs + "/scenarios/x.toml", options));
}

[[nodiscard]] inline std::vector<std::string> problems(const std::string& text,
                                                       const scenario::LoadOptions& options = {}) {
  const scenario::LoadResult result = scenario::load_scenario_text(text, "x.toml", options);
  std::vector<std::string> lines;
  lines.reserve(result.problems.size());
  for (const scenario::Problem& problem : result.problems) lines.push_back(problem.to_string());
  CHECK(result.ok() == lines.empty());
  return lines;
}

[[nodiscard]] inline std::vector<std::string> notices(const std::string& text,
                                                      const std::vector<std::string>& sets = {}) {
  return good(scenario::load_scenario_text(text, "x.toml", {.sets = sets, .seed = {}})).spec->notices;
}

}  // namespace gpusim::test
