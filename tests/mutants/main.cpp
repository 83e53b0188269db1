// SPDX-License-Identifier: MIT
// gpusim_mutants: switches planted bugs on, one after the other, and explores until the oracle named in table.cpp
// finds each. No part of the program: a run of gpusim never has a mutation.
//
//   gpusim_mutants [--mutation NAME]... [--seeds N] [-j P] [--scenario NAME] [--list | --markdown | --sound]
//
// --markdown prints the tables of docs/exploration.md, problems to stderr. --sound explores the same scenarios, with
// what the rows change in them, without the bugs: nothing may be found, or a row would prove nothing. Exit code 0 if
// every bug has its place in the tables and is found within N seeds by its oracle, with at most ten choices left; else
// 1; 2 for bad arguments.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutation_names.h"
#include "sim/experiment/process_pool.h"
#include "sim/scenario/loader.h"
#include "sim/system/explorer.h"
#include "tests/mutants/table.h"

using namespace gpusim;

namespace {

constexpr std::size_t kMostChoices = 10;

struct Options {
  std::vector<Mutation> only;
  std::uint64_t seeds = 10'000;
  std::uint32_t workers = 1;
  std::string_view scenario;  // instead of the table's; empty: the table's
  bool list = false;
  bool markdown = false;
  bool sound = false;
};

template <class Integer>
bool parse_number(std::string_view text, Integer& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && value > 0;
}

bool parse(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const std::string_view value = i + 1 < argc ? argv[i + 1] : "";
    bool* const flag = argument == "--list"       ? &options.list
                       : argument == "--markdown" ? &options.markdown
                       : argument == "--sound"    ? &options.sound
                                                  : nullptr;
    if (flag != nullptr) {
      *flag = true;
      continue;
    }
    if (argument == "--scenario") {
      options.scenario = value;
    } else if (argument == "--mutation") {
      const std::optional<Mutation> mutation = find_mutation(value);
      if (!mutation) return false;
      options.only.push_back(*mutation);
    } else if (!(argument == "--seeds" && parse_number(value, options.seeds)) &&
               !(argument == "-j" && parse_number(value, options.workers))) {
      return false;
    }
    ++i;
  }
  return true;
}

template <class Row>
const Row* find_row(std::span<const Row> rows, Mutation mutation) {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.mutation == mutation; });
  return found == rows.end() ? nullptr : &*found;
}

/// What the search for a bug came to.
struct Finding {
  std::string oracle;  ///< that spoke; or why none did
  std::string seed;
  std::string choices;
  bool good = false;
};

Finding search(const test::MutantRow& row, std::string_view scenario, const Options& options) {
  const std::string file = GPUSIM_SOURCE_DIR "/configs/explore/" + std::string{scenario} + ".toml";
  scenario::LoadResult loaded = scenario::load_scenario(file, {});
  if (!loaded.ok()) return {loaded.problems.front().to_string(), "", "", false};
  if (row.change != nullptr) row.change(*loaded.spec);

  std::optional<ScopedMutation> active;
  if (!options.sound) active.emplace(row.mutation);
  const experiment::PoolReport report =
      experiment::run_in_processes({options.seeds, options.workers, true, {}}, [&]() -> experiment::PieceWork {
        auto explorer = std::make_shared<system::Explorer>(*loaded.spec);
        return [explorer](std::uint64_t seed) { return explorer->run_seed(seed).oracle; };
      });
  if (report.interrupted) return {"interrupted", "", "", false};
  if (report.results.empty()) return {options.sound ? "none" : "not found", "", "", options.sound};
  const experiment::PieceResult& found = report.results.front();
  if (found.died) return {"crash", std::to_string(found.index), "", false};
  const system::Explorer explorer{*loaded.spec};
  const system::MinimisedRun small = explorer.minimise(explorer.run_seed(found.index));
  const std::size_t left = small.run.schedule.size();
  return {found.text, std::to_string(found.index), std::to_string(left),
          !options.sound && found.text == row.oracle && left <= kMostChoices};
}

