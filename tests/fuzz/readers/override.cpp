// SPDX-License-Identifier: MIT
// What stands after --set and --variant, a line each.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "sim/experiment/experiment.h"
#include "sim/scenario/loader.h"

using namespace gpusim;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  if (text.find("file") != std::string_view::npos || text.find("use") != std::string_view::npos) return 0;
  scenario::LoadOptions options;
  for (std::size_t from = 0; from <= text.size() && options.sets.size() < 20;) {
    const std::size_t to = std::min(text.find('\n', from), text.size());
    options.sets.emplace_back(text.substr(from, to - from));
    from = to + 1;
  }
  constexpr std::string_view kScenario = "[[client]]\nname = \"a\"\nworkload = \"loop\"\nwork_us = 1\n";
  const scenario::LoadResult loaded = scenario::load_scenario_text(kScenario, "fuzz.toml", options);
  if (loaded.ok() != loaded.problems.empty()) std::abort();
  std::vector<scenario::Problem> problems;
  for (const std::string& set : options.sets) static_cast<void>(experiment::parse_variant(set, 1, problems));
  return 0;
}
