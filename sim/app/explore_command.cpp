// SPDX-License-Identifier: MIT
#include "sim/app/explore_command.h"

#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <optional>

#include <fmt/core.h>

#include "base/closest.h"
#include "base/hash.h"
#include "sim/app/exit_code.h"
#include "sim/app/log.h"
#include "sim/app/output_folder.h"
#include "sim/app/progress.h"
#include "sim/app/report_problems.h"
#include "sim/app/schedule_file.h"
#include "sim/app/terminal_line.h"
#include "sim/app/trace_files.h"
#include "sim/experiment/process_pool.h"
#include "sim/fault/explored.h"
#include "sim/scenario/loader.h"
#include "sim/system/explorer.h"
#include "sim/system/simulation.h"

namespace gpusim::app {
namespace {

constexpr std::size_t kMostFailuresListed = 20;
constexpr const char* kGaveUp = "gave up";  // of a seed, in place of its oracle

struct SeedFailure {
  std::uint64_t seed = 0;
  std::string oracle;  ///< "crash": the process died of it
};

/// "gpusim explore FILE --set ...": the start of a command that runs the same scenario again.
std::string command(const ExploreOptions& options) {
  std::string text = "gpusim explore " + options.scenario;
  for (const std::string& set : options.sets) text += fmt::format(" --set '{}'", set);
  return text;
}

void print_run(const system::ExploredRun& run) {
  if (run.gave_up) {
    std::cout << "given up after " << system::Explorer::kMostSteps << " steps, at "
              << format_duration(run.end.time_since_epoch()) << '\n';
  } else if (run.survived()) {
    std::cout << "survived; ends at " << format_duration(run.end.time_since_epoch()) << '\n';
  } else {
    std::cout << "oracle: " << run.oracle << '\n' << run.text << (run.text.ends_with('\n') ? "" : "\n");
  }
  std::cout << "choices: " << run.schedule.size() << "\ntrace hash: " << hash_text(run.trace_hash) << '\n';
}

/// Choices of a schedule that no place asked for: a name that does not exist, or a count that never came.
[[nodiscard]] Schedule unused(const Schedule& given, const Schedule& made) {
  Schedule result;
  for (const Choice& choice : given) {
    const bool is_used = std::any_of(made.begin(), made.end(), [&](const Choice& other) {
      return other.kind == choice.kind && other.place == choice.place && other.instance == choice.instance &&
             other.count == choice.count;
    });
    if (!is_used) result.push_back(choice);
  }
  return result;
}

/// Why a choice had no effect.
std::string why_unused(const Choice& choice, const system::ExploredRun& run) {
  if (run.asked.contains(choice.place)) return to_text(choice) + " had no effect: it never came to that choice";
  std::vector<std::string_view> places{run.asked.begin(), run.asked.end()};
  for (const fault::ExploredFault& fault : fault::kExploredFaults) places.emplace_back(fault.place.name());
  const std::string near = closest(choice.place, places);
  return fmt::format("{} had no effect: no place '{}' asked in this run{}", to_text(choice), choice.place,
                     near.empty() ? "" : fmt::format("; did you mean '{}'?", near));
}

/// A run that survives without a choice of its schedule was not the run that was asked for: the name of the place may
/// be misspelt. If an oracle spoke, later choices had no chance to come.
int print_and_judge(const system::ExploredRun& run, const Schedule& without_effect) {
  const bool is_other_run = run.survived() && !without_effect.empty();
  if (!is_other_run) print_run(run);
  for (const Choice& choice : without_effect) {
    if (is_other_run) {
      log::error(why_unused(choice, run));
    } else {
      std::cout << "note: " << why_unused(choice, run) << '\n';
    }
  }
  if (is_other_run) return kBadInput;
  return run.oracle.empty() ? kGood : kInvariantBroken;
}

int close_folder(OutputFolder* folder, int code) {
  const std::string failed = folder == nullptr ? std::string{} : folder->close();
  if (failed.empty()) return code;
  log::error(failed);
  return folder->exit_code();
}

/// --replay and --schedule: one run, with traces.
int replay(const ExploreOptions& options, const scenario::ScenarioSpec& spec, OutputFolder* folder) {
  Schedule schedule;
  if (!options.schedule.empty()) {
    const auto problems = read_schedule(options.schedule, schedule);
    if (!problems.empty()) return report_problems(problems);
  }
  const system::Explorer explorer{spec};
  std::optional<TraceFiles> traces;
  const auto prepare = [&](system::Simulation& simulation) {
    if (folder != nullptr) traces.emplace(*folder, simulation, spec, options.traces);
  };
  const auto finish = [&](SimTime end) {
    if (traces) traces->finish(end);
  };
  const system::ExploredRun run = options.replay ? explorer.run_seed(*options.replay, prepare, finish)
                                                 : explorer.run_schedule(schedule, prepare, finish);
  const int code = print_and_judge(run, unused(schedule, run.schedule));
  if (folder != nullptr) write_schedule(folder->open("schedule.txt"), options.scenario, run);
  return close_folder(folder, code);
}

/// One failure in full: the oracle, the minimised schedule, how to replay it.
void explain(const ExploreOptions& options, const scenario::ScenarioSpec& spec, const SeedFailure& failure,
             OutputFolder* folder) {
  const std::string replay_seed = fmt::format("{} --replay {}", command(options), failure.seed);
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
  const std::string name = fmt::format("seed-{}.schedule", failure.seed);
  write_schedule(folder->open(name), options.scenario, small.run);
  std::cout << "the small one: " << command(options) << " --schedule " << options.out << '/' << name
            << " --trace text,perfetto --out DIR\n  trace hash " << hash_text(small.run.trace_hash) << '\n';
}

int report(const ExploreOptions& options, const scenario::ScenarioSpec& spec, const experiment::PoolReport& seeds,
           OutputFolder* folder) {
  std::cout << "explored " << options.scenario << ": seeds " << options.first << ".."
            << options.first + options.seeds - 1;
  if (seeds.interrupted) std::cout << ", interrupted after " << seeds.done << " of " << options.seeds;
  std::vector<SeedFailure> failures;
  failures.reserve(seeds.results.size());
  std::uint64_t given_up = 0;
  for (const experiment::PieceResult& result : seeds.results) {
    if (result.text == kGaveUp) {
      ++given_up;
    } else {
      failures.push_back({options.first + result.index, result.died ? "crash" : result.text});
    }
  }
  if (given_up > 0) {
    std::cout << fmt::format("; {} of {} runs given up after {} steps", given_up, seeds.done,
                             system::Explorer::kMostSteps);
  }
  if (failures.empty()) {
    if (seeds.interrupted) {
      std::cout << "; none of them failed\n";
    } else if (given_up < seeds.done) {
      std::cout << (given_up > 0 ? "; all others survived\n" : "; all survived\n");
    } else {
      std::cout << '\n';
    }
    return seeds.interrupted ? kInterrupted : kGood;
  }
  std::map<std::string, SeedFailure> first_of;  // by oracle
  for (const SeedFailure& failure : failures) first_of.emplace(failure.oracle, failure);
  if (options.keep_going) {
    std::cout << "; " << failures.size() << " failed\n";
    for (std::size_t i = 0; i < std::min(failures.size(), kMostFailuresListed); ++i) {
      std::cout << "  seed " << failures[i].seed << ": " << failures[i].oracle << '\n';
    }
    if (failures.size() > kMostFailuresListed) {
      std::cout << "  and " << failures.size() - kMostFailuresListed << " more\n";
    }
  } else {
    std::cout << "; stopped at the first failure\n";
  }
  std::vector<SeedFailure> explained;
  explained.reserve(first_of.size());
  for (const auto& [oracle, failure] : first_of) explained.push_back(failure);
  std::sort(explained.begin(), explained.end(),
            [](const SeedFailure& a, const SeedFailure& b) { return a.seed < b.seed; });
  for (const SeedFailure& failure : explained) explain(options, spec, failure, folder);
  return seeds.interrupted ? kInterrupted : kInvariantBroken;
}

int explore(const ExploreOptions& options, const scenario::ScenarioSpec& spec, OutputFolder* folder) {
  TerminalLine line{!options.quiet};
  log::info(fmt::format("seeds: {} from {} on, processes: {}", options.seeds, options.first, options.workers));
  const std::int64_t started = wall_ns();
  const auto speed = [&](std::uint64_t done) {
    const auto elapsed_ms = static_cast<std::uint64_t>((wall_ns() - started) / 1'000'000 + 1);
    return fmt::format("{} of {} seeds, {} a second", done, options.seeds, done * 1'000 / elapsed_ms);
  };
  experiment::PoolOptions pool;
  pool.pieces = options.seeds;
  pool.processes = options.workers;
  pool.first_only = !options.keep_going;
  pool.remark = kGaveUp;
  if (line.is_visible()) pool.progress = [&](std::uint64_t done) { line.show(speed(done)); };
  const experiment::PoolReport seeds = experiment::run_in_processes(pool, [&]() -> experiment::PieceWork {
    auto explorer = std::make_shared<system::Explorer>(spec);
    return [explorer, first = options.first](std::uint64_t index) {
      const system::ExploredRun run = explorer->run_seed(first + index);
      return run.gave_up ? std::string{kGaveUp} : run.oracle;
    };
  });
  line.clear();
  log::info(speed(seeds.done));
  return close_folder(folder, report(options, spec, seeds, folder));
}

}  // namespace

int explore_command(const ExploreOptions& options) {
  scenario::LoadOptions load_options;
  load_options.sets = options.sets;
  load_options.for_exploration = true;
  const scenario::LoadResult loaded = scenario::load_file(options.scenario, load_options);
  if (!loaded.ok()) return report_problems(loaded.problems, {options.sets});
  if (loaded.spec->stop_after) {
    return report_problems(
        {{{options.scenario}, "an exploration wants a scenario that ends by itself; this one has a stop rule", {}}});
  }
  std::unique_ptr<OutputFolder> folder;
  if (!options.out.empty()) {
    folder = std::make_unique<OutputFolder>(options.out, std::vector{options.scenario, options.schedule});
    if (!folder->error().empty()) {
      log::error("--out " + folder->error());
      return folder->exit_code();
    }
  }
  for (const std::string& notice : loaded.spec->notices) std::cout << "note: " << notice << '\n';
  const bool single = options.replay || !options.schedule.empty();
  return single ? replay(options, *loaded.spec, folder.get()) : explore(options, *loaded.spec, folder.get());
}

}  // namespace gpusim::app
