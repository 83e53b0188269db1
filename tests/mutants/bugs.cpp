// SPDX-License-Identifier: MIT
#include "tests/mutants/bugs.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/mutants/set_ups.h"

namespace gpusim::test {
namespace {

using namespace set_ups;
using enum system::Outcome;

// clang-format off
// NOLINTBEGIN(bugprone-macro-parentheses): names of set-ups and enumerators
#define EXPLORE(...) .explore = {__VA_ARGS__}
#define UNSEEN(reason) .explore = {.unseen = reason}
#define HARMLESS(where, reason) .explore = {.scenario = where, .harmless = reason}
#define TEST(name) .test = name
#define RUN(make, oracle, outcome, ...) .run = MachineRun{&make, 1, oracle, outcome, {__VA_ARGS__}}
#define RUN_SOME(make, variants, oracle) .run = MachineRun{&make, variants, oracle}
#define SCRIPT(...) .script = Script{__VA_ARGS__}
#define SLOW_HOST(...) .slow_host = SlowHost{__VA_ARGS__}
#define BUG(name, what, ...) Bug{Mutation::name, #name, {}, what, {__VA_ARGS__}},
#define FLIP(name, change, what, ...) Bug{Mutation::name, #name, #change, what, {__VA_ARGS__}},
// NOLINTEND(bugprone-macro-parentheses)
// clang-format on

constexpr auto kBugs = std::to_array<Bug>({
#include "tests/mutants/bugs.def"
});

}  // namespace

std::span<const Bug> all_bugs() { return kBugs; }

const Bug& bug(Mutation mutation) { return kBugs[static_cast<std::size_t>(mutation)]; }

const Bug* find_bug(std::string_view name) {
  const auto* const found = std::find_if(kBugs.begin(), kBugs.end(), [&](const Bug& bug) { return bug.name == name; });
  return found == kBugs.end() ? nullptr : found;
}

std::string_view unit_case(const Bug& bug) {
  for (const Rule& rule : all_rules()) {
    if (rule.without == bug.mutation) return rule.test;
  }
  if (!bug.found.test.empty()) return bug.found.test;
  if (bug.found.script) return "a script of drm_sched's events";
  return bug.found.run ? "a machine made in code" : "a host that is slow between two steps";
}

std::vector<std::string> patched_sources(std::string_view bug) {
  namespace fs = std::filesystem;
  static const fs::path root{GPUSIM_SOURCE_DIR "/tests/mutants/patches"};
  const std::string call = "mutated(Mutation::" + std::string{bug} + ")";
  std::vector<std::string> sources;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator{root}) {
    if (entry.path().extension() != ".patch") continue;
    std::ifstream file{entry.path()};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    if (text.find(call) == std::string::npos) continue;
    sources.push_back(entry.path().lexically_relative(root).replace_extension().string());
  }
  std::sort(sources.begin(), sources.end());
  return sources;
}

}  // namespace gpusim::test
