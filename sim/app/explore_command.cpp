// SPDX-License-Identifier: MIT
#include "sim/app/explore_command.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <map>
#include <memory>
#include <optional>

#include "sim/app/exit_code.h"
#include "sim/app/hash_text.h"
#include "sim/app/output_folder.h"
#include "sim/app/progress.h"
#include "sim/app/report_problems.h"
#include "sim/app/schedule_file.h"
#include "sim/app/seed_pool.h"
#include "sim/app/trace_files.h"
#include "sim/scenario/loader.h"
#include "sim/system/explorer.h"
#include "sim/system/simulation.h"

namespace gpusim::app {
namespace {

constexpr std::size_t kMostFailuresListed = 20;

/// "gpusim explore FILE --set ...": what has to stand before the options of another run of the same scenario.
std::string command(const ExploreOptions& options) {
  std::string text = "gpusim explore " + options.scenario;
  for (const std::string& set : options.sets) text += " --set '" + set + "'";
  return text;
}

void print_run(const system::ExploredRun& run) {
  if (run.survived()) {
    std::cout << "survived; ends at " << format_duration(run.end.time_since_epoch()) << '\n';
  } else {
    std::cout << "oracle: " << run.oracle << '\n' << run.text << (run.text.ends_with('\n') ? "" : "\n");
  }
  std::cout << "choices: " << run.schedule.size() << "\ntrace hash: " << hash_text(run.trace_hash) << '\n';
}

int close_folder(OutputFolder* folder, int code) {
  const std::string failed = folder == nullptr ? std::string{} : folder->close();
  if (failed.empty()) return code;
  std::cerr << "error: " << failed << '\n';
  return kBadInput;
}

/// --replay and --schedule: one run, with traces.
int replay(const ExploreOptions& options, const scenario::ScenarioSpec& spec, OutputFolder* folder) {
  Schedule schedule;
  if (!options.schedule.empty()) {
    const std::string error = read_schedule(options.schedule, schedule);
    if (!error.empty()) {
      std::cerr << error << '\n';
      return kBadInput;
    }
  }
  const system::Explorer explorer{spec};
  std::optional<TraceFiles> traces;
  const auto prepare = [&](system::Simulation& simulation) {
    if (folder != nullptr) traces.emplace(*folder, simulation, options.traces);
  };
  const auto finish = [&](SimTime end) {
    if (traces) traces->finish(end);
  };
  const system::ExploredRun run = options.replay ? explorer.run_seed(*options.replay, prepare, finish)
                                                 : explorer.run_schedule(schedule, prepare, finish);
  print_run(run);
  if (folder != nullptr) write_schedule(folder->open("schedule.txt"), options.scenario, run);
  return close_folder(folder, run.survived() ? kGood : kInvariantBroken);
}

/// One failure in full: what spoke, the schedule made small, how to see it again.
void explain(const ExploreOptions& options, const scenario::ScenarioSpec& spec, const SeedFailure& failure,
             OutputFolder* folder) {
  const std::string replay_seed = command(options) + " --replay " + std::to_string(failure.seed);
  std::cout << "\nseed " << failure.seed << " fails: " << failure.oracle << '\n';
  if (failure.oracle == "crash") {
    std::cout << "the program itself dies of this seed\nreplay: " << replay_seed << '\n';
    return;
  }
  const system::Explorer explorer{spec};
  const system::ExploredRun found = explorer.run_seed(failure.seed);
  const system::MinimisedRun small = explorer.minimise(found);
  std::cout << small.run.text << (small.run.text.ends_with('\n') ? "" : "\n");
  std::cout << "schedule: " << small.run.schedule.size() << " of " << found.schedule.size() << " choices left after "
            << small.tries << " tries\n";
  for (const Choice& choice : small.run.schedule) std::cout << "  " << to_text(choice) << '\n';
  std::cout << "replay: " << replay_seed << " --trace text,perfetto --out DIR\n  trace hash "
            << hash_text(found.trace_hash) << '\n';
  if (folder == nullptr) return;
  const std::string name = "seed-" + std::to_string(failure.seed) + ".schedule";
  write_schedule(folder->open(name), options.scenario, small.run);
  std::cout << "the small one: " << command(options) << " --schedule " << options.out << '/' << name
            << " --trace text,perfetto --out DIR\n  trace hash " << hash_text(small.run.trace_hash) << '\n';
}

int report(const ExploreOptions& options, const scenario::ScenarioSpec& spec, const SeedReport& seeds,
           OutputFolder* folder) {
  std::cout << "explored " << options.scenario << ": seeds " << options.first << ".."
            << options.first + options.seeds - 1;
  if (seeds.interrupted) std::cout << ", interrupted after " << seeds.done << " of " << options.seeds;
  if (seeds.failures.empty()) {
    std::cout << (seeds.interrupted ? "; none of them failed\n" : "; all survived\n");
    return seeds.interrupted ? kInterrupted : kGood;
  }
  std::map<std::string, SeedFailure> first_of;  // by oracle
  for (const SeedFailure& failure : seeds.failures) first_of.emplace(failure.oracle, failure);
  if (options.keep_going) {
    std::cout << "; " << seeds.failures.size() << " failed\n";
    for (std::size_t i = 0; i < std::min(seeds.failures.size(), kMostFailuresListed); ++i) {
      std::cout << "  seed " << seeds.failures[i].seed << ": " << seeds.failures[i].oracle << '\n';
    }
    if (seeds.failures.size() > kMostFailuresListed) {
      std::cout << "  and " << seeds.failures.size() - kMostFailuresListed << " more\n";
    }
  } else {
    std::cout << "; stopped at the first failure\n";
  }
  std::vector<SeedFailure> explained;
  for (const auto& [oracle, failure] : first_of) explained.push_back(failure);
  std::sort(explained.begin(), explained.end(),
            [](const SeedFailure& a, const SeedFailure& b) { return a.seed < b.seed; });
  for (const SeedFailure& failure : explained) explain(options, spec, failure, folder);
  return seeds.interrupted ? kInterrupted : kInvariantBroken;
}

int explore(const ExploreOptions& options, const scenario::ScenarioSpec& spec, OutputFolder* folder) {
  const bool visible = !options.quiet && isatty(STDERR_FILENO) != 0;
  const std::int64_t started = wall_ns();
  const SeedReport seeds = run_seeds(
      {options.first, options.seeds}, options.workers, !options.keep_going,
      [&]() -> SeedRun {
        auto explorer = std::make_shared<system::Explorer>(spec);
        return [explorer](std::uint64_t seed) { return explorer->run_seed(seed).oracle; };
      },
      [&](std::uint64_t done) {
        if (!visible) return;
        const std::int64_t elapsed_ms = (wall_ns() - started) / 1'000'000 + 1;
        std::fprintf(stderr, "\r\033[K%llu of %llu seeds, %llu a second", static_cast<unsigned long long>(done),
                     static_cast<unsigned long long>(options.seeds),
                     static_cast<unsigned long long>(done) * 1'000 / static_cast<unsigned long long>(elapsed_ms));
        std::fflush(stderr);
      });
  if (visible) std::fputs("\r\033[K", stderr);
  return close_folder(folder, report(options, spec, seeds, folder));
}

}  // namespace

int explore_command(const ExploreOptions& options) {
  if (const std::string wrong = check_trace_kinds(options.traces); !wrong.empty()) {
    std::cerr << wrong << '\n';
    return kBadInput;
  }
  scenario::LoadOptions load_options;
  load_options.sets = options.sets;
  const scenario::LoadResult loaded = scenario::load_file(options.scenario, load_options);
  if (!loaded.ok()) return report_problems(loaded.problems);
  if (loaded.spec->stop_after) {
    std::cerr << options.scenario << ": error: an exploration wants a scenario that ends by itself; this one has a "
              << "stop rule\n";
    return kBadInput;
  }
  std::unique_ptr<OutputFolder> folder;
  if (!options.out.empty()) {
    folder = std::make_unique<OutputFolder>(options.out);
    if (!folder->error().empty()) {
      std::cerr << "error: --out " << folder->error() << '\n';
      return kBadInput;
    }
  }
  const bool single = options.replay || !options.schedule.empty();
  return single ? replay(options, *loaded.spec, folder.get()) : explore(options, *loaded.spec, folder.get());
}

}  // namespace gpusim::app
