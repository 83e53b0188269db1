// SPDX-License-Identifier: MIT
// gpusim_mutants: switches planted bugs on, one after the other, and explores until the oracle named in bugs.def finds
// each. No part of the program: the models of gpusim have no planted bug.
//
// Exit code 0 if every bug that should be is found within the seeds by its oracle, with at most ten choices left; else
// 1; 2 for bad arguments.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/guarded_main.h"
#include "sim/experiment/process_pool.h"
#include "sim/scenario/loader.h"
#include "sim/system/explorer.h"
#include "tests/mutants/bugs.h"
#include "tests/mutants/flips.h"
#include "tests/mutants/museum.h"
#include "traces/report/text_table.h"

using namespace gpusim;

namespace {

constexpr std::size_t kMostChoices = 10;

struct Options {
  std::vector<std::string> only;
  std::uint64_t seeds = 10'000;
  std::uint32_t workers = 1;
  std::string scenario;  ///< instead of the table's; empty: the table's
  bool list = false;
  bool rules = false;
  bool markdown = false;
  bool museum = false;
  bool sound = false;
};

/// What is reached in the processes that search is seen here.
void share_reached() {
  void* const memory =
      mmap(nullptr, sizeof(ReachedMutations), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    std::perror("gpusim_mutants: no memory to share");
    std::exit(1);
  }
  detail::reached_mutations = ::new (memory) ReachedMutations{};
}

/// What the search for a bug came to.
struct Finding {
  std::string oracle;  ///< that spoke; or why none did
  std::string seed;
  std::string choices;
  bool good = false;
};

Finding search(const test::Bug& bug, std::string_view scenario, const Options& options) {
  const test::Exploration& expected = bug.found.explore;
  const std::string file = GPUSIM_SOURCE_DIR "/configs/explore/" + std::string{scenario} + ".toml";
  scenario::LoadResult loaded = scenario::load_scenario(file, {});
  if (!loaded.ok()) return {loaded.problems.front().to_string(), "", "", false};
  scenario::ScenarioSpec& spec = *loaded.spec;
  if (expected.change != nullptr) expected.change(spec);

  std::optional<ScopedMutation> active;
  if (!options.sound) active.emplace(bug.mutation);
  spec.dep = test::flipped(spec.dep);
  const system::Explorer explorer{spec};
  Finding finding;
  // A seed that disturbs much may leave much: then the seeds after it are tried, too.
  for (std::uint64_t from = 0; from < options.seeds && !finding.good;) {
    const experiment::PoolReport report =
        experiment::run_in_processes({options.seeds - from, options.workers, true, {}}, [&]() -> experiment::PieceWork {
          auto own = std::make_shared<system::Explorer>(spec);
          return [own, from](std::uint64_t index) { return own->run_seed(from + index).oracle; };
        });
    if (report.interrupted) return {"interrupted", "", "", false};
    if (report.results.empty()) break;
    const experiment::PieceResult& found = report.results.front();
    const std::uint64_t seed = from + found.index;
    if (found.died) return {"crash", std::to_string(seed), "", false};
    const std::size_t left = explorer.minimise(explorer.run_seed(seed)).run.schedule.size();
    const bool is_expected = !options.sound && found.text == expected.oracle;
    finding = {found.text, std::to_string(seed), std::to_string(left), is_expected && left <= kMostChoices};
    if (!is_expected) break;
    from = seed + 1;
  }
  if (!finding.oracle.empty()) return finding;
  if (options.sound) return {"none", "", "", true};
  if (!expected.harmless.empty() && was_reached(bug.mutation)) return {"none", "", "", true};
  return {was_reached(bug.mutation) ? "none, though reached" : "none: never reached", "", "", false};
}

/// Markdown has no cell of its own for the oracle that spoke: another than the expected one is a failure.
void print_markdown(const test::Bug& bug, std::string_view scenario, const Finding& finding) {
  std::cout << "| `" << bug.name << "` | " << scenario << " | " << bug.found.explore.changed << " | `" << finding.oracle
            << "` | " << finding.seed << " | " << finding.choices << " |\n";
  if (!finding.good) {
    std::cerr << bug.name << ": " << finding.oracle << " at seed " << finding.seed << ", " << finding.choices
              << " choices left\n";
  }
}

void print_unseen(const Options& options) {
  trace::TextTable table;
  if (options.markdown) {
    std::cout << "\n| held by unit tests only | because | by |\n|---|---|---|\n";
  } else {
    std::cout << "\nheld by unit tests only:\n";
  }
  for (const test::Bug& bug : test::all_bugs()) {
    const std::string_view reason = bug.found.explore.unseen;
    if (reason.empty()) continue;
    if (options.markdown) {
      std::cout << "| `" << bug.name << "` | " << reason << " | " << test::unit_case(bug) << " |\n";
    } else {
      table.add({std::string{bug.name}, std::string{reason}, std::string{test::unit_case(bug)}});
    }
  }
  table.write(std::cout);
}

/// Searches all bugs that were asked for, and says what came of it; the exit code.
int search_all(const Options& options) {
  const bool shows_progress = !options.markdown && isatty(STDERR_FILENO) != 0;
  trace::TextTable table;
  if (options.markdown) {
    std::cout << "| planted bug | scenario | changed | oracle | seed | choices |\n|---|---|---|---|---|---|\n";
  } else {
    table.add({"planted bug", "scenario", "changed", "oracle expected", "oracle that spoke", "seed", "choices"});
  }
  std::size_t searched = 0;
  std::size_t found = 0;
  for (const test::Bug& bug : test::all_bugs()) {
    const auto& only = options.only;
    if (!only.empty() && std::find(only.begin(), only.end(), bug.name) == only.end()) continue;
    const test::Exploration& expected = bug.found.explore;
    if (expected.scenario.empty()) continue;
    if (shows_progress) std::cerr << "\r\x1b[K" << bug.name << std::flush;
    const std::string scenario = options.scenario.empty() ? std::string{expected.scenario} : options.scenario;
    const Finding finding = search(bug, scenario, options);
    ++searched;
    found += finding.good ? 1 : 0;
    if (options.markdown) {
      print_markdown(bug, scenario, finding);
    } else {
      table.add({std::string{bug.name}, scenario, std::string{expected.changed}, std::string{expected.oracle},
                 finding.oracle, finding.seed, finding.choices});
    }
  }
  if (shows_progress) std::cerr << "\r\x1b[K";
  table.write(std::cout);
  if (options.only.empty()) print_unseen(options);
  (options.markdown ? std::cerr : std::cout)
      << found << " of " << searched << " found as expected within " << options.seeds << " seeds\n";
  return found == searched ? 0 : 1;
}

/// The figures of docs/museum.md: each bug that it shows, searched, and the same seeds without it.
int search_museum(const Options& options) {
  Options sound = options;
  sound.sound = true;
  std::cout << "| planted bug | scenario | changed | oracle | seed | choices | without the bug |\n"
            << "|---|---|---|---|---|---|---|\n";
  bool all_good = true;
  std::map<std::pair<std::string_view, std::string_view>, Finding> sound_runs;  // by scenario and what is changed
  for (const Mutation shown : test::shown_bugs()) {
    const test::Bug& bug = test::bug(shown);
    const test::Exploration& expected = bug.found.explore;
    if (expected.scenario.empty()) continue;
    const Finding finding = search(bug, expected.scenario, options);
    const auto [known, is_new] = sound_runs.try_emplace({expected.scenario, expected.changed});
    if (is_new) known->second = search(bug, expected.scenario, sound);
    const Finding& without = known->second;
    const bool good = finding.good && without.good;
    all_good = all_good && good;
    const std::string survival = without.good ? "none in " + std::to_string(options.seeds) : without.oracle;
    std::cout << "| `" << bug.name << "` | " << expected.scenario << " | " << expected.changed << " | `"
              << finding.oracle << "` | " << finding.seed << " | " << finding.choices << " | " << survival << " |\n";
    if (!good) std::cerr << bug.name << ": " << finding.oracle << "; without it: " << without.oracle << '\n';
  }
  return all_good ? 0 : 1;
}

int run(int argc, char** argv) {
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  Options options;
  CLI::App cli{"Looks for planted bugs in explorations.", "gpusim_mutants"};
  const CLI::Validator is_bug{[](const std::string& name) {
                                return test::find_bug(name) != nullptr ? "" : "there is no planted bug '" + name + "'";
                              },
                              "NAME"};
  cli.add_option("--mutation", options.only, "Only this planted bug; may be repeated")
      ->check(is_bug)
      ->allow_extra_args(false);
  cli.add_option("--seeds", options.seeds, "How many seeds for each")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  cli.add_option("-j", options.workers, "Processes")->check(CLI::Range(1, 256))->capture_default_str();
  cli.add_option("--scenario", options.scenario, "A scenario of configs/explore/ instead of the table's");
  auto* const list = cli.add_flag("--list", options.list, "Print what each does wrong");
  auto* const rules =
      cli.add_flag("--rules", options.rules,
                   "Print the rules of drm_dep and JobQueue, and other bugs with a test: rule, test, bug, by tabs");
  auto* const markdown =
      cli.add_flag("--markdown", options.markdown, "Print the tables of docs/exploration.md, problems to stderr");
  auto* const sound = cli.add_flag("--sound", options.sound,
                                   "Explore the same scenarios, as they are changed, without the bugs: nothing may be "
                                   "found, or they would prove nothing");
  auto* const museum =
      cli.add_flag("--museum", options.museum, "Print the figures of docs/museum.md, problems to stderr");
  for (auto* const flag : {rules, markdown, sound, museum}) list->excludes(flag);
  for (auto* const flag : {markdown, sound, museum}) rules->excludes(flag);
  for (auto* const flag : {sound, museum}) markdown->excludes(flag);
  museum->excludes(sound);
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? 0 : 2;
  }
  if (options.list) {
    for (const test::Bug& bug : test::all_bugs()) std::cout << "  " << bug.name << ": " << bug.what << '\n';
    return 0;
  }
  if (options.rules) {
    for (const test::Rule& rule : test::all_rules()) {
      std::cout << rule.text << '\t' << rule.test << '\t' << test::bug(rule.without).name << '\n';
    }
    for (const test::Bug& bug : test::all_bugs()) {
      if (!bug.found.test.empty())
        std::cout << "not: " << bug.what << '\t' << bug.found.test << '\t' << bug.name << '\n';
    }
    return 0;
  }
  share_reached();
  return options.museum ? search_museum(options) : search_all(options);
}

}  // namespace

int main(int argc, char** argv) { return guarded_main("gpusim_mutants", EXIT_FAILURE, run, argc, argv); }
