// SPDX-License-Identifier: MIT
// gpusim_mutants: switches planted bugs on, one after the other, and explores until the oracle named in table.cpp
// finds each. No part of the program: a run of gpusim never has a mutation.
//
//   gpusim_mutants [--mutation NAME]... [--seeds N] [-j P] [--scenario NAME] [--list]
//
// Exit code 0 if every bug is found within N seeds by its oracle, with at most ten choices left; else 1; 2 for bad
// arguments.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutation_names.h"
#include "sim/app/seed_pool.h"
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
    if (argument == "--list") {
      options.list = true;
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

const test::MutantRow* find_row(Mutation mutation) {
  for (const test::MutantRow& row : test::mutant_table()) {
    if (row.mutation == mutation) return &row;
  }
  return nullptr;
}

void print(std::string_view a, std::string_view b, std::string_view c, std::string_view d, std::string_view e,
           std::string_view f) {
  std::printf("%-28.*s %-13.*s %-21.*s %-21.*s %6.*s %8.*s\n", static_cast<int>(a.size()), a.data(),
              static_cast<int>(b.size()), b.data(), static_cast<int>(c.size()), c.data(), static_cast<int>(d.size()),
              d.data(), static_cast<int>(e.size()), e.data(), static_cast<int>(f.size()), f.data());
  std::fflush(stdout);
}

/// True if the bug is found as it should be.
bool search(const MutationInfo& info, const Options& options) {
  const test::MutantRow* row = find_row(info.mutation);
  if (row == nullptr) {
    print(info.name, "-", "no row in the table", "", "", "");
    return false;
  }
  const std::string_view scenario = options.scenario.empty() ? row->scenario : options.scenario;
  const std::string file = GPUSIM_SOURCE_DIR "/configs/explore/" + std::string{scenario} + ".toml";
  scenario::LoadResult loaded = scenario::load_scenario(file, {});
  if (!loaded.ok()) {
    std::fprintf(stderr, "%s\n", loaded.problems.front().to_string().c_str());
    return false;
  }
  if (row->change != nullptr) row->change(*loaded.spec);

  const ScopedMutation active{info.mutation};
  const app::SeedReport report =
      app::run_seeds({0, options.seeds}, options.workers, true,
                     [&]() -> app::SeedRun {
                       auto explorer = std::make_shared<system::Explorer>(*loaded.spec);
                       return [explorer](std::uint64_t seed) { return explorer->run_seed(seed).oracle; };
                     },
                     {});
  if (report.failures.empty()) {
    print(info.name, scenario, row->oracle, report.interrupted ? "interrupted" : "not found", "", "");
    return false;
  }
  const app::SeedFailure& found = report.failures.front();
  if (found.oracle == "crash") {
    print(info.name, scenario, row->oracle, found.oracle, std::to_string(found.seed), "");
    return false;
  }
  const system::Explorer explorer{*loaded.spec};
  const system::MinimisedRun small = explorer.minimise(explorer.run_seed(found.seed));
  print(info.name, scenario, row->oracle, found.oracle, std::to_string(found.seed),
        std::to_string(small.run.schedule.size()));
  return found.oracle == row->oracle && small.run.schedule.size() <= kMostChoices;
}

}  // namespace

int main(int argc, char** argv) {
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  Options options;
  if (!parse(argc, argv, options)) {
    std::fputs("usage: gpusim_mutants [--mutation NAME]... [--seeds N] [-j P] [--scenario NAME] [--list]\n", stderr);
    return 2;
  }
  print("planted bug", "scenario", "oracle expected", "oracle that spoke", "seed", "choices");
  std::size_t searched = 0;
  std::size_t found = 0;
  for (const MutationInfo& info : all_mutations()) {
    const auto& only = options.only;
    if (!only.empty() && std::find(only.begin(), only.end(), info.mutation) == only.end()) continue;
    if (options.list) {
      std::printf("  %s: %.*s\n", std::string{info.name}.c_str(), static_cast<int>(info.what.size()), info.what.data());
      continue;
    }
    ++searched;
    found += search(info, options) ? 1 : 0;
  }
  if (options.list) return 0;
  std::printf("%zu of %zu found as expected within %llu seeds\n", found, searched,
              static_cast<unsigned long long>(options.seeds));
  return found == searched ? 0 : 1;
}
