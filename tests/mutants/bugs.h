// SPDX-License-Identifier: MIT
// The rows of bugs.def, and the rules of docs/drm_dep.md and docs/jobqueue.md with the bug that takes each away.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/spec.h"
#include "sim/system/machine.h"
#include "tests/mutants/mutation.h"

namespace gpusim::test {

/// A scenario of configs/explore/ in which the bug is looked for, and the oracle that has to speak. If another one
/// speaks first, the search has failed.
struct Exploration {
  std::string_view scenario;  ///< empty: none, for `unseen`
  std::string_view oracle;
  std::string_view changed = {};  ///< in the scenario, in words
  void (*change)(scenario::ScenarioSpec& spec) = nullptr;
  std::string_view unseen = {};    ///< why no oracle could see the bug
  std::string_view harmless = {};  ///< why no oracle may speak: `oracle` is empty
};

/// A machine made in code. Without the bug each variant finishes, and no oracle speaks.
struct MachineRun {
  scenario::ScenarioSpec (*make)(std::uint32_t variant);
  std::uint32_t variants = 1;  ///< one of them is enough
  std::string_view oracle;     ///< empty: none speaks
  system::Outcome outcome = system::Outcome::finished;
  std::array<std::string_view, 2> says{};
};

struct Script {
  std::string_view events;  ///< that differ from those without the bug, if no oracle speaks
  std::string_view oracle;
  std::string_view text;
};

/// Two jobs that are done at once, on a host where a push and a look at a dependency take long, so that workers get in
/// between.
struct SlowHost {
  std::int64_t ps_between;
  bool with_dependency;  ///< the first job waits for a fence, and is alone
  std::string_view oracle;
};

struct Finders {
  Exploration explore;
  std::string_view test = {};  ///< a case of tests/machine/ that fails with the bug; empty: none is named
  std::optional<MachineRun> run;
  std::optional<Script> script;
  std::optional<SlowHost> slow_host;
};

struct Bug {
  Mutation mutation;
  std::string_view name;
  std::string_view option;  ///< the change of an option that it is; empty: it stands in a patch
  std::string_view what;    ///< the model does wrong
  Finders found;
};

/// A rule of a submission component: of its source, or ours.
struct Rule {
  std::string_view text;
  std::string_view source;
  std::string_view test;  ///< the case that fails without the rule
  std::string_view whose;
  Mutation without;
};

[[nodiscard]] std::span<const Bug> all_bugs();
[[nodiscard]] const Bug& bug(Mutation mutation);
[[nodiscard]] const Bug* find_bug(std::string_view name);
/// Of drm_dep, and of the two JobQueues; and all.
[[nodiscard]] std::span<const Rule> drm_dep_rules();
[[nodiscard]] std::span<const Rule> counter_rules();
[[nodiscard]] std::span<const Rule> pipeline_rules();
[[nodiscard]] std::vector<Rule> all_rules();

/// What finds a bug that no exploration sees, in words: the case of its rule, first of all.
[[nodiscard]] std::string_view unit_case(const Bug& bug);

/// The sources whose patches have the bug, by reading tests/mutants/patches/.
[[nodiscard]] std::vector<std::string> patched_sources(std::string_view bug);

}  // namespace gpusim::test