/// Markdown has no cell of its own for the oracle that spoke: another than the expected one is a failure.
void print(const std::array<std::string_view, 7>& cells, bool markdown) {
  constexpr std::array<int, 7> kWidths{29, 13, 22, 24, 24, 6, 8};
  std::string line;
  for (std::size_t i = 0; i < cells.size() - (markdown ? 1 : 0); ++i) {
    std::string cell{cells[i]};
    if (markdown) {
      const bool code = (i == 0 || i == 3) && !cell.empty();
      line += code ? "| `" + cell + "` " : "| " + cell + " ";
      continue;
    }
    if (const auto width = static_cast<std::size_t>(kWidths[i]); cell.size() < width) cell.resize(width, ' ');
    line += cell + " ";
  }
  std::printf("%s%s\n", line.c_str(), markdown ? "|" : "");
  std::fflush(stdout);
}

/// True if the bug is found as it should be.
bool report_row(const MutationInfo& info, const test::MutantRow& row, const Options& options) {
  const std::string_view scenario = options.scenario.empty() ? row.scenario : options.scenario;
  const Finding finding = search(row, scenario, options);
  if (options.markdown) {
    print({info.name, scenario, row.note, finding.oracle, finding.seed, finding.choices}, true);
    if (!finding.good) {
      std::fprintf(stderr, "%s: %s at seed %s, %s choices left\n", std::string{info.name}.c_str(),
                   finding.oracle.c_str(), finding.seed.c_str(), finding.choices.c_str());
    }
  } else {
    print({info.name, scenario, row.note, row.oracle, finding.oracle, finding.seed, finding.choices}, false);
  }
  return finding.good;
}

void print_unit_only(const Options& options) {
  std::printf("\n%s\n",
              options.markdown ? "| held by unit tests only | because |\n|---|---|" : "held by unit tests only:");
  for (const MutationInfo& info : all_mutations()) {
    const test::UnitOnlyRow* row = find_row(test::unit_only_table(), info.mutation);
    if (row == nullptr) continue;
    std::printf(options.markdown ? "| `%s` | %s |\n" : "%-29s %s\n", std::string{info.name}.c_str(),
                std::string{row->reason}.c_str());
  }
}

int list() {
  for (const MutationInfo& info : all_mutations()) {
    std::printf("  %s: %s\n", std::string{info.name}.c_str(), std::string{info.what}.c_str());
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  Options options;
  if (!parse(argc, argv, options)) {
    std::fputs(
        "usage: gpusim_mutants [--mutation NAME]... [--seeds N] [-j P] [--scenario NAME] [--list | --markdown | "
        "--sound]\n",
        stderr);
    return 2;
  }
  if (options.list) return list();
  if (options.markdown) {
    std::puts("| planted bug | scenario | changed | oracle | seed | choices |\n|---|---|---|---|---|---|");
  } else {
    print({"planted bug", "scenario", "changed", "oracle expected", "oracle that spoke", "seed", "choices"}, false);
  }
  std::size_t searched = 0;
  std::size_t found = 0;
  bool complete = true;
  for (const MutationInfo& info : all_mutations()) {
    const auto& only = options.only;
    if (!only.empty() && std::find(only.begin(), only.end(), info.mutation) == only.end()) continue;
    const test::MutantRow* row = find_row(test::mutant_table(), info.mutation);
    const bool in_units = find_row(test::unit_only_table(), info.mutation) != nullptr;
    if ((row != nullptr) == in_units) {
      std::fprintf(stderr, "%s: must stand in one of the two tables\n", std::string{info.name}.c_str());
      complete = false;
    }
    if (row == nullptr) continue;
    ++searched;
    found += report_row(info, *row, options) ? 1 : 0;
  }
  if (options.only.empty()) print_unit_only(options);
  std::fprintf(options.markdown ? stderr : stdout, "%zu of %zu found as expected within %llu seeds\n", found, searched,
               static_cast<unsigned long long>(options.seeds));
  return found == searched && complete ? 0 : 1;
}
